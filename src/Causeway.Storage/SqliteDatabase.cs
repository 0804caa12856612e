using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Causeway.Storage;

/// <summary>
/// The embedded store: WAL with synchronous=FULL (a 200 is durable), one writer, many readers, and a checkpointer of
/// its own, since a checkpoint inside COMMIT makes the worst commit about ten times longer (design.md, measured).
/// </summary>
internal sealed class SqliteDatabase : Database
{
    private const long LargestWal = 64L << 20;
    private const long SmallestWal = 4L << 20;

    private readonly string _file;
    private readonly CancellationTokenSource _stop = new();
    private Task _checkpointer = Task.CompletedTask;

    public SqliteDatabase(StorageOptions options) : base(options) =>
        _file = DataFolder.DatabaseFile(options.DataFolder);

    public override bool IsEmbedded => true;

    public override string Description => "SQLite " + SQLitePCL.raw.sqlite3_libversion().utf8_to_string();

    internal override Task PrepareAsync()
    {
        using (var connection = Connect(1))
        {
            Run(connection, "PRAGMA journal_mode=WAL");
        }

        _checkpointer = Task.Factory.StartNew(
            CheckpointLoop, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return Task.CompletedTask;
    }

    internal override Task<DbConnection> ConnectAsync(bool writer) => Task.FromResult<DbConnection>(Connect(writer ? 32 : 4));

    internal override void NameParameter(DbParameter parameter, int index) => parameter.ParameterName = $"${index + 1}";

    internal override string Translate(string ddl) => ddl;

    internal override DbTransaction Begin(DbConnection connection) =>
        ((SqliteConnection)connection).BeginTransaction(deferred: false);

    internal override Task FlushAsync(DbSession session, WriteBatch batch)
    {
        var statements = (SqliteStatements)(session.Native ??= new SqliteStatements(((SqliteConnection)session.Connection).Handle!));
        foreach (var (statement, rows) in batch.Rows)
        {
            foreach (var row in rows)
            {
                session.Count(statement.SingleRowSql);
                statements.Run(statement.SingleRowSql, row);
            }
        }

        foreach (var (sql, args) in batch.Statements)
        {
            session.Count(sql);
            statements.Run(sql, args);
        }

        return Task.CompletedTask;
    }

    public override Task BackupAsync(string file)
    {
        using var connection = Connect(1);
        using var command = connection.CreateCommand();
        command.CommandText = "VACUUM INTO $1";
        command.Parameters.AddWithValue("$1", file);
        command.ExecuteNonQuery();
        return Task.CompletedTask;
    }

    public override async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _checkpointer.ConfigureAwait(false);
        _stop.Dispose();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>
    /// The writer's cache holds the pages that commits touch again and again: read back from the WAL they cost a call each.
    /// </summary>
    private SqliteConnection Connect(int cacheMegabytes)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = _file,
            Pooling = false,
            DefaultTimeout = 30,
        }.ToString());
        connection.Open();
        Run(connection, "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA busy_timeout=30000; "
            + $"PRAGMA temp_store=MEMORY; PRAGMA cache_size=-{cacheMegabytes * 1024}; PRAGMA mmap_size=268435456");
        return connection;
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>
    /// PASSIVE copies pages while the writer goes on, and again what was written meanwhile, until little is left;
    /// TRUNCATE then holds the writer up for that rest only, so that the WAL starts again from its beginning even under a
    /// load that never pauses. A larger WAL is emptied less often and copies a page once that was written many times.
    /// </summary>
    private void CheckpointLoop()
    {
        var wal = new FileInfo(_file + "-wal");
        var disk = new DriveInfo(Path.GetFullPath(Options.DataFolder));
        while (!_stop.Token.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(250)))
        {
            wal.Refresh();
            if (!wal.Exists || wal.Length <= WalLimit(disk))
            {
                continue;
            }

            try
            {
                using var connection = Connect(1);
                for (var pass = 0; pass < 6 && FramesLeftAfterPass(connection) > 1000; pass++)
                {
                }

                Run(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
            }
            catch (SqliteException)
            {
                // A full disk: the WAL keeps growing room until space is back; commits report the fault themselves.
            }
        }
    }

    /// <summary>Where space runs short the WAL is emptied early: it must never be what fills the disk.</summary>
    private static long WalLimit(DriveInfo disk)
    {
        try
        {
            return Math.Clamp(disk.AvailableFreeSpace / 8, SmallestWal, LargestWal);
        }
        catch (IOException)
        {
            return SmallestWal;
        }
    }

    private static long FramesLeftAfterPass(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(PASSIVE)";
        using var reader = command.ExecuteReader();
        return reader.Read() ? reader.GetInt64(1) - reader.GetInt64(2) : 0;
    }
}
