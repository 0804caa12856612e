using System.Diagnostics;
using Npgsql;

namespace Causeway.TestKit;

/// <summary>How PostgreSQL is made to stop.</summary>
public enum PostgresStop
{
    /// <summary>Connections are ended, the cluster is shut down in order.</summary>
    Fast,

    /// <summary>As in a crash: nothing is written, the next start recovers from the log.</summary>
    Immediate,
}

/// <summary>
/// A private PostgreSQL on 127.0.0.1. Most tests use <see cref="SharedAsync"/>, one per test process; a fault test starts
/// its own with <c>durable: true</c> and stops and starts it at will. The port stays the same over restarts.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly Lazy<Task<PostgresServer>> Shared = new(StartSharedAsync);
    private static int _databases;

    private readonly PostgresCluster _cluster;
    private readonly bool _durable;
    private Process? _process;

    private PostgresServer(PostgresCluster cluster, bool durable)
    {
        _cluster = cluster;
        _durable = durable;
    }

    /// <summary>Why PostgreSQL cannot be used here, or null when it can.</summary>
    public static string? Obstacle => PostgresCluster.Obstacle;

    public int Port { get; private set; }

    public string LogFile => _cluster.LogFile;

    /// <summary>The one server of this test process; it does not force anything to disk.</summary>
    public static Task<PostgresServer> SharedAsync() => Shared.Value;

    public static async Task<PostgresServer> CreateAsync(bool durable = false)
    {
        var server = new PostgresServer(await PostgresCluster.CreateAsync(), durable);
        for (var attempt = 1; ; attempt++)
        {
            server.Port = Ports.FindFree();
            try
            {
                await server.StartAsync();
                return server;
            }
            catch (InvalidOperationException) when (attempt < 5)
            {
                // Somebody else took the port meanwhile: the next one.
            }
        }
    }

    /// <summary>A fresh, empty database; the answer is its connection string.</summary>
    public async Task<string> CreateDatabaseAsync(string purpose = "test")
    {
        var name = $"{purpose}_{Interlocked.Increment(ref _databases)}";
        await using var connection = new NpgsqlConnection(ConnectionString("postgres", pooling: false));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE DATABASE \"{name}\" TEMPLATE template0", connection);
        await command.ExecuteNonQueryAsync();
        return ConnectionString(name, pooling: true);
    }

    public async Task StartAsync()
    {
        if (_process != null)
        {
            throw new InvalidOperationException("PostgreSQL runs already.");
        }
        _process = _cluster.StartServer(Port, _durable);
        Orphans.Watch(_process.Id);
        await Wait.UntilAsync(IsReadyAsync, Limit, $"PostgreSQL to be ready (see {LogFile})");
    }

    public async Task StopAsync(PostgresStop how = PostgresStop.Fast)
    {
        if (_process is not { } process)
        {
            return;
        }
        Signals.Send(process.Id, how == PostgresStop.Fast ? Signals.Interrupt : Signals.Quit);
        using var limit = new CancellationTokenSource(Limit);
        await process.WaitForExitAsync(limit.Token);
        Orphans.Forget(process.Id);
        process.Dispose();
        _process = null;
    }

    public async Task RestartAsync(PostgresStop how = PostgresStop.Fast)
    {
        await StopAsync(how);
        await StartAsync();
    }

    public async ValueTask DisposeAsync() => await StopAsync(PostgresStop.Immediate);

    private static async Task<PostgresServer> StartSharedAsync()
    {
        var server = await CreateAsync();
        // Nothing in it is worth an orderly shutdown; the folder is removed by whoever cleans up after this process.
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            if (server._process is { HasExited: false } process)
            {
                Signals.Send(process.Id, Signals.Quit);
                process.WaitForExit(TimeSpan.FromSeconds(5));
            }
        };
        return server;
    }

    private async Task<bool> IsReadyAsync()
    {
        if (_process!.HasExited)
        {
            Orphans.Forget(_process.Id);
            _process = null;
            throw new InvalidOperationException($"PostgreSQL ended at once: {await File.ReadAllTextAsync(LogFile)}");
        }
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionString("postgres", pooling: false));
            await connection.OpenAsync();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private string ConnectionString(string database, bool pooling) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Username = "causeway",
        Database = database,
        Pooling = pooling,
        MaxPoolSize = 20,
        Timeout = 15,
    }.ConnectionString;
}
