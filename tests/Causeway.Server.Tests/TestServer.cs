using System.Collections.Concurrent;
using Causeway.Accounts;
using Causeway.Storage;
using Causeway.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;
using UserId = Causeway.Matrix.UserId;
using Options = Causeway.Server.ServerOptions;

namespace Causeway.Server.Tests;

/// <summary>
/// A server inside the test process, on 127.0.0.1. Most tests use <see cref="SharedAsync"/>, one per database, with fresh
/// people and rooms of their own.
/// </summary>
public sealed class TestServer : IAsyncDisposable
{
    public const string SharedSecret = "a secret of the tests";

    private static readonly ConcurrentDictionary<string, Lazy<Task<TestServer>>> Shared = new();
    private static int _people;

    private readonly Options _options;
    private readonly StorageFaults? _storageFaults;
    private readonly Recorder _recorder = new();

    private TestServer(Options options, StorageFaults? faults)
    {
        _options = options;
        _storageFaults = faults;
    }

    public WebApplication App { get; private set; } = null!;

    public Uri Address { get; private set; } = null!;

    /// <summary>What the server logged as an error.</summary>
    public IReadOnlyCollection<string> Faults => _recorder.Faults;

    public static Task<TestServer> SharedAsync(string database) =>
        Shared.GetOrAdd(database, d => new Lazy<Task<TestServer>>(() => StartAsync(d))).Value;

    public static async Task<TestServer> StartAsync(
        string database, Func<Options, Options>? change = null, StorageFaults? faults = null)
    {
        var options = new Options
        {
            Listen = "http://127.0.0.1:0",
            Data = Orphans.CreateFolder("in-process"),
            Database = database == Databases.Postgres
                ? await (await PostgresServer.SharedAsync()).CreateDatabaseAsync("server_tests") : null,
            Registration = RegistrationMode.Open,
            Guests = true,
            RegistrationSharedSecret = SharedSecret,
            RateLimits = false,
            PasswordIterations = 1000,
        };
        var server = new TestServer(change?.Invoke(options) ?? options, faults);
        await server.OpenAsync();
        return server;
    }

    /// <summary>A new account with a name of its own, signed in.</summary>
    public Task<MatrixClient> RegisterAsync(string name = "user") => Client().RegisterAsync(Unique(name));

    /// <summary>A new account that administers the organisation.</summary>
    public async Task<MatrixClient> RegisterAdminAsync(string name = "admin")
    {
        var admin = await RegisterAsync(name);
        await Get<AccountStore>().SetAdminAsync(UserId.Parse(admin.UserId), true);
        Get<SessionStore>().Forget(UserId.Parse(admin.UserId));
        return admin;
    }

    /// <summary>A client that is not signed in.</summary>
    public MatrixClient Client() => new(Address);

    /// <summary>The same account on another device.</summary>
    public Task<MatrixClient> AnotherDeviceAsync(MatrixClient of) => Client().LoginAsync(of.UserId);

    public static string Unique(string name) => $"{name}{Interlocked.Increment(ref _people)}";

    public T Get<T>() where T : notnull => App.Services.GetRequiredService<T>();

    /// <summary>Stops in order and starts again on the same data, at another address.</summary>
    public async Task RestartAsync()
    {
        await App.StopAsync();
        await CausewayApp.CloseAsync(App);
        await OpenAsync();
    }

    /// <summary>Nothing that was sent so far made the server fault.</summary>
    public void AssertNoFaults() => Assert.True(Faults.Count == 0, string.Join('\n', Faults));

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync();
        await CausewayApp.CloseAsync(App);
    }

    private async Task OpenAsync()
    {
        App = await CausewayApp.BuildAsync(
            _options,
            services => services.AddLogging(log => log.ClearProviders().AddProvider(_recorder)),
            _storageFaults);
        await App.StartAsync();
        Address = new Uri(App.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    private sealed class Recorder : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> _faults = new();

        public IReadOnlyCollection<string> Faults => _faults;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                _faults.Enqueue($"{formatter(state, exception)} {exception}");
            }
        }

        public void Dispose() { }
    }
}
