using System.Globalization;
using Causeway.Matrix;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Rooms;

/// <summary>
/// Writes the rows of <c>events</c> (by room, by id, by transaction) late, many at once (ADR 9). A message is durable with
/// its row of the log alone; its index rows wait here, in memory, and go to the store a thousand together, because a row
/// at a time would rewrite a page in each of three trees for every message. State events have theirs at once.
/// </summary>
public sealed class EventIndex(Database database, LogWriter log)
{
    /// <summary>How many may wait; beyond it those of the rooms that wait longest are written, room by room.</summary>
    private const int Enough = 1024;

    /// <summary>How many one transaction takes: a commit must not keep others waiting.</summary>
    private const int Slice = 128;

    private const long FarBehind = 65_536;
    private const string Reader = "events";

    private readonly Lock _lock = new();
    private readonly Dictionary<long, List<TimelineEvent>> _waiting = [];
    private readonly List<(long Room, int Count)> _writing = [];
    private Task _flush = Task.CompletedTask;
    private long? _wanted;
    private int _count;
    private long _newest;
    private long _cursor;

    /// <summary>
    /// Indexes what a server that stopped or was killed left waiting; to be called before the log is opened.
    /// </summary>
    public static async Task CatchUpAsync(Database database)
    {
        if (!database.IsEmbedded)
        {
            return;
        }

        await using var writer = await database.OpenWriterAsync().ConfigureAwait(false);
        await writer.BeginAsync().ConfigureAwait(false);
        var cursor = await LogSchema.ReadCursorAsync(writer.Session, Reader).ConfigureAwait(false);
        var rows = await writer.Session.QueryAsync(
            "SELECT room, position, key, aside FROM log WHERE position > $1 AND kind = $2 ORDER BY room, position",
            r => (Room: r.GetInt64(0), Position: r.GetInt64(1), Id: r.GetString(2), Sent: SentBy.Parse(r.FindString(3))),
            cursor, (long)LogKind.Event).ConfigureAwait(false);
        var batch = new WriteBatch();
        foreach (var row in rows)
        {
            batch.Insert(RoomsSchema.Events, row.Room, row.Position, row.Id, row.Sent?.Device, row.Sent?.Transaction, null);
        }

        batch.Execute(LogSchema.MoveCursorToHeadSql, Reader);
        await writer.FlushAsync(batch).ConfigureAwait(false);
        await writer.CommitAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// Whether an event's index row may wait. On PostgreSQL none does: other processes read that store (D6), and its
    /// pages are not rewritten with every commit.
    /// </summary>
    internal bool MayWait(RoomEvent e) => database.IsEmbedded && !e.IsState;

    /// <summary>Takes note of a committed event; called in commit order, before anybody can find it.</summary>
    internal void Add(long room, TimelineEvent e)
    {
        lock (_lock)
        {
            if (_cursor == 0)
            {
                _cursor = e.Position;
            }

            _newest = e.Position;
            if (MayWait(e.Event))
            {
                if (!_waiting.TryGetValue(room, out var events))
                {
                    _waiting[room] = events = [];
                }

                events.Add(e);
                _count++;
            }

            if (_count >= Enough || _newest - _cursor > FarBehind)
            {
                StartFlush();
            }
        }
    }

    /// <summary>Waits until the store's index holds every event of a room up to a position.</summary>
    internal async ValueTask ReachAsync(long room, long upTo = long.MaxValue)
    {
        while (true)
        {
            Task flush;
            lock (_lock)
            {
                if (!_waiting.TryGetValue(room, out var events) || events[0].Position > upTo)
                {
                    return;
                }

                _wanted = room;
                flush = StartFlush();
            }

            await flush.ConfigureAwait(false);
        }
    }

    /// <summary>An event of a room that waits, or null: then the store has it, if there is one. Ask before the store.</summary>
    internal TimelineEvent? FindWaiting(long room, Predicate<TimelineEvent> match)
    {
        lock (_lock)
        {
            return _waiting.GetValueOrDefault(room)?.Find(match);
        }
    }

    /// <summary>An event that waits, of whatever room, or null: then the store has it, if there is one. Ask before the store.</summary>
    internal TimelineEvent? FindWaiting(EventId id)
    {
        lock (_lock)
        {
            return _waiting.Values.Select(events => events.Find(e => e.Event.Id == id)).FirstOrDefault(e => e is not null);
        }
    }

    private Task StartFlush() => _flush = _flush.IsCompleted ? log.AppendAsync(new FlushUnit(this)) : _flush;

    private void Write(WriteBatch batch)
    {
        lock (_lock)
        {
            _writing.Clear();
            _cursor = _newest;
            var left = Slice;
            foreach (var (room, events) in _waiting.OrderByDescending(w => w.Key == _wanted).ThenBy(w => w.Value[0].Position))
            {
                // All of the room that a reader waits for, and a slice of the others.
                var count = room == _wanted ? events.Count : Math.Min(events.Count, left);
                left = Math.Max(0, left - count);
                _writing.Add((room, count));
                for (var i = 0; i < count; i++)
                {
                    var sent = SentBy.Of(events[i]);
                    batch.Insert(
                        RoomsSchema.Events, room, events[i].Position, events[i].Event.Id.Value, sent?.Device, sent?.Transaction, null);
                }

                // Whatever comes after the cursor is indexed again after a crash.
                if (count < events.Count)
                {
                    _cursor = Math.Min(_cursor, events[count].Position - 1);
                }
            }

            _wanted = null;
            batch.Execute(LogSchema.MoveCursorSql, Reader, _cursor);
        }
    }

    private void Written()
    {
        lock (_lock)
        {
            foreach (var (room, count) in _writing)
            {
                var events = _waiting[room];
                events.RemoveRange(0, count);
                _count -= count;
                if (events.Count == 0)
                {
                    _waiting.Remove(room);
                }
            }
        }
    }

    /// <summary>Writes what waits in a transaction of the log; it takes no position.</summary>
    private sealed class FlushUnit(EventIndex index) : LogUnit
    {
        public override int EntryCount => 0;

        public override void Write(WriteBatch batch, long first) => index.Write(batch);

        public override void AddEntries(List<LogEntry> entries, long first) { }

        public override void OnCommitted(long first) => index.Written();
    }
}

/// <summary>The device and transaction that sent an event, as the log keeps them beside it.</summary>
internal sealed record SentBy(long Device, string Transaction)
{
    public static SentBy? Of(TimelineEvent e) =>
        e.Device == 0 || e.Transaction is null ? null : new SentBy(e.Device, e.Transaction);

    public static SentBy? Parse(string? aside)
    {
        if (aside is null)
        {
            return null;
        }

        var space = aside.IndexOf(' ', StringComparison.Ordinal);
        return new SentBy(long.Parse(aside.AsSpan(0, space), CultureInfo.InvariantCulture), aside[(space + 1)..]);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Device} {Transaction}");
}
