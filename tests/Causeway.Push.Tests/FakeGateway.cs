using System.Text.Json;
using Causeway.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Causeway.Push.Tests;

/// <summary>A request that a gateway or push service got.</summary>
internal sealed record Received(string Path, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public JsonElement Notification => JsonDocument.Parse(Body).RootElement.GetProperty("notification");

    public string? EventId => Notification.TryGetProperty("event_id", out var id) ? id.GetString() : null;

    public int? Unread => Notification.GetProperty("counts").TryGetProperty("unread", out var n) ? n.GetInt32() : null;

    public JsonElement Device => Notification.GetProperty("devices")[0];
}

/// <summary>Somebody else's push gateway or push service, on 127.0.0.1. It takes everything until it is told otherwise.</summary>
internal sealed class FakeGateway : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly List<Received> _received = [];

    private FakeGateway(WebApplication app) => _app = app;

    public int Port { get; private set; }

    /// <summary>What it answers; by default 200 and nothing rejected.</summary>
    public Func<HttpContext, Received, Task> Answer { get; set; } = (context, _) => OkAsync(context);

    public List<Received> Received
    {
        get
        {
            lock (_received)
            {
                return [.. _received];
            }
        }
    }

    /// <summary>What was about an event.</summary>
    public List<string> Events => [.. Received.Select(r => r.EventId).OfType<string>()];

    public static Task OkAsync(HttpContext context) => context.Response.WriteAsync("""{"rejected":[]}""");

    public static async Task<FakeGateway> StartAsync(int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        var app = builder.Build();
        var gateway = new FakeGateway(app);
        app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            var received = new Received(
                context.Request.Path, context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase), body.ToArray());
            lock (gateway._received)
            {
                gateway._received.Add(received);
            }

            await gateway.Answer(context, received);
        });
        await app.StartAsync();
        gateway.Port = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
        return gateway;
    }

    public string Url(string path = "/_matrix/push/v1/notify", string host = "gateway.push.example") => $"http://{host}:{Port}{path}";

    /// <summary>Waits until so many requests came.</summary>
    public Task WaitAsync(int count) =>
        Wait.UntilAsync(() => Received.Count >= count, TimeSpan.FromSeconds(20), $"{count} pushes (there are {Received.Count})");

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}

internal static class PusherCalls
{
    private const string Api = "/_matrix/client/v3/";

    private static int _keys;

    /// <summary>A body of /pushers/set. A key is one person's: setting it takes it from whoever has it.</summary>
    public static Dictionary<string, object?> Body(string url, string? key = null, string app = "org.example.app") => new()
    {
        ["kind"] = "http",
        ["app_id"] = app,
        ["pushkey"] = key ?? $"key{Interlocked.Increment(ref _keys)}",
        ["app_display_name"] = "App",
        ["device_display_name"] = "Phone",
        ["lang"] = "en",
        ["data"] = new Dictionary<string, object?> { ["url"] = url },
    };

    public static Dictionary<string, object?> Data(this Dictionary<string, object?> body) => (Dictionary<string, object?>)body["data"]!;

    public static Task<MatrixAnswer> TrySetPusherAsync(this MatrixClient client, Dictionary<string, object?> body) =>
        client.RequestRawAsync("POST", Api + "pushers/set", JsonSerializer.SerializeToUtf8Bytes(body));

    public static async Task SetPusherAsync(this MatrixClient client, Dictionary<string, object?> body) => (await client.TrySetPusherAsync(body)).Ok();

    public static Task SetPusherAsync(this MatrixClient client, FakeGateway gateway, string key = "") =>
        client.SetPusherAsync(Body(gateway.Url(), client.UserId + key));

    public static async Task<List<JsonElement>> PushersAsync(this MatrixClient client) =>
        [.. (await client.RequestAsync("GET", Api + "pushers")).Ok()["pushers"].EnumerateArray()];

    public static Task<MatrixAnswer> TestPushAsync(this MatrixClient client) =>
        client.RequestAsync("POST", "/_matrix/client/unstable/chat.causeway.push/test", new { });
}
