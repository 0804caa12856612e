using System.Collections.Concurrent;
using Causeway.Accounts;
using Causeway.Server;
using Causeway.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServerOptions = Causeway.Server.ServerOptions;

namespace Causeway.Encryption.Tests;

/// <summary>A server inside the test process; most tests share one for each database, with people of their own.</summary>
public sealed class TestServer : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<TestServer>>> Shared = new();
    private static int _people;

    private readonly ServerOptions _options;

    private TestServer(ServerOptions options) => _options = options;

    public WebApplication App { get; private set; } = null!;

    public Uri Address { get; private set; } = null!;

    public static Task<TestServer> SharedAsync(string database) =>
        Shared.GetOrAdd(database, d => new Lazy<Task<TestServer>>(() => StartAsync(d))).Value;

    public static async Task<TestServer> StartAsync(string database)
    {
        var server = new TestServer(new ServerOptions
        {
            Listen = "http://127.0.0.1:0",
            Data = Orphans.CreateFolder("encryption"),
            Database = database == Databases.Postgres ? (await TestDatabase.CreateAsync(database)).ConnectionString : null,
            Registration = RegistrationMode.Open,
            RateLimits = false,
            PasswordIterations = 1000,
        });
        await server.OpenAsync();
        return server;
    }

    public T Get<T>() where T : notnull => App.Services.GetRequiredService<T>();

    /// <summary>A new account with a name of its own, on a device that has keys.</summary>
    public async Task<TestDevice> RegisterAsync(string name)
    {
        var client = await new MatrixClient(Address).RegisterAsync($"{name}{Interlocked.Increment(ref _people)}");
        var device = new TestDevice(client);
        (await device.UploadAsync(new() { ["device_keys"] = device.DeviceKeys() })).Ok();
        return device;
    }

    /// <summary>Another device of the same person, with keys.</summary>
    public async Task<TestDevice> LoginAsync(TestDevice of)
    {
        var device = new TestDevice(await new MatrixClient(Address).LoginAsync(of.User));
        (await device.UploadAsync(new() { ["device_keys"] = device.DeviceKeys() })).Ok();
        return device;
    }

    /// <summary>Stops in order and starts again on the same data, at another address.</summary>
    public async Task RestartAsync(params TestDevice[] devices)
    {
        await DisposeAsync();
        await OpenAsync();
        foreach (var device in devices)
        {
            device.Client = new MatrixClient(Address).Become(device.Client);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync();
        await CausewayApp.CloseAsync(App);
    }

    private async Task OpenAsync()
    {
        App = await CausewayApp.BuildAsync(_options, services => services.AddLogging(log => log.ClearProviders()));
        await App.StartAsync();
        Address = new Uri(App.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }
}
