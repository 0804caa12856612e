using System.Collections.Concurrent;
using System.Net;
using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Server;
using Causeway.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServerOptions = Causeway.Server.ServerOptions;

namespace Causeway.Push.Tests;

/// <summary>A server inside the test process; most tests share one for each database, with people of their own.</summary>
public sealed class TestServer : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<TestServer>>> Shared = new();
    private static int _people;

    private readonly ServerOptions _options;
    private readonly TimeProvider _clock;

    private TestServer(ServerOptions options, TimeProvider clock)
    {
        _options = options;
        _clock = clock;
    }

    public WebApplication App { get; private set; } = null!;

    public Uri Address { get; private set; } = null!;

    public static Task<TestServer> SharedAsync(string database) =>
        Shared.GetOrAdd(database, d => new Lazy<Task<TestServer>>(() => StartAsync(d))).Value;

    public static async Task<TestServer> StartAsync(string database, TimeProvider? clock = null, Func<ServerOptions, ServerOptions>? change = null)
    {
        var options = new ServerOptions
        {
            Listen = "http://127.0.0.1:0",
            Data = Orphans.CreateFolder("push"),
            Database = database == Databases.Postgres ? (await TestDatabase.CreateAsync(database)).ConnectionString : null,
            Registration = RegistrationMode.Open,
            RateLimits = false,
            PasswordIterations = 1000,
            OutboundAllow = ["*.push.example"],
        };
        var server = new TestServer(change?.Invoke(options) ?? options, clock ?? TimeProvider.System);
        await server.OpenAsync();
        return server;
    }

    public T Get<T>() where T : notnull => App.Services.GetRequiredService<T>();

    /// <summary>A new account with a name of its own.</summary>
    public Task<MatrixClient> RegisterAsync(string name) => new MatrixClient(Address).RegisterAsync($"{name}{Interlocked.Increment(ref _people)}");

    /// <summary>A room with both in it.</summary>
    public static async Task<string> RoomOfAsync(MatrixClient first, params MatrixClient[] others)
    {
        var room = await first.CreatePublicRoomAsync();
        foreach (var other in others)
        {
            await other.JoinAsync(room);
        }

        return room;
    }

    /// <summary>Stops in order and starts again on the same data, at another address.</summary>
    public async Task RestartAsync()
    {
        await DisposeAsync();
        await OpenAsync();
    }

    /// <summary>The same login at the address of now.</summary>
    public MatrixClient Again(MatrixClient client) => new MatrixClient(Address).Become(client);

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync();
        await CausewayApp.CloseAsync(App);
    }

    private async Task OpenAsync()
    {
        App = await CausewayApp.BuildAsync(_options, services =>
        {
            services.AddLogging(log => log.ClearProviders());
            services.AddSingleton(_clock);
            services.AddSingleton<IdSource>(new SteadyJitter());
            services.AddSingleton(new OutboundOptions
            {
                Allow = _options.OutboundAllow,
                Resolve = (name, _) => Task.FromResult<IPAddress[]>(
                    name.EndsWith(".example", StringComparison.Ordinal) ? [IPAddress.Loopback] : IPAddress.TryParse(name, out var a) ? [a] : []),
            });
        });
        await App.StartAsync();
        Address = new Uri(App.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    /// <summary>The single byte that a pause is varied by is always the same: 7/10 of the whole pause.</summary>
    private sealed class SteadyJitter : IdSource
    {
        public override byte[] Bytes(int length) => length == 1 ? [102] : base.Bytes(length);
    }
}
