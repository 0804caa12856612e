using Causeway.Storage;

namespace Causeway.Operations.Tests;

/// <summary>A store to migrate: what its tables look like and rows of made-up values for every one of them.</summary>
internal sealed class TestStore : IAsyncDisposable
{
    private readonly Folder _folder = new();
    private readonly string? _connection;

    private TestStore(string? connection) => _connection = connection;

    public string[] Arguments => _connection is null ? ["--data", _folder["data"]] : ["--data", _folder["data"], "--database", _connection];

    public static async Task<TestStore> CreateAsync(string kind) =>
        new(kind == Databases.Postgres ? await (await PostgresServer.SharedAsync()).CreateDatabaseAsync("migrate") : null);

    public async Task<T> UseAsync<T>(Func<Database, Task<T>> use, StorageFaults? faults = null)
    {
        await using var database = await Database.OpenAsync(
            new StorageOptions { DataFolder = _folder["data"], PostgresConnection = _connection, Faults = faults });
        return await use(database);
    }

    /// <summary>Tables, columns and indexes, one line each.</summary>
    public async Task<List<string>> SchemaAsync(Database database)
    {
        await using var session = await database.ReadAsync();
        var columns = (await ColumnsAsync(session)).Select(c => $"{c.Table}.{c.Column} {c.Type}");
        var indexes = await session.QueryAsync(
            _connection is null
                ? "SELECT name FROM sqlite_master WHERE type = 'index' AND name NOT LIKE 'sqlite_%' ORDER BY name"
                : "SELECT indexname::text FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
            r => r.GetString(0));
        return [.. columns, .. indexes];
    }

    /// <summary>Puts a row into every table; how many rows each has then.</summary>
    public async Task<Dictionary<string, long>> FillAsync(Database database)
    {
        await using (var session = await database.ReadAsync())
        {
            // The full-text table keeps its rows in tables of its own, which nobody else may write.
            foreach (var table in (await ColumnsAsync(session))
                .Where(c => c.Table != "migrations" && !c.Table.StartsWith("search_words", StringComparison.Ordinal)).GroupBy(c => c.Table))
            {
                var names = string.Join(", ", table.Select(c => c.Column));
                var marks = string.Join(", ", table.Select((c, i) => $"${i + 1}" + (c.Type == "tsvector" ? "::tsvector" : "")));
                await session.ExecuteAsync($"INSERT INTO {table.Key} ({names}) VALUES ({marks})", [.. table.Select(c => Value(c.Type))]);
            }
        }
        return await CountAsync(database);
    }

    public async Task<Dictionary<string, long>> CountAsync(Database database)
    {
        await using var session = await database.ReadAsync();
        var counts = new Dictionary<string, long>();
        foreach (var table in (await ColumnsAsync(session)).Select(c => c.Table).Distinct().Where(t => t != "migrations"))
        {
            counts[table] = await session.FindAsync($"SELECT count(*) FROM {table}", r => r.GetInt64(0));
        }
        return counts;
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<List<(string Table, string Column, string Type)>> ColumnsAsync(DbSession session) => await session.QueryAsync(
        _connection is null
            ? "SELECT m.name, c.name, lower(c.type) FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY m.name, c.cid"
            : "SELECT table_name::text, column_name::text, data_type::text FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, ordinal_position",
        r => (r.GetString(0), r.GetString(1), r.GetString(2)));

    private static object Value(string type) => type switch
    {
        "text" or "tsvector" => "value",
        "blob" or "bytea" => new byte[] { 1, 2, 3 },
        _ => 7L,
    };
}
