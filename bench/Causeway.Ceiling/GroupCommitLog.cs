using System.Threading.Channels;
using SQLitePCL;

namespace Causeway.Ceiling;

/// <summary>One writer thread that commits whatever has queued up since the last commit, and answers after the commit.
/// A second thread moves the write-ahead log into the database, so that no commit has to.</summary>
internal sealed class GroupCommitLog : IDisposable
{
    private const int MostPerCommit = 512;
    private const long CheckpointAtBytes = 16 << 20;

    private readonly Channel<Entry> _queue = Channel.CreateUnbounded<Entry>(new UnboundedChannelOptions { SingleReader = true });
    private readonly string _path;
    private readonly Thread _writer;
    private readonly Thread _checkpointer;
    private readonly CancellationTokenSource _stop = new();

    public GroupCommitLog(string folder)
    {
        Batteries_V2.Init();
        Directory.CreateDirectory(folder);
        _path = Path.Combine(folder, "ceiling.db");
        using (var database = Open())
        {
            Run(database, "CREATE TABLE IF NOT EXISTS event (position INTEGER PRIMARY KEY, event_id TEXT NOT NULL, json BLOB NOT NULL)");
        }

        _writer = new Thread(WriteUntilStopped) { IsBackground = true, Name = "writer" };
        _checkpointer = new Thread(CheckpointUntilStopped) { IsBackground = true, Name = "checkpointer" };
        _writer.Start();
        _checkpointer.Start();
    }

    /// <summary>Completes when the event is on disk.</summary>
    public Task AppendAsync(string eventId, byte[] json)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _queue.Writer.TryWrite(new Entry(eventId, json, done));
        return done.Task;
    }

    public void Dispose()
    {
        _queue.Writer.Complete();
        _stop.Cancel();
        _writer.Join();
        _checkpointer.Join();
        _stop.Dispose();
    }

    private sqlite3 Open()
    {
        Check(raw.sqlite3_open(_path, out var database));
        Run(database, "PRAGMA journal_mode=WAL");
        Run(database, "PRAGMA synchronous=FULL");
        Run(database, "PRAGMA wal_autocheckpoint=0");
        raw.sqlite3_busy_timeout(database, 5000);
        return database;
    }

    private void WriteUntilStopped()
    {
        using var database = Open();
        var insert = Prepare(database, "INSERT INTO event (event_id, json) VALUES (?, ?)");
        var begin = Prepare(database, "BEGIN IMMEDIATE");
        var commit = Prepare(database, "COMMIT");
        List<Entry> batch = new(MostPerCommit);
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (batch.Count < MostPerCommit && _queue.Reader.TryRead(out var entry))
            {
                batch.Add(entry);
            }

            Step(begin);
            foreach (var entry in batch)
            {
                raw.sqlite3_bind_text(insert, 1, entry.EventId);
                raw.sqlite3_bind_blob(insert, 2, entry.Json);
                Step(insert);
            }

            Step(commit);
            foreach (var entry in batch)
            {
                entry.Done.SetResult();
            }

            batch.Clear();
        }

        insert.Dispose();
        begin.Dispose();
        commit.Dispose();
    }

    private void CheckpointUntilStopped()
    {
        using var database = Open();
        var log = new FileInfo(_path + "-wal");
        while (!_stop.Token.WaitHandle.WaitOne(100))
        {
            log.Refresh();
            if (log.Exists && log.Length > CheckpointAtBytes)
            {
                // Most of the work without holding anybody up, then the short rest and the cut under the lock.
                raw.sqlite3_wal_checkpoint_v2(database, null, raw.SQLITE_CHECKPOINT_PASSIVE, out _, out _);
                raw.sqlite3_wal_checkpoint_v2(database, null, raw.SQLITE_CHECKPOINT_TRUNCATE, out _, out _);
            }
        }
    }

    private static sqlite3_stmt Prepare(sqlite3 database, string sql)
    {
        Check(raw.sqlite3_prepare_v2(database, sql, out var statement));
        return statement;
    }

    private static void Step(sqlite3_stmt statement)
    {
        var result = raw.sqlite3_step(statement);
        raw.sqlite3_reset(statement);
        if (result != raw.SQLITE_DONE)
        {
            Check(result);
        }
    }

    private static void Run(sqlite3 database, string sql) => Check(raw.sqlite3_exec(database, sql));

    private static void Check(int result)
    {
        if (result != raw.SQLITE_OK)
        {
            // The yardstick has no answer to a broken disk: end loudly rather than measure nonsense.
            Environment.FailFast($"SQLite answered {result}.");
        }
    }

    private readonly record struct Entry(string EventId, byte[] Json, TaskCompletionSource Done);
}
