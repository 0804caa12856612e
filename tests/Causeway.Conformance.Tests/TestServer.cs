using Causeway.Accounts;
using Causeway.Conformance.Tests.Answers;
using Causeway.Server;
using Causeway.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Options = Causeway.Server.ServerOptions;
using UserId = Causeway.Matrix.UserId;

namespace Causeway.Conformance.Tests;

/// <summary>
/// A server inside the test process, on SQLite: what is tested here is what a client sees, and the storage tests see to it
/// that PostgreSQL shows the same. Every answer that any of its clients gets is held against the standard.
/// </summary>
public sealed class TestServer : IAsyncDisposable
{
    public const string SharedSecret = "a secret of the tests";

    private static readonly Lazy<Task<TestServer>> TheShared = new(() => StartAsync());
    private static int _people;

    private TestServer(WebApplication app)
    {
        App = app;
        Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    public WebApplication App { get; }

    public Uri Address { get; }

    /// <summary>The one that tests share, with people and rooms of their own.</summary>
    public static Task<TestServer> SharedAsync() => TheShared.Value;

    public static async Task<TestServer> StartAsync(Func<Options, Options>? change = null, TimeProvider? clock = null)
    {
        var options = new Options
        {
            Listen = "http://127.0.0.1:0",
            Data = Orphans.CreateFolder("conformance"),
            Registration = RegistrationMode.Open,
            Guests = true,
            RegistrationSharedSecret = SharedSecret,
            RateLimits = false,
            PasswordIterations = 1000,
            MaxUpload = 1 << 20,
            SupportContact = "@support:localhost",
            // The page of which previews are made is the server's own.
            OutboundAllow = ["127.0.0.1"],
        };
        var app = await CausewayApp.BuildAsync(change?.Invoke(options) ?? options, services =>
        {
            services.AddLogging(log => log.ClearProviders());
            services.AddSingleton(clock ?? TimeProvider.System);
        });
        await app.StartAsync();
        return new TestServer(app);
    }

    public T Get<T>() where T : notnull => App.Services.GetRequiredService<T>();

    /// <summary>A client that is not signed in.</summary>
    internal MatrixClient Client(Action<Exchange>? note = null) =>
        new(new HttpClient(new CheckedTransport(note ?? Exchange.MustBeSound)) { BaseAddress = Address, Timeout = TimeSpan.FromMinutes(1) });

    /// <summary>A new account with a name of its own, signed in.</summary>
    internal Task<MatrixClient> RegisterAsync(string name, Action<Exchange>? note = null) => Client(note).RegisterAsync(Unique(name));

    /// <summary>A new account that administers the organisation.</summary>
    internal async Task<MatrixClient> RegisterAdminAsync(Action<Exchange>? note = null)
    {
        var admin = await RegisterAsync("admin", note);
        await Get<AccountStore>().SetAdminAsync(UserId.Parse(admin.UserId), true);
        Get<SessionStore>().Forget(UserId.Parse(admin.UserId));
        return admin;
    }

    /// <summary>A new guest.</summary>
    internal async Task<MatrixClient> GuestAsync(Action<Exchange>? note = null)
    {
        var guest = Client(note);
        guest.AccessToken = (await guest.PostAsync("v3/register?kind=guest", new { })).Ok().Text("access_token");
        return guest;
    }

    public static string Unique(string name) => $"{name}{Interlocked.Increment(ref _people)}";

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync();
        await CausewayApp.CloseAsync(App);
    }
}
