namespace Causeway.Operations.Tests;

/// <summary>A data folder and, for PostgreSQL, a database: what a deployment lives in.</summary>
internal sealed class Place : IAsyncDisposable
{
    private readonly Folder _folder = new();

    private Place(string? connection) => Connection = connection;

    public string Data => _folder["data"];

    /// <summary>The connection string of PostgreSQL; null is SQLite.</summary>
    public string? Connection { get; }

    /// <summary>The settings a command needs while no server runs.</summary>
    public string[] Arguments => Connection is null ? ["--data", Data] : ["--data", Data, "--database", Connection];

    public static async Task<Place> CreateAsync(string database)
    {
        var connection = database == Databases.Postgres ? await (await PostgresServer.SharedAsync()).CreateDatabaseAsync("operations") : null;
        var place = new Place(connection);
        Directory.CreateDirectory(place.Data);
        return place;
    }

    /// <summary>Something in the folder beside the data.</summary>
    public string Beside(string name) => _folder[name];

    public Task<ServerProcess> ServeAsync(string registration = "closed") =>
        ServerProcess.StartAsync(new ServerOptions { Data = Data, Database = Connection, Registration = registration });

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
