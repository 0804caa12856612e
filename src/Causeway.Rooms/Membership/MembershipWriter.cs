using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>
/// Changes of membership. Each is one m.room.member event through the one door; the auth rules have the last word.
/// </summary>
public sealed class MembershipWriter(
    EventWriter writer, RoomRegistry rooms, UserRoomsCache userRooms, ProfileStore profiles, IOrganisationResolver organisations,
    InvitePermissions permissions, Succession succession)
{
    /// <summary>Joins; a person who is in already stays in, and nothing is written.</summary>
    public async Task<RoomId> JoinAsync(Requester requester, RoomId id, string? reason)
    {
        requester.CheckNotSuspended();
        var room = await rooms.FindAsync(id).ConfigureAwait(false)
            ?? throw Refusal.NotFound("There is no such room.");
        var profile = await profiles.FindAsync(requester.User).ConfigureAwait(false);
        var entered = false;
        var mayVouch = await MeetsRestrictionAsync(room, requester.User).ConfigureAwait(false);
        await writer.AppendAsync(
            id, Writer.Of(requester),
            (_, state) =>
            {
                var now = state.MembershipOf(requester.User.Value);
                if (now == Membership.Join)
                {
                    return [];
                }

                if (requester.IsGuest && state.Text("m.room.guest_access", "guest_access") != "can_join")
                {
                    throw new Refusal(403, "M_GUEST_ACCESS_FORBIDDEN", "This room does not admit guests.");
                }

                UserId? vouching = now != Membership.Invite && IsRestricted(state)
                    ? mayVouch ? FindVoucher(state) : throw Refusal.Forbidden("You are not in any of the rooms whose members may join.")
                    : null;
                entered = true;
                return [Member(requester.User, Membership.Join, profile, reason, vouching)];
            },
            unchanged: state => state.Members[requester.User.Value].Event.Id).ConfigureAwait(false);
        if (entered)
        {
            await succession.EnteredAsync(requester.User, room).ConfigureAwait(false);
        }

        return id;
    }

    /// <summary>Invites somebody.</summary>
    public async Task InviteAsync(Requester requester, RoomId id, UserId target, string? reason)
    {
        var profile = await InvitableAsync(requester, target).ConfigureAwait(false);
        await ChangeAsync(requester, id, target, Membership.Invite, reason, profile, now => now switch
        {
            Membership.Join => Refusal.Forbidden("This person is in the room already."),
            Membership.Ban => Refusal.Forbidden("This person is banned from the room."),
            _ => null,
        }).ConfigureAwait(false);
    }

    /// <summary>Asks to be let in.</summary>
    public async Task KnockAsync(Requester requester, RoomId id, string? reason)
    {
        var profile = await profiles.FindAsync(requester.User).ConfigureAwait(false);
        _ = await rooms.FindAsync(id).ConfigureAwait(false) ?? throw Refusal.NotFound("There is no such room.");
        await ChangeAsync(requester, id, requester.User, Membership.Knock, reason, profile, now => now switch
        {
            Membership.Join => Refusal.Forbidden("You are in the room already."),
            Membership.Invite => Refusal.Forbidden("You are invited already."),
            Membership.Ban => Refusal.Forbidden("You are banned from the room."),
            _ => null,
        }).ConfigureAwait(false);
    }

    /// <summary>Leaves a room, refuses an invitation or takes back a knock; having left already is fine.</summary>
    public Task LeaveAsync(Requester requester, RoomId id, string? reason) =>
        ChangeAsync(requester, id, requester.User, Membership.Leave, reason, null, now => now switch
        {
            Membership.Ban => Refusal.Forbidden("You are banned from the room."),
            _ => null,
        });

    /// <summary>Removes somebody who is joined, invited or knocking.</summary>
    public Task KickAsync(Requester requester, RoomId id, UserId target, string? reason) =>
        ChangeAsync(requester, id, target, Membership.Leave, reason, null, now => now switch
        {
            Membership.Ban => Refusal.Forbidden("This person is banned; unban instead."),
            Membership.Leave => Refusal.Forbidden("This person is not in the room."),
            _ => null,
        });

    /// <summary>Bans somebody.</summary>
    public Task BanAsync(Requester requester, RoomId id, UserId target, string? reason) =>
        ChangeAsync(requester, id, target, Membership.Ban, reason, null, _ => null);

    /// <summary>Lifts a ban; the person stays out.</summary>
    public Task UnbanAsync(Requester requester, RoomId id, UserId target, string? reason) =>
        ChangeAsync(requester, id, target, Membership.Leave, reason, null, now =>
            now == Membership.Ban ? null : Refusal.Forbidden("This person is not banned."));

    /// <summary>A member event's content.</summary>
    internal static NewEvent Member(
        UserId target, Membership membership, Profile? profile, string? reason, UserId? vouching = null, bool isDirect = false) =>
        new(EventTypes.Member, target.Value, Json.Object(json =>
        {
            json.WriteString("membership"u8, membership.ToWire());
            if (profile?.DisplayName is { } name)
            {
                json.WriteString("displayname"u8, name);
            }

            if (profile?.AvatarUrl is { } avatar)
            {
                json.WriteString("avatar_url"u8, avatar);
            }

            if (isDirect)
            {
                json.WriteBoolean("is_direct"u8, true);
            }

            if (reason is not null)
            {
                json.WriteString("reason"u8, reason);
            }

            if (vouching is { } voucher)
            {
                json.WriteString("join_authorised_via_users_server"u8, voucher.Value);
            }
        }));

    /// <summary>The profile of somebody who can be invited: an account of a hosted organisation.</summary>
    private async Task<Profile?> ExistingAsync(UserId target)
    {
        if (organisations.Find(target.ServerName) is null)
        {
            throw Refusal.NotFound($"This server cannot reach {target.ServerName} yet.");
        }

        return await profiles.FindAsync(target).ConfigureAwait(false) ?? throw Refusal.NotFound("There is no such person.");
    }

    /// <summary>Refuses when an invitation cannot be refused: the organisation's own ("Server Notices").</summary>
    internal static void CheckLeave(RoomSnapshot state, UserId user)
    {
        if (state.Members.TryGetValue(user.Value, out var e) && e.Event.Membership == Membership.Invite
            && e.Event.Sender.Localpart == AccountStore.NoticesLocalpart)
        {
            throw new Refusal(403, "M_CANNOT_LEAVE_SERVER_NOTICE_ROOM", "You cannot refuse the notices of your server.");
        }
    }

    /// <summary>The profile of somebody whom this person may invite.</summary>
    internal async Task<Profile?> InvitableAsync(Requester requester, UserId target)
    {
        var profile = await ExistingAsync(target).ConfigureAwait(false);
        await permissions.CheckAsync(target, requester.User).ConfigureAwait(false);
        return profile;
    }

    private async Task ChangeAsync(
        Requester requester, RoomId id, UserId target, Membership wanted, string? reason, Profile? profile,
        Func<Membership, Refusal?> check)
    {
        if (wanted != Membership.Leave || target != requester.User)
        {
            requester.CheckNotSuspended();
        }

        _ = await rooms.FindAsync(id).ConfigureAwait(false) ?? throw RoomAccess.NotInRoom();
        await writer.AppendAsync(
            id, Writer.Of(requester),
            (_, state) =>
            {
                if (check(state.MembershipOf(target.Value)) is { } refusal)
                {
                    throw refusal;
                }

                if (wanted == Membership.Leave && target == requester.User)
                {
                    CheckLeave(state, target);
                }

                if (wanted == Membership.Leave && target == requester.User && state.MembershipOf(target.Value) == Membership.Leave)
                {
                    return state.Members.ContainsKey(target.Value) ? [] : throw RoomAccess.NotInRoom();
                }

                return [Member(target, wanted, profile, reason)];
            },
            unchanged: state => state.Members[target.Value].Event.Id).ConfigureAwait(false);
    }

    private static bool IsRestricted(RoomSnapshot state) =>
        state.Text(EventTypes.JoinRules, "join_rule") is "restricted" or "knock_restricted";

    /// <summary>Whether the person is in one of the rooms that a restricted join rule names.</summary>
    internal async ValueTask<bool> MeetsRestrictionAsync(Room room, UserId user)
    {
        if (!IsRestricted(room.Committed) || room.Committed.Find(EventTypes.JoinRules, "") is not { } rules)
        {
            return false;
        }

        var mine = await userRooms.ListAsync(user.Value).ConfigureAwait(false);
        var allowed = RoomPreviews.AllowedRooms(rules.Event);
        return mine.Any(m => m.Membership == Membership.Join && allowed.Contains(m.RoomId.Value));
    }

    /// <summary>A joined person of a hosted organisation whose power suffices to invite.</summary>
    private UserId FindVoucher(RoomSnapshot state)
    {
        var power = state.Power;
        foreach (var (user, e) in state.Members)
        {
            if (e.Event.Membership == Membership.Join && UserId.TryParse(user, out var id)
                && organisations.Find(id.ServerName) is not null && power.UserLevel(id) >= power.Invite)
            {
                return id;
            }
        }

        throw new Refusal(400, "M_UNABLE_TO_GRANT_JOIN", "Nobody of this server in the room may let you in.");
    }
}
