using Causeway.Matrix;
using Causeway.Rooms;
using Causeway.Streams;

namespace Causeway.Push;

/// <summary>
/// Says who is to be told of an entry of the log: members of the room who have a pusher and whose rules want it. It costs
/// nothing where nobody has one, and never more than the shorter list: the members, or the people with pushers.
/// </summary>
internal sealed class PushEvaluator(
    PusherStore pushers, PushRules rules, IgnoredUsers ignored, RoomRegistry rooms, EventStore events, Badges badges, TimeProvider clock)
{
    /// <summary>Nobody wants to be woken for what happened longer ago.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromHours(24);

    /// <summary>Adds what an event's notifications are.</summary>
    /// <param name="entry">An entry of the kind <see cref="LogKind.Event"/>.</param>
    /// <param name="into">Receives them.</param>
    public async ValueTask EvaluateAsync(LogEntry entry, List<QueuedPush> into)
    {
        if (!EventId.TryParse(entry.Key, out var id) || await FindRoomAsync(entry.Room, id).ConfigureAwait(false) is not { } room
            || await events.FindAsync(room, id).ConfigureAwait(false) is not { RedactedBy: null } e)
        {
            return;
        }

        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        if (now - e.Event.OriginServerTs > MaxAge.TotalMilliseconds)
        {
            return;
        }

        // The state at the event where memory still has it; a reader that far behind takes what is.
        var state = room.SnapshotAt(e.Position) ?? room.Committed;
        foreach (var user in Candidates(state, e))
        {
            var own = pushers.Of(user).Where(p => p.IsEnabled && p.Nid < e.Position).ToList();
            if (e.Event.Redacts is not null || e.Event.StateKey == user)
            {
                badges.Changed(user, room.Nid);
            }

            if (own.Count == 0 || !Concerns(own[0].User, e, state) || await OutcomeAsync(own[0].User, e, state).ConfigureAwait(false) is not { Notify: true } outcome)
            {
                continue;
            }

            badges.Changed(user, room.Nid);
            into.AddRange(own.Select(p => new QueuedPush(
                p.Nid, e.Position, room.Id.Value, e.Event.Id.Value, outcome.Sound, outcome.Highlight, now)));
        }
    }

    /// <summary>Takes note of a moved receipt.</summary>
    public void HasRead(string user, long room) => badges.Changed(user, room);

    private async ValueTask<Room?> FindRoomAsync(long nid, EventId id) => rooms.FindLoaded(nid)
        ?? (await events.LocateAsync(id).ConfigureAwait(false) is { } place ? await rooms.FindAsync(place.Room).ConfigureAwait(false) : null);

    /// <summary>Whether a person may be told of an event as things are now: in the room, or asked into it.</summary>
    public static bool Concerns(UserId user, TimelineEvent e, RoomSnapshot state) => state.MembershipOf(user.Value) switch
    {
        Membership.Join => true,
        Membership.Invite => e.Event is { Type: EventTypes.Member, Membership: Membership.Invite } && e.Event.StateKey == user.Value,
        _ => false,
    };

    private async ValueTask<PushOutcome> OutcomeAsync(UserId user, TimelineEvent e, RoomSnapshot state)
    {
        if ((await ignored.OfAsync(user).ConfigureAwait(false)).Contains(e.Event.Sender.Value))
        {
            return default;
        }

        var ruleset = await rules.GetAsync(user).ConfigureAwait(false);
        return ruleset.Evaluate(e.Event, new PushContext(
            user, state.Members.GetValueOrDefault(user.Value)?.Event.ContentString("displayname"), state.Joined, state.Power));
    }

    private IEnumerable<string> Candidates(RoomSnapshot state, TimelineEvent e)
    {
        var joined = state.Members.Count < pushers.UserCount
            ? state.Members.Where(m => m.Value.Event.Membership == Membership.Join).Select(m => m.Key)
            : pushers.Users.Where(user => state.MembershipOf(user) == Membership.Join);
        var moved = e.Event is { Type: EventTypes.Member, StateKey: { } who, Membership: not Membership.Join } ? who : null;
        return joined.Concat(moved is null ? [] : [moved]);
    }
}
