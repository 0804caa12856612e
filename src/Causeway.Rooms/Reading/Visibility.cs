using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>
/// The one filter through which every event read passes (security.md, family (f)): history visibility exactly as in the
/// Client-server API, "Room history visibility", rules 1 to 5.
/// </summary>
public sealed class Visibility(EventStore store, IgnoredUsers ignoredUsers, InvitePermissions invitations)
{
    /// <summary>Whether an invitation is shown to the one it invites.</summary>
    public async ValueTask<bool> ShowsInviteAsync(RoomEvent invitation) =>
        UserId.TryParse(invitation.StateKey, out var invited)
        && await invitations.JudgeAsync(invited, invitation.Sender).ConfigureAwait(false) == InviteVerdict.Show;

    /// <summary>What one person may see of a room.</summary>
    public async ValueTask<RoomView> ForAsync(Room room, UserId user)
    {
        var ignored = await ignoredUsers.OfAsync(user).ConfigureAwait(false);
        var member = room.Committed.Members.GetValueOrDefault(user.Value);
        if (member?.Event.Membership == Membership.Join
            && room.VisibilityHistory.All(v => v.Visibility is not ("invited" or "joined")))
        {
            return new RoomView(room, user, null, member, ignored);
        }

        var history = member is null ? [] : await store.StateHistoryAsync(room, EventTypes.Member, user.Value).ConfigureAwait(false);
        return new RoomView(room, user, history, member, ignored);
    }
}

/// <summary>What one person may see of one room.</summary>
public sealed class RoomView
{
    private readonly UserId _user;
    private readonly IReadOnlyList<(long Position, string Visibility)> _visibility;
    private readonly List<TimelineEvent>? _memberships;
    private readonly TimelineEvent? _member;
    private readonly IReadOnlySet<string> _ignored;

    internal RoomView(
        Room room, UserId user, List<TimelineEvent>? memberships, TimelineEvent? member, IReadOnlySet<string> ignored)
    {
        _user = user;
        _visibility = room.VisibilityHistory;
        _memberships = memberships;
        _member = member;
        _ignored = ignored;
    }

    /// <summary>Whether the event may be shown.</summary>
    public bool MaySee(TimelineEvent e)
    {
        // What ignored people say is not shown; the state they set is the room's ("Ignoring Users").
        if (_ignored.Count > 0 && !e.Event.IsState && Ignores(e.Event.Sender.Value))
        {
            return false;
        }

        // Joined now, and never a stricter rule than "shared": everything (rule 2 or 3).
        if (_memberships is null)
        {
            return true;
        }

        // What happened to oneself (invited, removed, banned) one may know, whatever the room's rule.
        if (e.Event.Type == EventTypes.Member && e.Event.StateKey == _user.Value)
        {
            return true;
        }

        // An event that changes the visibility is judged by the more permissive side.
        var visible = Allows(VisibilityBefore(e.Position), e.Position);
        if (!visible && e.Event is { Type: EventTypes.HistoryVisibility, StateKey: "" })
        {
            visible = Allows(e.Event.ContentString("history_visibility") ?? "shared", e.Position);
        }

        return visible;
    }

    /// <summary>The person's membership at an event, when it is known without asking the store.</summary>
    public Membership? MembershipAt(TimelineEvent e) => _memberships is null
        ? _member is not null && _member.Position <= e.Position ? Membership.Join : null
        : MembershipUpTo(e.Position);

    /// <summary>Where the person last left; null when still joined, or never joined.</summary>
    public long? LeftAt
    {
        get
        {
            var joined = _memberships?.FindLastIndex(m => m.Event.Membership == Membership.Join) ?? -1;
            return joined >= 0 && joined + 1 < _memberships!.Count ? _memberships[joined + 1].Position : null;
        }
    }

    /// <summary>Whether the person was joined at a position.</summary>
    public bool WasJoinedAt(long position) => _memberships is null
        ? _member!.Position <= position
        : MembershipUpTo(position) == Membership.Join;

    /// <summary>Whether no message event of the room is held back.</summary>
    internal bool SeesAllMessages => _memberships is null && _ignored.Count == 0;

    /// <summary>Whether a message event may be shown, known by its position and sender alone.</summary>
    public bool MaySeeMessage(long position, string sender) =>
        !Ignores(sender) && (_memberships is null || Allows(VisibilityBefore(position), position));

    /// <summary>Nobody can ignore themselves.</summary>
    private bool Ignores(string sender) => _ignored.Contains(sender) && sender != _user.Value;

    private bool Allows(string visibility, long position) => visibility switch
    {
        "world_readable" => true,
        _ when MembershipUpTo(position) == Membership.Join => true,
        "joined" => false,
        "invited" => MembershipUpTo(position) == Membership.Invite,
        _ => _memberships!.Exists(m => m.Position > position && m.Event.Membership == Membership.Join),
    };

    private Membership MembershipUpTo(long position) =>
        _memberships!.FindLast(m => m.Position <= position)?.Event.Membership ?? Membership.Leave;

    private string VisibilityBefore(long position)
    {
        for (var i = _visibility.Count - 1; i >= 0; i--)
        {
            if (_visibility[i].Position < position)
            {
                return _visibility[i].Visibility;
            }
        }

        return "shared";
    }
}
