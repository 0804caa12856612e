using System.Data.Common;
using Npgsql;
using NpgsqlTypes;

namespace Causeway.Storage;

/// <summary>PostgreSQL: the same SQL, bulk rows as <c>unnest</c> arrays, one round trip for a flush.</summary>
internal sealed class PostgresDatabase : Database
{
    /// <summary>The advisory lock that keeps a second server off the same database ("causeway" as a number).</summary>
    internal const long SingleServerLock = 0x63617573_65776179;

    private readonly NpgsqlDataSource _source;
    private NpgsqlConnection? _lock;
    private string _description = "PostgreSQL";

    public PostgresDatabase(StorageOptions options, string connection) : base(options)
    {
        var builder = new NpgsqlConnectionStringBuilder(connection)
        {
            MaxAutoPrepare = 200,
            AutoPrepareMinUsages = 2,
            NoResetOnClose = true,
            Enlist = false,
        };
        _source = NpgsqlDataSource.Create(builder);
    }

    public override string Description => _description;

    public override bool IsEmbedded => false;

    internal override async Task PrepareAsync()
    {
        await HoldLockAsync().ConfigureAwait(false);
        _description = "PostgreSQL " + _lock!.PostgreSqlVersion;
    }

    internal override async Task<DbConnection> ConnectAsync(bool writer)
    {
        // A restart of PostgreSQL ends the lock with its connection: a writer begins by having it again.
        if (writer)
        {
            await HoldLockAsync().ConfigureAwait(false);
        }

        return await _source.OpenConnectionAsync().ConfigureAwait(false);
    }

    internal override void NameParameter(DbParameter parameter, int index)
    {
        // Positional: $1 is the first parameter without a name.
    }

    internal override string Translate(string ddl) => ddl
        .Replace("INTEGER PRIMARY KEY", "BIGINT PRIMARY KEY", StringComparison.Ordinal)
        .Replace(" BLOB", " BYTEA", StringComparison.Ordinal)
        .Replace(" TEXT", " TEXT COLLATE \"C\"", StringComparison.Ordinal)
        .Replace(" WITHOUT ROWID", "", StringComparison.Ordinal);

    internal override DbTransaction Begin(DbConnection connection) => connection.BeginTransaction();

    internal override async Task FlushAsync(DbSession session, WriteBatch batch)
    {
        await using var command = new NpgsqlBatch((NpgsqlConnection)session.Connection, (NpgsqlTransaction?)session.Transaction);
        foreach (var (statement, rows) in batch.Rows)
        {
            session.Count(statement.UnnestSql);
            command.BatchCommands.Add(Unnest(statement, LastOfEachKey(statement, rows)));
        }

        foreach (var (sql, args) in batch.Statements)
        {
            session.Count(sql);
            var one = new NpgsqlBatchCommand(sql);
            foreach (var arg in args)
            {
                one.Parameters.Add(new NpgsqlParameter { Value = arg ?? DBNull.Value });
            }

            command.BatchCommands.Add(one);
        }

        await command.ExecuteNonQueryAsync().ConfigureAwait(false);
    }

    public override Task BackupAsync(string file) =>
        throw new StorageException("Use pg_dump or continuous archiving for PostgreSQL; 'causeway backup' prints the command.", null);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync().ConfigureAwait(false);
        if (_lock is not null)
        {
            await _lock.DisposeAsync().ConfigureAwait(false);
        }

        await _source.DisposeAsync().ConfigureAwait(false);
    }

    private async Task HoldLockAsync()
    {
        if (_lock is not null)
        {
            try
            {
                await using var alive = new NpgsqlCommand("SELECT 1", _lock);
                await alive.ExecuteScalarAsync().ConfigureAwait(false);
                return;
            }
            catch (Exception e) when (e is DbException or InvalidOperationException)
            {
                await _lock.DisposeAsync().ConfigureAwait(false);
                _lock = null;
            }
        }

        var connection = await _source.OpenConnectionAsync().ConfigureAwait(false);
        try
        {
            // The session of a server that was killed a moment ago may still hold it.
            for (var attempt = 0; !await TryLockAsync(connection).ConfigureAwait(false); attempt++)
            {
                if (attempt == 20)
                {
                    throw new StorageException("Another Causeway process uses this database. Stop it first.", null) { IsHeld = true };
                }

                await Task.Delay(100).ConfigureAwait(false);
            }
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        _lock = connection;
    }

    private static async Task<bool> TryLockAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand("SELECT pg_try_advisory_lock($1)", connection)
        {
            Parameters = { new() { Value = SingleServerLock } },
        };
        return await command.ExecuteScalarAsync().ConfigureAwait(false) is true;
    }

    private static NpgsqlBatchCommand Unnest(BulkStatement statement, List<object?[]> rows)
    {
        var command = new NpgsqlBatchCommand(statement.UnnestSql);
        for (var c = 0; c < statement.Columns.Count; c++)
        {
            var column = c;
            command.Parameters.Add(statement.Columns[c].Type switch
            {
                ColumnType.Integer => new NpgsqlParameter
                {
                    Value = rows.ConvertAll(r => (long?)r[column]).ToArray(),
                    NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint,
                },
                ColumnType.Text => new NpgsqlParameter
                {
                    Value = rows.ConvertAll(r => (string?)r[column]).ToArray(),
                    NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
                },
                ColumnType.Blob => new NpgsqlParameter
                {
                    Value = rows.ConvertAll(r => (byte[]?)r[column]).ToArray(),
                    NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea,
                },
            });
        }

        return command;
    }

    private static List<object?[]> LastOfEachKey(BulkStatement statement, List<object?[]> rows)
    {
        if (statement.KeyColumns == 0 || rows.Count == 1)
        {
            return rows;
        }

        var last = new Dictionary<string, object?[]>(StringComparer.Ordinal);
        foreach (var row in rows)
        {
            var key = string.Join('\u001f', row.Take(statement.KeyColumns));
            if (statement.GreatestColumn is not { } column || !last.TryGetValue(key, out var other) || (long)other[column]! <= (long)row[column]!)
            {
                last[key] = row;
            }
        }

        return [.. last.Values];
    }
}
