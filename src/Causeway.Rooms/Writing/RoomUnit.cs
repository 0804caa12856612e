using Causeway.Matrix;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Rooms;

/// <summary>Events of one room that become durable together, with the state they leave.</summary>
internal sealed class RoomUnit(
    Room room, List<TimelineEvent> events, RoomSnapshot after, RoomEffects effects, EventIndex index) : LogUnit
{
    // Read when the unit is made, not by the one task that writes.
    private readonly List<(TimelineEvent Event, Relation Relation)>? _relations = RelationsOf(events);

    public override int EntryCount => events.Count;

    public override LogChain? Chain => room.Chain;

    /// <summary>The redacted form of an older event that one of these redacts.</summary>
    public TimelineEvent? Redacted { get; init; }

    /// <summary>What the redacted event related to.</summary>
    public Relation? Unrelated { get; init; }

    /// <summary>What each event replaced in the state; it may be of the same batch, with a position only now.</summary>
    public required IReadOnlyList<TimelineEvent?> Replaced { get; init; }

    /// <summary>True for the unit that makes the room.</summary>
    public bool CreatesRoom { get; init; }

    /// <summary>Rows that must stand or fall with the events (an alias, the published mark).</summary>
    public Action<WriteBatch, long>? Alongside { get; init; }

    /// <summary>Decides inside the transaction whether the unit may be written (a unique alias).</summary>
    public Func<DbSession, long, ValueTask>? Decide { get; init; }

    public override bool HasWork => Decide is not null;

    public override ValueTask WorkAsync(DbSession session, long first) => Decide!(session, first);

    public override void Write(WriteBatch batch, long first)
    {
        var nid = CreatesRoom ? first : room.Nid;
        if (CreatesRoom)
        {
            batch.Insert(RoomsSchema.Rooms, nid, room.Id.Value, room.Rules.Version);
        }

        for (var i = 0; i < events.Count; i++)
        {
            var e = events[i];
            var position = first + i;

            // Nobody reads an event before the commit publishes it; those built on it need its position in this very batch.
            e.Position = position;
            var waits = index.MayWait(e.Event);
            var sent = SentBy.Of(e);
            LogSchema.AddRow(
                batch, new LogEntry(position, LogKind.Event, nid, e.Event.Sender.Value, e.Event.Id.Value), e.Event.Json.ToArray(),
                waits ? sent?.ToString() : null);
            if (!waits)
            {
                batch.Insert(
                    RoomsSchema.Events, nid, position, e.Event.Id.Value, sent?.Device, sent?.Transaction, Replaced[i]?.Position);
            }

            if (e.Event.StateKey is { } key)
            {
                batch.Insert(RoomsSchema.StateHistory, nid, e.Event.Type, key, position);
                batch.Insert(RoomsSchema.CurrentState, nid, e.Event.Type, key, position);
                if (e.Event.Type == EventTypes.Member)
                {
                    batch.Insert(
                        RoomsSchema.Memberships, key, nid, (e.Event.Membership ?? Membership.Leave).ToWire(), position, 0L);
                }
            }
        }

        foreach (var (e, relation) in _relations ?? [])
        {
            RelationIndex.Add(batch, nid, e, relation);
        }

        if (Redacted is not null)
        {
            batch.Execute("UPDATE log SET body = $1 WHERE position = $2", Redacted.Event.Json.ToArray(), Redacted.Position);
            batch.Execute(
                "UPDATE events SET redacted_by = $1 WHERE room = $2 AND position = $3", first + events.Count - 1, nid, Redacted.Position);
            if (Unrelated is { } relation)
            {
                RelationIndex.Remove(batch, nid, Redacted.Position, relation);
            }
        }

        Alongside?.Invoke(batch, nid);
    }

    public override void AddEntries(List<LogEntry> entries, long first)
    {
        for (var i = 0; i < events.Count; i++)
        {
            entries.Add(new LogEntry(
                first + i, LogKind.Event, room.Nid, events[i].Event.Sender.Value, events[i].Event.Id.Value));
        }
    }

    public override void OnCommitted(long first)
    {
        if (CreatesRoom)
        {
            room.Nid = first;
        }

        for (var i = 0; i < events.Count; i++)
        {
            events[i].Position = first + i;
            index.Add(room.Nid, events[i]);
        }

        room.Publish(events, after, Redacted);
        Interlocked.Decrement(ref room.PendingUnits);
        effects.Committed(room, events, CreatesRoom);
    }

    public override void Wake(Notifier notifier) => effects.Wake(room, events, notifier);

    private static List<(TimelineEvent, Relation)>? RelationsOf(List<TimelineEvent> events)
    {
        List<(TimelineEvent, Relation)>? found = null;
        foreach (var e in events)
        {
            if (Relation.Of(e.Event) is { } relation)
            {
                (found ??= []).Add((e, relation));
            }
        }

        return found;
    }
}
