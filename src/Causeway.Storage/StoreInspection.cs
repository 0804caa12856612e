using Microsoft.Data.Sqlite;
using Npgsql;

namespace Causeway.Storage;

/// <summary>What a store says of itself.</summary>
/// <param name="Description">Its name and version.</param>
/// <param name="Encoding">The encoding of its texts.</param>
/// <param name="IsHeld">Whether a server uses it.</param>
/// <param name="Settings">Settings that durability depends on.</param>
/// <param name="Migrations">The schema steps it has; null where it holds no data yet.</param>
public sealed record StoreFacts(
    string Description, string Encoding, bool IsHeld, IReadOnlyDictionary<string, string> Settings,
    IReadOnlyList<(string Room, long Number)>? Migrations);

/// <summary>Looks at a store without taking or changing it, so that it works beside a running server.</summary>
public static class StoreInspection
{
    /// <summary>The store's facts; null when the embedded database does not exist yet.</summary>
    /// <exception cref="StorageException">It cannot be read; the message says why.</exception>
    public static async Task<StoreFacts?> ReadAsync(StorageOptions options)
    {
        try
        {
            return options.PostgresConnection is { } connection
                ? await ReadPostgresAsync(connection).ConfigureAwait(false)
                : ReadSqlite(options.DataFolder);
        }
        catch (Exception e) when (e is NpgsqlException or SqliteException or ArgumentException or FormatException)
        {
            throw new StorageException(e.Message, e);
        }
    }

    /// <summary>SQLite's own check of a database file: null when it is sound, else what is wrong.</summary>
    public static string? FindDamage(string file)
    {
        try
        {
            using var connection = OpenSqlite(file);
            var answer = Ask(connection, "PRAGMA quick_check(5)");
            return answer == "ok" ? null : answer;
        }
        catch (SqliteException e)
        {
            return e.Message;
        }
    }

    /// <summary>The first column of a query; empty where the store does not exist.</summary>
    public static async Task<List<string>> ListAsync(StorageOptions options, string sql)
    {
        try
        {
            if (options.PostgresConnection is { } connectionString)
            {
                await using var connection = new NpgsqlConnection(connectionString);
                await connection.OpenAsync().ConfigureAwait(false);
                await using var command = new NpgsqlCommand(sql, connection);
                await using var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
                return Texts(reader);
            }

            var file = DataFolder.DatabaseFile(options.DataFolder);
            if (!File.Exists(file))
            {
                return [];
            }

            using var embedded = OpenSqlite(file);
            using var query = embedded.CreateCommand();
            query.CommandText = sql;
            using var rows = query.ExecuteReader();
            return Texts(rows);
        }
        catch (System.Data.Common.DbException e)
        {
            throw new StorageException(e.Message, e);
        }
    }

    private static List<string> Texts(System.Data.Common.DbDataReader reader)
    {
        List<string> texts = [];
        while (reader.Read())
        {
            texts.Add(reader.GetString(0));
        }

        return texts;
    }

    private static StoreFacts? ReadSqlite(string folder)
    {
        var file = DataFolder.DatabaseFile(folder);
        if (!File.Exists(file))
        {
            return null;
        }

        using var connection = OpenSqlite(file);
        return new StoreFacts(
            "SQLite " + connection.ServerVersion,
            Ask(connection, "PRAGMA encoding"),
            DataFolder.IsHeld(folder),
            new Dictionary<string, string> { ["journal_mode"] = Ask(connection, "PRAGMA journal_mode") },
            ReadMigrations(connection));
    }

    private static SqliteConnection OpenSqlite(string file)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = file,
            Mode = SqliteOpenMode.ReadOnly,
            Pooling = false,
        }.ToString());
        connection.Open();
        return connection;
    }

    private static string Ask(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToString(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture) ?? "";
    }

    private static List<(string, long)>? ReadMigrations(SqliteConnection connection)
    {
        if (Ask(connection, "SELECT count(*) FROM sqlite_master WHERE name = 'migrations'") == "0")
        {
            return null;
        }

        using var command = connection.CreateCommand();
        command.CommandText = Migrator.ReadSql;
        using var reader = command.ExecuteReader();
        List<(string, long)> rows = [];
        while (reader.Read())
        {
            rows.Add((reader.GetString(0), reader.GetInt64(1)));
        }

        return rows;
    }

    private static async Task<StoreFacts> ReadPostgresAsync(string connectionString)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, Timeout = 5 };
        await using var connection = new NpgsqlConnection(builder.ConnectionString);
        await connection.OpenAsync().ConfigureAwait(false);
        var settings = new Dictionary<string, string>();
        foreach (var name in (string[])["fsync", "full_page_writes", "synchronous_commit", "max_connections"])
        {
            settings[name] = await AskAsync(connection, $"SHOW {name}").ConfigureAwait(false);
        }

        var held = await AskAsync(
            connection,
            "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE d.datname = current_database() "
            + $"AND l.locktype = 'advisory' AND l.granted AND (l.classid::bigint << 32 | l.objid::bigint) = {PostgresDatabase.SingleServerLock}").ConfigureAwait(false);
        return new StoreFacts(
            "PostgreSQL " + connection.PostgreSqlVersion,
            await AskAsync(connection, "SHOW server_encoding").ConfigureAwait(false),
            held != "0",
            settings,
            await ReadMigrationsAsync(connection).ConfigureAwait(false));
    }

    private static async Task<string> AskAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToString(
            await command.ExecuteScalarAsync().ConfigureAwait(false), System.Globalization.CultureInfo.InvariantCulture) ?? "";
    }

    private static async Task<List<(string, long)>?> ReadMigrationsAsync(NpgsqlConnection connection)
    {
        if (await AskAsync(connection, "SELECT to_regclass('migrations')::text").ConfigureAwait(false) == "")
        {
            return null;
        }

        await using var command = new NpgsqlCommand(Migrator.ReadSql, connection);
        await using var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
        List<(string, long)> rows = [];
        while (await reader.ReadAsync().ConfigureAwait(false))
        {
            rows.Add((reader.GetString(0), reader.GetInt64(1)));
        }

        return rows;
    }
}
