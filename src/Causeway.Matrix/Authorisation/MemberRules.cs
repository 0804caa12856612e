using static Causeway.Matrix.AuthVerdict;

namespace Causeway.Matrix;

/// <summary>Rule 5: <c>m.room.member</c>.</summary>
internal static class MemberRules
{
    public static AuthVerdict Check(AuthState view)
    {
        RoomEvent e = view.Event;
        if (e.StateKey is null || e.ContentString("membership") is null)
        {
            return Refuse("5.1: no state key or no membership");
        }

        if (!UserId.TryParse(e.StateKey, out UserId target))
        {
            return Refuse("5.1: the state key is not a user id");
        }

        if (e.Rules.RestrictedJoinsAllowed && !IsSignedByAuthoriser(e))
        {
            return Refuse("5.2: not signed by the server of join_authorised_via_users_server");
        }

        return e.Membership switch
        {
            Membership.Join => CheckJoin(view, target),
            Membership.Invite => CheckInvite(view, target),
            Membership.Leave => CheckLeave(view, target),
            Membership.Ban => CheckBan(view, target),
            Membership.Knock when e.Rules.KnockAllowed => CheckKnock(view, target),
            _ => Refuse("5.8: unknown membership"),
        };
    }

    private static bool IsSignedByAuthoriser(RoomEvent e)
    {
        ReadOnlySpan<byte> value = JsonMembers.Find(e.Content.Span, "join_authorised_via_users_server"u8);
        return value.IsEmpty
            || (UserId.TryParse(JsonMembers.AsString(value), out UserId user)
                && SignedJson.KeyIdsOf(e.Json.Span, user.ServerName.Value).Count > 0);
    }

    private static AuthVerdict CheckJoin(AuthState view, UserId target)
    {
        RoomEvent e = view.Event;
        if (e.PrevEvents.Count == 1 && e.PrevEvents[0] == view.Create.Id
            && view.Create.CreateContent.FirstCreator == target.Value)
        {
            return Allow;
        }

        if (e.Sender != target)
        {
            return Refuse("5.3.2: one user cannot join for another");
        }

        Membership current = view.MembershipOf(target);
        if (current == Membership.Ban)
        {
            return Refuse("5.3.3: the sender is banned");
        }

        bool isInvitedOrIn = current is Membership.Invite or Membership.Join;
        return view.JoinRule switch
        {
            JoinRule.Public => Allow,
            JoinRule.Invite or JoinRule.Knock => isInvitedOrIn ? Allow : Refuse("5.3.4: the sender is not invited"),
            JoinRule.Restricted or JoinRule.KnockRestricted => isInvitedOrIn || IsAuthorised(view)
                ? Allow
                : Refuse("5.3.5: no member who may invite let the sender in"),
            JoinRule.Private or JoinRule.Unknown => Refuse("5.3.7: the join rule lets no one in"),
        };
    }

    private static bool IsAuthorised(AuthState view) =>
        UserId.TryParse(view.Event.ContentString("join_authorised_via_users_server"), out UserId authoriser)
        && view.MembershipOf(authoriser) == Membership.Join
        && view.PowerLevels.UserLevel(authoriser) >= view.PowerLevels.Invite;

    private static AuthVerdict CheckInvite(AuthState view, UserId target)
    {
        RoomEvent e = view.Event;
        Membership current = view.MembershipOf(target);
        if (ThirdPartyInvites.IsPresent(e.Content.Span))
        {
            return current == Membership.Ban ? Refuse("5.4.1.1: the target is banned") : ThirdPartyInvites.Check(view, target);
        }

        if (view.MembershipOf(e.Sender) != Membership.Join)
        {
            return Refuse("5.4.2: the sender is not in the room");
        }

        if (current is Membership.Join or Membership.Ban)
        {
            return Refuse("5.4.3: the target is in the room or banned");
        }

        return view.PowerLevels.UserLevel(e.Sender) >= view.PowerLevels.Invite
            ? Allow
            : Refuse("5.4.5: the sender may not invite");
    }

    private static AuthVerdict CheckLeave(AuthState view, UserId target)
    {
        UserId sender = view.Event.Sender;
        Membership current = view.MembershipOf(target);
        if (sender == target)
        {
            bool mayLeave = current is Membership.Invite or Membership.Join
                || (current == Membership.Knock && view.Event.Rules.KnockAllowed);
            return mayLeave ? Allow : Refuse("5.5.1: there is nothing to leave");
        }

        if (view.MembershipOf(sender) != Membership.Join)
        {
            return Refuse("5.5.2: the sender is not in the room");
        }

        long power = view.PowerLevels.UserLevel(sender);
        if (current == Membership.Ban && power < view.PowerLevels.Ban)
        {
            return Refuse("5.5.3: the sender may not lift bans");
        }

        return power >= view.PowerLevels.Kick && view.PowerLevels.UserLevel(target) < power
            ? Allow
            : Refuse("5.5.5: the sender may not remove this user");
    }

    private static AuthVerdict CheckBan(AuthState view, UserId target)
    {
        UserId sender = view.Event.Sender;
        if (view.MembershipOf(sender) != Membership.Join)
        {
            return Refuse("5.6.1: the sender is not in the room");
        }

        long power = view.PowerLevels.UserLevel(sender);
        return power >= view.PowerLevels.Ban && view.PowerLevels.UserLevel(target) < power
            ? Allow
            : Refuse("5.6.3: the sender may not ban this user");
    }

    private static AuthVerdict CheckKnock(AuthState view, UserId target)
    {
        if (view.JoinRule is not (JoinRule.Knock or JoinRule.KnockRestricted))
        {
            return Refuse("5.7.1: the room takes no knocks");
        }

        if (view.Event.Sender != target)
        {
            return Refuse("5.7.2: one user cannot knock for another");
        }

        return view.MembershipOf(target) is Membership.Ban or Membership.Invite or Membership.Join
            ? Refuse("5.7.4: the sender is banned, invited or in the room")
            : Allow;
    }
}
