namespace Causeway.TestKit;

/// <summary>
/// The databases the storage tests run on: both, unless CAUSEWAY_TEST_DATABASES names fewer ("sqlite", "postgres" or
/// "sqlite,postgres").
/// </summary>
public static class Databases
{
    public const string Sqlite = "sqlite";
    public const string Postgres = "postgres";

    /// <summary>The databases chosen for this run.</summary>
    public static IReadOnlyList<string> Both { get; } = Choose();

    /// <summary>Why tests on this database are skipped here, or null when they run.</summary>
    public static string? WhySkipped(string database) => database == Postgres ? PostgresServer.Obstacle : null;

    private static List<string> Choose()
    {
        var wish = Environment.GetEnvironmentVariable("CAUSEWAY_TEST_DATABASES");
        string[] all = [Sqlite, Postgres];
        var named = (wish ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return named.Except(all).FirstOrDefault() is { } unknown
            ? throw new InvalidOperationException($"CAUSEWAY_TEST_DATABASES names '{unknown}'; it knows sqlite and postgres.")
            : [.. all.Where(d => named.Length == 0 || named.Contains(d))];
    }
}

/// <summary>A fresh, empty database of one kind, gone when disposed.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private readonly string? _folder;

    private TestDatabase(string kind, string connectionString, string? folder)
    {
        Kind = kind;
        ConnectionString = connectionString;
        _folder = folder;
    }

    /// <summary><see cref="Databases.Sqlite"/> or <see cref="Databases.Postgres"/>.</summary>
    public string Kind { get; }

    /// <summary>For SQLite <c>Data Source=FILE</c>, for PostgreSQL <c>Host=127.0.0.1;...</c></summary>
    public string ConnectionString { get; }

    /// <summary>The file of an SQLite database.</summary>
    public string File => Path.Combine(_folder ?? throw new InvalidOperationException("PostgreSQL has no file."), "test.db");

    public static async Task<TestDatabase> CreateAsync(string kind)
    {
        if (kind == Databases.Postgres)
        {
            var server = await PostgresServer.SharedAsync();
            return new TestDatabase(kind, await server.CreateDatabaseAsync(), null);
        }
        var folder = Orphans.CreateFolder("sqlite");
        return new TestDatabase(kind, $"Data Source={Path.Combine(folder, "test.db")}", folder);
    }

    public ValueTask DisposeAsync()
    {
        if (_folder != null && Environment.GetEnvironmentVariable("CAUSEWAY_TEST_KEEP") is not { Length: > 0 })
        {
            Directory.Delete(_folder, recursive: true);
        }
        return ValueTask.CompletedTask;
    }
}
