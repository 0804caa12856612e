using System.Collections.Immutable;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>
/// A room's state at one moment, immutable: readers take the committed one without a lock while writers already build
/// on the next. Members are kept apart, since they are many and the rest is few.
/// </summary>
public sealed class RoomSnapshot
{
    private PowerLevels? _power;

    /// <summary>The empty room before its create event.</summary>
    public static RoomSnapshot Empty { get; } = new()
    {
        State = ImmutableDictionary<StateKey, TimelineEvent>.Empty,
        Members = ImmutableDictionary.Create<string, TimelineEvent>(StringComparer.Ordinal),
        Extremities = [],
    };

    /// <summary>State events but members.</summary>
    public required ImmutableDictionary<StateKey, TimelineEvent> State { get; init; }

    /// <summary>Member events by state key.</summary>
    public required ImmutableDictionary<string, TimelineEvent> Members { get; init; }

    /// <summary>The forward extremities.</summary>
    public required IReadOnlyList<EventId> Extremities { get; init; }

    /// <summary>The depth of the newest event.</summary>
    public long Depth { get; init; }

    /// <summary>How many are joined.</summary>
    public int Joined { get; init; }

    /// <summary>How many are invited.</summary>
    public int Invited { get; init; }

    /// <summary>The log position up to which it holds; set by the commit.</summary>
    public long Position { get; internal set; }

    /// <summary>The power levels in force.</summary>
    public PowerLevels Power => _power ??= PowerLevels.Of(
        Find(EventTypes.PowerLevels, "")?.Event, Find(EventTypes.Create, "")?.Event);

    /// <summary>A state event, or null.</summary>
    public TimelineEvent? Find(string type, string key) =>
        type == EventTypes.Member ? Members.GetValueOrDefault(key) : State.GetValueOrDefault(new StateKey(type, key));

    /// <summary>A state event for the kernel's rules.</summary>
    public RoomEvent? Find(StateKey key) => Find(key.Type, key.Key)?.Event;

    /// <summary>A person's membership; Leave when there is none.</summary>
    public Membership MembershipOf(string user) =>
        Members.TryGetValue(user, out var e) ? e.Event.Membership ?? Membership.Leave : Membership.Leave;

    /// <summary>Whether the person is joined.</summary>
    public bool IsJoined(UserId user) => MembershipOf(user.Value) == Membership.Join;

    /// <summary>A string in a state event's content, or null.</summary>
    public string? Text(string type, string field) => Find(type, "")?.Event.ContentString(field);

    /// <summary>All state events.</summary>
    public IEnumerable<TimelineEvent> All => State.Values.Concat(Members.Values);

    /// <summary>The snapshot after one more event.</summary>
    public RoomSnapshot After(TimelineEvent e)
    {
        var joined = Joined;
        var invited = Invited;
        var state = State;
        var members = Members;
        if (e.Event.StateKey is { } key)
        {
            if (e.Event.Type == EventTypes.Member)
            {
                Count(MembershipOf(key), -1, ref joined, ref invited);
                Count(e.Event.Membership ?? Membership.Leave, 1, ref joined, ref invited);
                members = members.SetItem(key, e);
            }
            else
            {
                state = state.SetItem(new StateKey(e.Event.Type, key), e);
            }
        }

        return new RoomSnapshot
        {
            State = state,
            Members = members,
            Extremities = [e.Event.Id],
            Depth = e.Event.Depth,
            Joined = joined,
            Invited = invited,
            _power = e.Event.Type is EventTypes.PowerLevels or EventTypes.Create ? null : _power,
        };
    }

    /// <summary>The snapshot in which a redacted state event stands in its emptied form.</summary>
    public RoomSnapshot WithRedacted(TimelineEvent redacted)
    {
        if (redacted.Event.StateKey is not { } key || Find(redacted.Event.Type, key)?.Event.Id != redacted.Event.Id)
        {
            return this;
        }

        var isMember = redacted.Event.Type == EventTypes.Member;
        return new RoomSnapshot
        {
            State = isMember ? State : State.SetItem(new StateKey(redacted.Event.Type, key), redacted),
            Members = isMember ? Members.SetItem(key, redacted) : Members,
            Extremities = Extremities,
            Depth = Depth,
            Joined = Joined,
            Invited = Invited,
        };
    }

    private static void Count(Membership membership, int by, ref int joined, ref int invited)
    {
        joined += membership == Membership.Join ? by : 0;
        invited += membership == Membership.Invite ? by : 0;
    }
}
