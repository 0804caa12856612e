using Causeway.TestKit;

namespace Causeway.Storage.Tests;

/// <summary>An open store of one kind with a small table.</summary>
internal sealed class Store : IAsyncDisposable
{
    public static readonly BulkStatement Things = new(
        "things", 1, "(id) DO UPDATE SET name = excluded.name, body = excluded.body",
        new("id", ColumnType.Integer), new("name", ColumnType.Text), new("body", ColumnType.Blob));

    public static readonly Migration Table = new(
        "things", 1, "CREATE TABLE things (\n    id INTEGER PRIMARY KEY,\n    name TEXT,\n    body BLOB);\n");

    private readonly TestDatabase _database;

    private Store(TestDatabase database, Database open, string folder)
    {
        _database = database;
        Database = open;
        Folder = folder;
    }

    public Database Database { get; }

    public string Folder { get; }

    public static async Task<Store> OpenAsync(string kind, StorageFaults? faults = null)
    {
        var database = await TestDatabase.CreateAsync(kind);
        var folder = Orphans.CreateFolder("store");
        var open = await Database.OpenAsync(Options(database, folder, faults));
        await Migrator.ApplyAsync(open, [Table]);
        return new Store(database, open, folder);
    }

    public StorageOptions Options() => Options(_database, Folder, null);

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        await _database.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private static StorageOptions Options(TestDatabase database, string folder, StorageFaults? faults) => new()
    {
        DataFolder = folder,
        PostgresConnection = database.Kind == Databases.Postgres ? database.ConnectionString : null,
        Faults = faults,
    };
}
