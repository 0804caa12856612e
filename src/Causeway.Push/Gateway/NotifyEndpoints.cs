using System.Text.Json;
using Causeway.Hosting;

namespace Causeway.Push;

/// <summary>
/// POST /_matrix/push/v1/notify: this server as a push gateway, for pushers that are registered here. Push Gateway API,
/// "Homeserver behaviour".
/// </summary>
internal sealed class Notify(PusherStore pushers, OwnGateway gateway) : IEndpoint
{
    private const int MaxDevices = 16;

    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        var notification = body.Root.FindObject("notification") ?? throw Refusal.MissingParam("notification");
        var devices = notification.FindArray("devices") ?? throw Refusal.MissingParam("devices");
        if (devices.GetArrayLength() is 0 or > MaxDevices || devices.EnumerateArray().Any(d => d.ValueKind != JsonValueKind.Object))
        {
            throw Refusal.InvalidParam($"'devices' must have 1 to {MaxDevices} devices.");
        }

        request.SaysItWaits();
        var bytes = body.Bytes.ToArray();
        var rejected = new List<string>();
        var mayComeAgain = false;
        foreach (var device in devices.EnumerateArray())
        {
            var pushKey = device.GetString("pushkey");
            var fate = await SendAsync(device.GetString("app_id"), pushKey, Endpoint(device), bytes, request.Aborted).ConfigureAwait(false);
            mayComeAgain |= fate == Fate.Later;
            if (fate == Fate.Gone)
            {
                rejected.Add(pushKey);
            }
        }

        if (mayComeAgain && rejected.Count == 0)
        {
            throw new Refusal(502, "M_UNKNOWN", "The push service cannot be reached now. Try again.");
        }

        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("rejected"u8);
            rejected.ForEach(json.WriteStringValue);
            json.WriteEndArray();
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    /// <summary>Several people of one browser may have the same subscription, each with a pusher; it gets the message once.</summary>
    private async Task<Fate> SendAsync(string appId, string pushKey, string? endpoint, byte[] body, CancellationToken cancellation)
    {
        var registered = (await pushers.ListOwnAsync(appId, pushKey).ConfigureAwait(false)).FindAll(p => p.Find("endpoint") == endpoint);
        if (registered.Count == 0)
        {
            return Fate.Gone;
        }

        if (registered.Find(p => p.IsEnabled) is not { } pusher)
        {
            return Fate.Delivered;
        }

        var fate = (await gateway.SendAsync(pusher, body, cancellation).ConfigureAwait(false)).Fate;
        if (fate == Fate.Gone)
        {
            foreach (var dead in registered)
            {
                await pushers.RemoveAsync(dead).ConfigureAwait(false);
            }
        }

        return fate;
    }

    private static string? Endpoint(JsonElement device) => device.FindObject("data")?.FindString("endpoint");
}

/// <summary>GET /_matrix/push/v1/notify: tells UnifiedPush applications that this is a gateway for Matrix. UnifiedPush, "Push gateway".</summary>
internal sealed class DiscoverGateway : IEndpoint
{
    public Task HandleAsync(MatrixRequest request) => request.ReplyAsync("""{"unifiedpush":{"gateway":"matrix"}}"""u8.ToArray());
}
