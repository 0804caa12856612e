using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Push;

/// <summary>
/// What is durable of pushing: how far the log was read, and what waits. Both change in one transaction, so that after a
/// crash nothing is missing and nothing waits twice; only what was delivered in the last moment may be delivered again.
/// </summary>
internal sealed class PushLedger(Database database, LogWriter log)
{
    private const string Reader = "push";

    private readonly Lock _lock = new();
    private List<QueuedPush> _done = [];
    private Task _writing = Task.CompletedTask;

    public async ValueTask<long> ReadCursorAsync()
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await LogSchema.ReadCursorAsync(session, Reader).ConfigureAwait(false);
    }

    public Task MoveCursorAsync(long position) => QueueAsync([], position);

    /// <summary>Makes durable what waits, and that the log was read up to a position.</summary>
    public Task QueueAsync(IReadOnlyList<QueuedPush> pushes, long position) => log.AppendAsync(new RowsUnit(batch =>
    {
        foreach (var p in pushes)
        {
            batch.Insert(PushSchema.Queue, p.Pusher, p.Position, p.RoomId, p.EventId, p.Sound, p.Highlight ? 1L : 0L, p.Queued);
        }

        batch.Execute(LogSchema.MoveCursorSql, Reader, position);
    }));

    /// <summary>Everything that waits, by pusher in the order of the log.</summary>
    public async ValueTask<List<QueuedPush>> ListAsync()
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.QueryAsync(
            "SELECT pusher, position, room_id, event_id, sound, highlight, queued FROM push_queue ORDER BY pusher, position",
            r => new QueuedPush(
                r.GetInt64(0), r.GetInt64(1), r.GetString(2), r.GetString(3), r.FindString(4), r.GetInt64(5) != 0, r.GetInt64(6))).ConfigureAwait(false);
    }

    /// <summary>Notes that something waits no longer. While one transaction is written the next gathers.</summary>
    public void Done(QueuedPush push)
    {
        lock (_lock)
        {
            _done.Add(push);
            if (_writing.IsCompleted)
            {
                _writing = Task.Run(WriteAsync);
            }
        }
    }

    /// <summary>Completes when all that was noted is durable, or could not be written.</summary>
    public Task FlushAsync()
    {
        lock (_lock)
        {
            return _writing;
        }
    }

    private async Task WriteAsync()
    {
        while (true)
        {
            List<QueuedPush> done;
            lock (_lock)
            {
                if (_done.Count == 0)
                {
                    // Under the lock: what is noted from here on starts another writer.
                    _writing = Task.CompletedTask;
                    return;
                }

                (done, _done) = (_done, []);
            }

            try
            {
                await log.AppendAsync(new RowsUnit(batch => done.ForEach(p => batch.Execute(
                    "DELETE FROM push_queue WHERE pusher = $1 AND position = $2", p.Pusher, p.Position)))).ConfigureAwait(false);
            }
            catch (StorageException)
            {
                // They are delivered again after a restart, which is better than a server that does not push.
            }
        }
    }

    /// <summary>Rows and statements without a decision, which take no position.</summary>
    private sealed class RowsUnit(Action<WriteBatch> rows) : LogUnit
    {
        public override int EntryCount => 0;

        public override void Write(WriteBatch batch, long first) => rows(batch);

        public override void AddEntries(List<LogEntry> entries, long first)
        {
        }
    }
}
