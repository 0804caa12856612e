using Causeway.History;

namespace Causeway.HistoryChecker.Tests;

/// <summary>A small true history of two people in one room, to be broken by each test in one place. The clock is a
/// counter: every step takes two ticks.</summary>
internal sealed class HistoryBuilder
{
    public const string Room = "!room";
    public const string Alice = "@alice";
    public const string Bob = "@bob";

    private readonly List<SeenEvent> _room = [];
    private long _now;

    public HistoryBuilder(HistoryVisibility visibility = HistoryVisibility.Shared)
    {
        History.Rooms.Add(new CheckedRoom(Room, Alice, visibility));
        Change(Alice, joins: true);
    }

    public RecordedHistory History { get; } = new();

    public HistoryBuilder Change(string user, bool joins, Outcome outcome = Outcome.Acknowledged)
    {
        History.Memberships.Add(new MembershipAttempt(user, Room, joins, ++_now, ++_now, outcome));
        return this;
    }

    /// <summary>An acknowledged message, in the room, not yet seen by anybody.</summary>
    public SeenEvent Send(string marker, Outcome outcome = Outcome.Acknowledged, bool isInRoom = true)
    {
        var seen = new SeenEvent("$" + marker, marker);
        Attempt(marker, outcome, outcome == Outcome.Acknowledged ? seen.EventId : null);
        if (isInRoom)
        {
            _room.Add(seen);
        }

        return seen;
    }

    public HistoryBuilder Attempt(string marker, Outcome outcome, string? eventId)
    {
        History.Sends.Add(new SendAttempt(Alice, Room, "t-" + marker, marker, ++_now, ++_now, outcome, eventId));
        return this;
    }

    public HistoryBuilder Sync(string user, params SeenEvent[] events) => Batch(user, false, events);

    public HistoryBuilder Batch(string user, bool restarts, params SeenEvent[] events)
    {
        History.Batches.Add(new SyncBatch(user, Room, restarts, events));
        return this;
    }

    public HistoryBuilder Value(ValueKey key, string value, Outcome outcome = Outcome.Acknowledged)
    {
        History.Values.Add(new ValueAttempt(key, value, ++_now, outcome));
        return this;
    }

    public HistoryBuilder Read(string user, bool isMember, params SeenEvent[] events)
    {
        History.Readings.Add(new RoomReading(user, Room, "/messages", isMember, events));
        return this;
    }

    /// <summary>The promises found broken, after the creator has read the whole room.</summary>
    public string[] Promises()
    {
        History.Readings.Insert(0, new RoomReading(Alice, Room, "/messages", true, [.. _room]));
        return [.. HistoryProof.Check(History).Select(violation => violation.Promise).Distinct()];
    }
}
