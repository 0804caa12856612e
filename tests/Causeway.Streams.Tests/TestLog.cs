using Causeway.Storage;
using Causeway.TestKit;

namespace Causeway.Streams.Tests;

/// <summary>A log on a fresh store.</summary>
internal sealed class TestLog : IAsyncDisposable
{
    private readonly TestDatabase _database;
    private readonly StorageOptions _options;
    private Database _open;

    private TestLog(TestDatabase database, StorageOptions options, Database open, LogTail tail, LogWriter writer)
    {
        _database = database;
        _options = options;
        _open = open;
        Tail = tail;
        Writer = writer;
    }

    public LogTail Tail { get; private set; }

    public LogWriter Writer { get; private set; }

    /// <summary>A reader of the log as it is open now.</summary>
    public LogReader Reader => new(_open, Tail);

    /// <summary>Names of the committed units in order.</summary>
    public List<string> Committed { get; } = [];

    /// <summary>A unit that reports its commit.</summary>
    public Unit Unit(string name, int entries) => new(name, entries) { Report = Committed.Add };

    public static async Task<TestLog> OpenAsync(string kind, StorageFaults? faults = null)
    {
        var database = await TestDatabase.CreateAsync(kind);
        var options = new StorageOptions
        {
            DataFolder = Orphans.CreateFolder("log"),
            PostgresConnection = kind == Databases.Postgres ? database.ConnectionString : null,
            Faults = faults,
        };
        var (open, tail, writer) = await StartAsync(options);
        return new TestLog(database, options, open, tail, writer);
    }

    public async Task RestartAsync()
    {
        await Writer.DisposeAsync();
        await _open.DisposeAsync();
        (_open, Tail, Writer) = await StartAsync(_options);
    }

    public async Task<List<long>> PositionsAsync()
    {
        await using var session = await _open.ReadAsync();
        return await session.QueryAsync("SELECT position FROM log ORDER BY position", r => r.GetInt64(0));
    }

    public async ValueTask DisposeAsync()
    {
        await Writer.DisposeAsync();
        await _open.DisposeAsync();
        await _database.DisposeAsync();
        Directory.Delete(_options.DataFolder, recursive: true);
    }

    private static async Task<(Database, LogTail, LogWriter)> StartAsync(StorageOptions options)
    {
        var open = await Database.OpenAsync(options);
        await Migrator.ApplyAsync(open, LogSchema.Migrations);
        var tail = new LogTail();
        return (open, tail, await LogWriter.StartAsync(open, tail, new Notifier()));
    }
}

/// <summary>A unit of some entries.</summary>
internal sealed class Unit(string name, int entries) : LogUnit
{
    public LogChain? On { get; init; }

    public bool WritesTwice { get; init; }

    public Func<DbSession, long, ValueTask>? Work { get; init; }

    public Action<string>? Report { get; init; }

    public override int EntryCount => entries;

    public override LogChain? Chain => On;

    public override bool HasWork => Work is not null;

    public override ValueTask WorkAsync(DbSession session, long first) => Work!(session, first);

    public override void Write(WriteBatch batch, long first)
    {
        for (var i = 0; i < entries; i++)
        {
            LogSchema.AddRow(batch, Entry(first + i));
        }

        if (WritesTwice)
        {
            LogSchema.AddRow(batch, Entry(first));
        }
    }

    public override void AddEntries(List<LogEntry> into, long first)
    {
        for (var i = 0; i < entries; i++)
        {
            into.Add(Entry(first + i));
        }
    }

    public override void OnCommitted(long first) => Report?.Invoke(name);

    private LogEntry Entry(long position) => new(position, LogKind.Account, 0, name, null);
}
