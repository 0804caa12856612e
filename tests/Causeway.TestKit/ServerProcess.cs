using System.Diagnostics;
using System.Globalization;

namespace Causeway.TestKit;

/// <summary>How a test wants its server; what is not said has the default a test usually wants.</summary>
public sealed record ServerOptions
{
    public string ServerName { get; init; } = "localhost";

    /// <summary>"open", "token" or "closed".</summary>
    public string Registration { get; init; } = "open";

    public bool RateLimits { get; init; }

    /// <summary>A PostgreSQL connection string; null is SQLite in the data folder.</summary>
    public string? Database { get; init; }

    /// <summary>The data folder; null is a fresh one that goes with the test process.</summary>
    public string? Data { get; init; }

    public IReadOnlyList<string> MoreArguments { get; init; } = [];

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>How long a start may take until the server answers.</summary>
    public TimeSpan StartLimit { get; init; } = TimeSpan.FromSeconds(60);
}

/// <summary>
/// The real server as a process of its own on 127.0.0.1: started, stopped in order, killed, started again on the same data
/// and the same address. Its output goes to <see cref="LogFile"/>.
/// </summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private static readonly HttpClient Probe = new() { Timeout = TimeSpan.FromSeconds(5) };

    private readonly ServerOptions _options;
    private Process? _process;

    private ServerProcess(ServerOptions options, string data, int port)
    {
        _options = options;
        Data = data;
        Address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
        LogFile = Path.Combine(Orphans.CreateFolder("server-log"), "server.log");
    }

    /// <summary>The server that was built with the tests; CAUSEWAY_TEST_SERVER names another one.</summary>
    public static string Program { get; } =
        Environment.GetEnvironmentVariable("CAUSEWAY_TEST_SERVER") is { Length: > 0 } named ? named
        : Repository.PathOf("src", "Causeway.Server", "bin", BuiltAs, "net10.0", "Causeway.Server.dll");

    public Uri Address { get; }

    public string Data { get; }

    public string LogFile { get; }

    /// <summary>The id of the running process.</summary>
    public int ProcessId => Running.Id;

    public bool HasExited => _process is not { HasExited: false };

    private Process Running => _process ?? throw new InvalidOperationException("The server does not run.");

#if DEBUG
    private const string BuiltAs = "Debug";
#else
    private const string BuiltAs = "Release";
#endif

    public static async Task<ServerProcess> StartAsync(ServerOptions? options = null)
    {
        options ??= new ServerOptions();
        var data = options.Data ?? Orphans.CreateFolder("data");
        for (var attempt = 1; ; attempt++)
        {
            var server = new ServerProcess(options, data, Ports.FindFree());
            try
            {
                await server.StartAgainAsync();
                return server;
            }
            catch (InvalidOperationException) when (attempt < 3 && server.PortWasTaken())
            {
                // Another process was quicker to take the port: the next one.
            }
        }
    }

    /// <summary>On the database a <see cref="DatabaseTheoryAttribute"/> names.</summary>
    public static async Task<ServerProcess> StartAsync(string database, ServerOptions? options = null)
    {
        var connection = database == Databases.Postgres
            ? await (await PostgresServer.SharedAsync()).CreateDatabaseAsync("server") : null;
        return await StartAsync((options ?? new ServerOptions()) with { Database = connection });
    }

    /// <summary>Starts the stopped server on its data and address; returns when it answers.</summary>
    public async Task StartAgainAsync()
    {
        if (!HasExited)
        {
            throw new InvalidOperationException("The server runs already.");
        }
        if (!File.Exists(Program))
        {
            throw new FileNotFoundException($"The server is not built: {Program} is missing.");
        }
        _process?.Dispose();
        _process = Launch();
        Orphans.Watch(_process.Id);
        await Wait.UntilAsync(AnswersAsync, _options.StartLimit, $"the server to answer (see {LogFile})");
    }

    /// <summary>SIGTERM; returns the exit code once the server has drained and ended.</summary>
    public Task<int> TerminateAsync(TimeSpan? limit = null) => EndAsync(Signals.Terminate, limit ?? TimeSpan.FromSeconds(15));

    /// <summary>SIGKILL: what a crash or the kernel's out-of-memory killer does.</summary>
    public Task<int> KillAsync() => EndAsync(Signals.Kill, TimeSpan.FromSeconds(15));

    /// <summary>All that the server has printed so far.</summary>
    public string ReadLog() => File.Exists(LogFile) ? File.ReadAllText(LogFile) : "";

    public async ValueTask DisposeAsync()
    {
        if (!HasExited)
        {
            await KillAsync();
        }
        _process?.Dispose();
        if (_options.Data == null && Environment.GetEnvironmentVariable("CAUSEWAY_TEST_KEEP") is not { Length: > 0 })
        {
            Directory.Delete(Data, recursive: true);
        }
    }

    // The shell becomes the server: one process, its output in a file that outlives this one.
    private Process Launch()
    {
        List<string> command =
        [
            "-c", "exec \"$@\" >>\"$CAUSEWAY_TEST_LOG\" 2>&1 </dev/null", "sh", "dotnet", Program, "serve",
            "--listen", Address.GetLeftPart(UriPartial.Authority), "--data", Data, "--server-name", _options.ServerName,
            "--registration", _options.Registration, "--rate-limits", _options.RateLimits ? "on" : "off",
            .. _options.Database is { } database ? ["--database", database] : Array.Empty<string>(),
            .. _options.MoreArguments,
        ];
        var start = new ProcessStartInfo("/bin/sh", command) { WorkingDirectory = Data };
        start.Environment["CAUSEWAY_TEST_LOG"] = LogFile;
        start.Environment["DOTNET_gcServer"] = "0";
        foreach (var (name, value) in _options.Environment)
        {
            start.Environment[name] = value;
        }
        return Process.Start(start) ?? throw new InvalidOperationException("The server could not be started.");
    }

    private async Task<int> EndAsync(int signal, TimeSpan limit)
    {
        var process = Running;
        Signals.Send(process.Id, signal);
        using var patience = new CancellationTokenSource(limit);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The server did not end in {limit.TotalSeconds:0} s; it said:\n{ReadLog()}");
        }
        Orphans.Forget(process.Id);
        return process.ExitCode;
    }

    private async Task<bool> AnswersAsync()
    {
        if (HasExited)
        {
            Orphans.Forget(Running.Id);
            throw new InvalidOperationException($"The server ended with code {Running.ExitCode}; it said:\n{ReadLog()}");
        }
        try
        {
            using var answer = await Probe.GetAsync(new Uri(Address, "/_matrix/client/versions"));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    private bool PortWasTaken() => ReadLog().Contains("address already in use", StringComparison.OrdinalIgnoreCase);
}
