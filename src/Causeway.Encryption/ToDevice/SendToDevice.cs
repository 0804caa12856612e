using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text.Json;
using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Encryption;

/// <summary>PUT /_matrix/client/v3/sendToDevice/{eventType}/{txnId}: messages to devices, outside any room. Client-server API, "Send-to-Device messaging".</summary>
internal sealed class SendToDevice(ToDeviceStore store, SessionStore sessions, IOrganisationResolver organisations) : IEndpoint
{
    private readonly ConcurrentDictionary<(long Device, string Type, string Transaction), Lazy<Task>> _running = new();

    public async Task HandleAsync(MatrixRequest request)
    {
        var type = request.Path("eventType");
        var transaction = request.Path("txnId");
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        var messages = body.Root.FindObject("messages") ?? throw Refusal.MissingParam("messages");
        Check(messages);

        // The same transaction sent twice at once is sent once; both are answered when it is durable.
        var key = (request.Requester.Device, type, transaction);
        var run = _running.GetOrAdd(key, _ => new Lazy<Task>(() => SendAsync(request.Requester, type, transaction, messages)));
        try
        {
            await run.Value.ConfigureAwait(false);
        }
        finally
        {
            _running.TryRemove(new KeyValuePair<(long, string, string), Lazy<Task>>(key, run));
        }

        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }

    private async Task SendAsync(Requester sender, string type, string transaction, JsonElement messages)
    {
        if (await store.WasSentAsync(sender.Device, type, transaction).ConfigureAwait(false))
        {
            return;
        }

        var unit = new ToDeviceUnit(store, sender, type, transaction);
        foreach (var person in messages.EnumerateObject())
        {
            // Other servers' people are unknown here until there is federation.
            if (UserId.TryParse(person.Name, out var user) && organisations.Find(user.ServerName) is not null)
            {
                Address(unit, user, await sessions.ListAsync(user).ConfigureAwait(false), person.Value);
            }
        }

        await store.AppendAsync(unit).ConfigureAwait(false);
    }

    private static void Address(ToDeviceUnit unit, UserId user, List<Device> devices, JsonElement messages)
    {
        byte[]? toAll = messages.TryGetProperty("*", out var all) ? Bytes(all) : null;
        foreach (var device in devices)
        {
            if ((messages.TryGetProperty(device.DeviceId, out var own) ? Bytes(own) : toAll) is { } content)
            {
                unit.Add(user.Value, device.Nid, content);
            }
        }
    }

    private static byte[] Bytes(JsonElement content) => JsonMarshal.GetRawUtf8Value(content).ToArray();

    private static void Check(JsonElement messages)
    {
        foreach (var person in messages.EnumerateObject())
        {
            if (person.Value.ValueKind != JsonValueKind.Object
                || person.Value.EnumerateObject().Any(d => d.Value.ValueKind != JsonValueKind.Object))
            {
                throw Refusal.BadJson("'messages' must map user ids to device ids to objects.");
            }
        }
    }
}
