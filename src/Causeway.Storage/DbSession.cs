using System.Data.Common;

namespace Causeway.Storage;

/// <summary>
/// One connection with its prepared commands. SQL is portable, arguments are <c>$1, $2 ...</c>; values are long,
/// string, byte[] or null. A session serves one caller at a time; disposing gives it back to its pool.
/// </summary>
public sealed class DbSession : IAsyncDisposable
{
    private readonly Dictionary<string, DbCommand> _commands = new(StringComparer.Ordinal);
    private readonly Database _database;

    internal DbSession(Database database, DbConnection connection)
    {
        _database = database;
        Connection = connection;
    }

    internal DbConnection Connection { get; }

    internal DbTransaction? Transaction { get; set; }

    /// <summary>What the store's subclass keeps with the connection (SQLite's own prepared statements).</summary>
    internal IDisposable? Native { get; set; }

    /// <summary>All rows, mapped.</summary>
    public async ValueTask<List<T>> QueryAsync<T>(string sql, Func<DbDataReader, T> map, params object?[] args)
    {
        var rows = new List<T>();
        try
        {
            var command = Prepare(sql, args);
            await using var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
            while (await reader.ReadAsync().ConfigureAwait(false))
            {
                rows.Add(map(reader));
            }
        }
        catch (Exception e) when (IsStoreFault(e))
        {
            throw Fault(e, sql);
        }

        return rows;
    }

    /// <summary>The first row, mapped, or default.</summary>
    public async ValueTask<T?> FindAsync<T>(string sql, Func<DbDataReader, T> map, params object?[] args)
    {
        try
        {
            var command = Prepare(sql, args);
            await using var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
            return await reader.ReadAsync().ConfigureAwait(false) ? map(reader) : default;
        }
        catch (Exception e) when (IsStoreFault(e))
        {
            throw Fault(e, sql);
        }
    }

    /// <summary>Runs a statement; the number of rows it changed.</summary>
    public async ValueTask<int> ExecuteAsync(string sql, params object?[] args)
    {
        try
        {
            return await Prepare(sql, args).ExecuteNonQueryAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (IsStoreFault(e))
        {
            throw Fault(e, sql);
        }
    }

    /// <summary>Gives the session back; one that broke is closed instead.</summary>
    public ValueTask DisposeAsync() => _database.ReturnAsync(this);

    internal bool IsBroken { get; private set; }

    internal async ValueTask CloseAsync()
    {
        foreach (var command in _commands.Values)
        {
            await command.DisposeAsync().ConfigureAwait(false);
        }

        _commands.Clear();
        Native?.Dispose();
        Native = null;
        await Connection.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Counts the call for fault injection; called by everything that touches the store.</summary>
    internal void Count(string what) => _database.Options.Faults?.Count(what);

    /// <summary>A lost connection shows itself as an InvalidOperationException as well.</summary>
    internal bool IsStoreFault(Exception e) =>
        e is DbException || (e is InvalidOperationException && Connection.State != System.Data.ConnectionState.Open);

    internal StorageException Fault(Exception fault, string sql)
    {
        // A constraint or syntax error leaves the connection good; anything else may not.
        var e = fault as DbException;
        IsBroken |= e?.SqlState is null || e.SqlState.StartsWith("08", StringComparison.Ordinal)
            || e.SqlState.StartsWith("57", StringComparison.Ordinal);
        return new StorageException($"{fault.Message} [{(sql.Length > 120 ? sql[..120] : sql)}]", fault);
    }

    internal DbCommand Prepare(string sql, object?[] args)
    {
        Count(sql);
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = Connection.CreateCommand();
            command.CommandText = sql;
            for (var i = 0; i < args.Length; i++)
            {
                var parameter = command.CreateParameter();
                _database.NameParameter(parameter, i);
                command.Parameters.Add(parameter);
            }

            // Unbounded SQL texts would be a leak: only constant texts and a few built lists are ever sent.
            _commands[sql] = command;
        }

        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] is string text && text.Contains('\0', StringComparison.Ordinal))
            {
                throw new UnstorableTextException();
            }

            command.Parameters[i].Value = args[i] ?? DBNull.Value;
        }

        command.Transaction = Transaction;
        return command;
    }
}

/// <summary>Reading helpers for nullable columns.</summary>
public static class ReaderExtensions
{
    /// <summary>A text column that may be NULL.</summary>
    public static string? FindString(this DbDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);

    /// <summary>An integer column that may be NULL.</summary>
    public static long? FindInt64(this DbDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetInt64(column);

    /// <summary>A blob column.</summary>
    public static byte[] GetBytes(this DbDataReader reader, int column) => reader.GetFieldValue<byte[]>(column);

    /// <summary>A blob column that may be NULL.</summary>
    public static byte[]? FindBytes(this DbDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<byte[]>(column);
}
