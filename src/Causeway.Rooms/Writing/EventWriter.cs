using Causeway.Hosting;
using Causeway.Matrix;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Rooms;

/// <summary>
/// The one door by which an event enters a room (D3): messages, state, joins, invites, room creation. Under the room's
/// write lock an event is built on the latest state, authorised, signed and handed to the log; the lock is free again
/// before it is durable, and the caller is answered after.
/// </summary>
public sealed class EventWriter(
    RoomRegistry rooms, EventStore store, EventIndex index, LogWriter log, RoomEffects effects, TimeProvider clock, IdSource ids)
{
    private long _lastCreation;

    /// <summary>What the caller wants, given the state it will be built on; a <see cref="Refusal"/> changes nothing.</summary>
    public delegate IReadOnlyList<NewEvent> Plan(Room room, RoomSnapshot state);

    /// <summary>Appends one event.</summary>
    public async Task<EventId> AppendAsync(RoomId roomId, Writer writer, NewEvent wanted) =>
        await AppendAsync(roomId, writer, (_, _) => [wanted]).ConfigureAwait(false);

    /// <summary>
    /// Appends what the plan wants, all or nothing; the last event's id. An empty plan answers with the id that
    /// <paramref name="unchanged"/> finds (state that is already so).
    /// </summary>
    public async Task<EventId> AppendAsync(
        RoomId roomId, Writer writer, Plan plan, TimelineEvent? redact = null, Func<RoomSnapshot, EventId>? unchanged = null,
        Action<WriteBatch, long>? alongside = null)
    {
        while (true)
        {
            var room = await rooms.GetAsync(roomId).ConfigureAwait(false);
            var asked = room.MustAskStoreOf(writer.Device);
            if (writer.Transaction is { } transaction && asked
                && await store.FindTransactionAsync(room, writer.Device, transaction).ConfigureAwait(false) is { } earlier)
            {
                return earlier;
            }

            if (redact is not null)
            {
                // Its row is changed by the redaction's transaction, so it has to be there.
                await index.ReachAsync(room.Nid, redact.Position).ConfigureAwait(false);
            }

            (TimelineEvent Event, Task Done) last;
            await room.WriteLock.WaitAsync().ConfigureAwait(false);
            try
            {
                // Again from the start when the room was let go, or forgot this device's transactions since it was asked.
                if (room.IsEvicted || room.Chain.IsBroken || (!asked && room.MustAskStoreOf(writer.Device)))
                {
                    continue;
                }

                if (writer.Transaction is { } t && room.FindTransaction(writer.Device, t) is { } running)
                {
                    last = running;
                }
                else
                {
                    var wanted = plan(room, room.Latest);
                    if (wanted.Count == 0)
                    {
                        return unchanged!(room.Latest);
                    }

                    last = Submit(room, writer, wanted, redact, alongside);
                }
            }
            finally
            {
                room.WriteLock.Release();
            }

            await last.Done.ConfigureAwait(false);
            return last.Event.Event.Id;
        }
    }

    /// <summary>Makes a room: its create event and everything after it, in one transaction.</summary>
    /// <param name="writer">The creator.</param>
    /// <param name="rules">The room version.</param>
    /// <param name="roomId">The id, or null where it follows from the create event (version 12).</param>
    /// <param name="wanted">The create event first.</param>
    /// <param name="alongside">Rows that stand or fall with it.</param>
    /// <param name="decide">A check inside the transaction.</param>
    public async Task<Room> CreateAsync(
        Writer writer, RoomVersionRules rules, RoomId? roomId, Func<RoomId, IReadOnlyList<NewEvent>> wanted,
        Action<WriteBatch, long>? alongside = null, Func<DbSession, long, ValueTask>? decide = null)
    {
        var create = wanted(roomId ?? default)[0];
        var first = Guard(() => EventBuilder.Build(
            new EventDraft
            {
                RoomId = roomId,
                Sender = writer.User,
                Type = create.Type,
                StateKey = create.StateKey,
                Content = create.Content,
                OriginServerTs = NextCreation(),
                Depth = 1,
                LegacyEventId = LegacyId(rules, writer),
            },
            rules, writer.Organisation.Signer));
        var room = new Room(first.RoomId, rules);
        var start = new TimelineEvent { Event = first };
        Authorise(first, RoomSnapshot.Empty);
        var events = new List<TimelineEvent> { start };
        var replaced = new List<TimelineEvent?> { null };
        var state = RoomSnapshot.Empty.After(start);
        foreach (var next in wanted(first.RoomId).Skip(1))
        {
            try
            {
                state = Build(room, state, writer, next, events, replaced);
            }
            catch (Refusal refusal) when (refusal.Status == 403)
            {
                throw new Refusal(400, "M_INVALID_ROOM_STATE", refusal.Message);
            }
        }

        var unit = new RoomUnit(room, events, state, effects, index)
        {
            CreatesRoom = true, Replaced = replaced, Alongside = alongside, Decide = decide,
        };
        room.PendingUnits++;
        room.Latest = state;
        await log.AppendAsync(unit).ConfigureAwait(false);
        return room;
    }

    /// <summary>
    /// The time for a create event. In version 12 the room id is that event's hash, so two rooms that one person makes
    /// in the same millisecond would be one: no two create events of this server have the same time.
    /// </summary>
    private long NextCreation()
    {
        while (true)
        {
            var last = Interlocked.Read(ref _lastCreation);
            var next = Math.Max(clock.GetUtcNow().ToUnixTimeMilliseconds(), last + 1);
            if (Interlocked.CompareExchange(ref _lastCreation, next, last) == last)
            {
                return next;
            }
        }
    }

    private (TimelineEvent Event, Task Done) Submit(
        Room room, Writer writer, IReadOnlyList<NewEvent> wanted, TimelineEvent? redact, Action<WriteBatch, long>? alongside)
    {
        var events = new List<TimelineEvent>(wanted.Count);
        var replaced = new List<TimelineEvent?>(wanted.Count);
        var state = room.Latest;
        foreach (var next in wanted)
        {
            state = Build(room, state, writer, next, events, replaced);
        }

        TimelineEvent? redacted = null;
        if (redact is { RedactedBy: null })
        {
            redacted = redact.Redacted(events[^1].Event);
            state = state.WithRedacted(redacted);
        }

        var unit = new RoomUnit(room, events, state, effects, index)
        {
            Replaced = replaced,
            Redacted = redacted,
            Unrelated = redacted is null ? null : Relation.Of(redact!.Event),
            Alongside = alongside,
        };
        Interlocked.Increment(ref room.PendingUnits);
        room.Remember(events[^1], unit.Done);
        log.Enqueue(unit);
        room.Latest = state;
        return (events[^1], unit.Done);
    }

    private RoomSnapshot Build(
        Room room, RoomSnapshot state, Writer writer, NewEvent wanted, List<TimelineEvent> into, List<TimelineEvent?> replacedInto)
    {
        if (wanted.Type.Contains('\0', StringComparison.Ordinal) || wanted.StateKey?.Contains('\0', StringComparison.Ordinal) == true)
        {
            throw Refusal.InvalidParam("An event type or state key must not hold a NUL.");
        }

        var auth = new List<EventId>();
        foreach (var key in AuthRules.RequiredState(wanted.Type, wanted.StateKey, writer.User, wanted.Content, room.Rules))
        {
            if (state.Find(key) is { } needed)
            {
                auth.Add(needed.Id);
            }
        }

        var e = Guard(() => EventBuilder.Build(
            new EventDraft
            {
                RoomId = room.Id,
                Sender = writer.User,
                Type = wanted.Type,
                StateKey = wanted.StateKey,
                Content = wanted.Content,
                OriginServerTs = wanted.OriginServerTs ?? clock.GetUtcNow().ToUnixTimeMilliseconds(),
                Depth = state.Depth + 1,
                PrevEvents = state.Extremities,
                AuthEvents = auth,
                Redacts = wanted.Redacts,
                LegacyEventId = LegacyId(room.Rules, writer),
            },
            room.Rules, writer.Organisation.Signer));
        Authorise(e, state);
        var replaced = e.StateKey is { } stateKey ? state.Find(e.Type, stateKey) : null;
        var timeline = new TimelineEvent
        {
            Event = e,
            Device = writer.Device,
            Transaction = writer.Transaction,
            Replaces = replaced?.Event,
        };
        into.Add(timeline);
        replacedInto.Add(replaced);
        return state.After(timeline);
    }

    private static void Authorise(RoomEvent e, RoomSnapshot state)
    {
        var verdict = AuthRules.Check(e, state.Find);
        if (!verdict.Allowed)
        {
            throw Refusal.Forbidden(verdict.Reason ?? "The room's rules do not allow this.");
        }
    }

    /// <summary>Rooms of version 1 and 2 name their events; later ones hash them.</summary>
    private EventId? LegacyId(RoomVersionRules rules, Writer writer) => rules.EventIdFormat == EventIdFormat.Legacy
        ? EventId.Parse($"${ids.Letters(18)}:{writer.Organisation.ServerName}")
        : null;

    private static RoomEvent Guard(Func<RoomEvent> build)
    {
        try
        {
            return build();
        }
        catch (EventTooLargeException e)
        {
            throw Refusal.TooLarge(e.Message);
        }
        catch (Exception e) when (e is CanonicalJsonException or MalformedEventException)
        {
            throw Refusal.BadJson(e.Message);
        }
    }
}
