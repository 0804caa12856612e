using System.Collections.Concurrent;
using System.Text.Json;
using Causeway.Accounts;
using Causeway.Server;
using Causeway.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ServerOptions = Causeway.Server.ServerOptions;

namespace Causeway.Search.Tests;

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

    public static async Task<TestServer> StartAsync(string database, Func<ServerOptions, ServerOptions>? change = null)
    {
        var options = new ServerOptions
        {
            Listen = "http://127.0.0.1:0",
            Data = Orphans.CreateFolder("search"),
            Database = database == Databases.Postgres ? (await TestDatabase.CreateAsync(database)).ConnectionString : null,
            Registration = RegistrationMode.Open,
            RateLimits = false,
            PasswordIterations = 1000,
        };
        var server = new TestServer(change?.Invoke(options) ?? options);
        await server.OpenAsync();
        return server;
    }

    public T Get<T>() where T : notnull => App.Services.GetRequiredService<T>();

    public static string Unique(string name) => $"{name}{Interlocked.Increment(ref _people)}";

    /// <summary>A new account with a name of its own.</summary>
    public Task<MatrixClient> RegisterAsync(string name = "user") => new MatrixClient(Address).RegisterAsync(Unique(name));

    /// <summary>A new account of another organisation.</summary>
    public Task<MatrixClient> RegisterAtAsync(string host, string name)
    {
        var http = new HttpClient { BaseAddress = Address };
        http.DefaultRequestHeaders.Host = host;
        return new MatrixClient(http).RegisterAsync(name);
    }

    public async Task RestartAsync()
    {
        await DisposeAsync();
        await OpenAsync();
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

/// <summary>Searches as clients make them.</summary>
internal static class Searching
{
    public const string Path = "/_matrix/client/v3/search";

    /// <summary>Searches for messages; <paramref name="more"/> are further members of room_events.</summary>
    public static async Task<JsonElement> SearchAsync(
        this MatrixClient who, string term, string order = "recent", string? from = null, Dictionary<string, object>? more = null)
    {
        var wish = new Dictionary<string, object>(more ?? []) { ["search_term"] = term, ["order_by"] = order };
        var path = from is null ? Path : $"{Path}?next_batch={Uri.EscapeDataString(from)}";
        return (await who.RequestAsync("POST", path, new { search_categories = new { room_events = wish } })).Ok()
            ["search_categories"].GetProperty("room_events");
    }

    public static List<string> Ids(this JsonElement found) =>
        [.. found.GetProperty("results").EnumerateArray().Select(r => r.GetProperty("result").GetProperty("event_id").GetString()!)];

    public static long Count(this JsonElement found) => found.GetProperty("count").GetInt64();

    public static string? Next(this JsonElement found) => found.TryGetProperty("next_batch", out var next) ? next.GetString() : null;

    public static List<string> Strings(this JsonElement list) => [.. list.EnumerateArray().Select(s => s.GetString()!)];

    /// <summary>Waits until everything sent so far is in the index.</summary>
    public static async Task CatchUpAsync(this MatrixClient who)
    {
        var word = "marker" + Guid.NewGuid().ToString("N");
        await who.SendTextAsync(await who.CreateRoomAsync(), word);
        await Wait.UntilAsync(async () => (await who.SearchAsync(word)).Count() == 1, TimeSpan.FromSeconds(30), "the index");
    }

    /// <summary>Searches once everything sent so far is in the index; the ids, and the count must say as much.</summary>
    public static async Task<List<string>> FindAsync(this MatrixClient who, string term, Dictionary<string, object>? more = null)
    {
        await who.CatchUpAsync();
        var found = await who.SearchAsync(term, more: more);
        Assert.Equal(found.Count(), found.Ids().Count);
        return found.Ids();
    }
}
