using System.Collections.Concurrent;
using System.Net;
using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Media.Catalogue;
using Causeway.Server;
using Causeway.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServerOptions = Causeway.Server.ServerOptions;

namespace Causeway.Media.Tests;

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

    public string Files => Path.Combine(_options.Data, "media", "files");

    public string Temporary => Path.Combine(_options.Data, "media", "tmp");

    public static Task<TestServer> SharedAsync(string database) =>
        Shared.GetOrAdd(database, d => new Lazy<Task<TestServer>>(() => StartAsync(d))).Value;

    public static async Task<TestServer> StartAsync(
        string database, Func<ServerOptions, ServerOptions>? change = null, TimeProvider? clock = null)
    {
        var options = new ServerOptions
        {
            Listen = "http://127.0.0.1:0",
            Data = Orphans.CreateFolder("media"),
            Database = database == Databases.Postgres ? (await TestDatabase.CreateAsync(database)).ConnectionString : null,
            Registration = RegistrationMode.Open,
            Guests = true,
            RateLimits = false,
            PasswordIterations = 1000,
            MaxUpload = 4 << 20,
            OutboundAllow = ["*.page.example"],
        };
        var server = new TestServer(change?.Invoke(options) ?? options, clock ?? TimeProvider.System);
        await server.OpenAsync();
        return server;
    }

    public T Get<T>() where T : notnull => App.Services.GetRequiredService<T>();

    /// <summary>A new account with a name of its own.</summary>
    public async Task<MediaClient> RegisterAsync(string name = "user") =>
        new(await new MatrixClient(Address).RegisterAsync($"{name}{Interlocked.Increment(ref _people)}"), Address);

    /// <summary>A new administrator.</summary>
    public async Task<MediaClient> AdministratorAsync()
    {
        var organisation = Get<OrganisationStore>().Default;
        var accounts = Get<AccountStore>();
        var name = $"admin{Interlocked.Increment(ref _people)}";
        await accounts.CreateAsync(organisation, await accounts.CheckFreeAsync(organisation, name), MatrixClient.Password, isAdmin: true);
        return new MediaClient(await MatrixClient.LoginAsync(Address, name), Address);
    }

    /// <summary>What lies on the disk: files and thumbnails, and what is on its way in.</summary>
    public List<string> Stored() => [.. Directory.GetFiles(Files, "*", SearchOption.AllDirectories).Select(f => Path.GetFileName(f)!), .. Directory.GetFiles(Temporary).Select(f => Path.GetFileName(f)!)];

    public async Task RestartAsync(Action? between = null)
    {
        await DisposeAsync();
        between?.Invoke();
        await OpenAsync();
    }

    internal MediaLibrary Library => Get<MediaLibrary>();

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
}
