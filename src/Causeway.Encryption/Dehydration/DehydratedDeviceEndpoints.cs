using System.Globalization;
using System.Runtime.InteropServices;
using Causeway.Hosting;

namespace Causeway.Encryption;

/// <summary>PUT /_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device: sets one's dehydrated device (MSC3814).</summary>
internal sealed class SetDehydratedDevice(DehydratedDevices devices) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var requester = request.Requester;
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        var id = body.Root.GetString("device_id");
        var data = body.Root.FindObject("device_data") ?? throw Refusal.MissingParam("device_data");
        _ = data.GetString("algorithm");
        var upload = UploadedKeys.Parse(body.Root, requester.User, id);
        if (upload.Device is not { } device)
        {
            throw Refusal.MissingParam("device_keys");
        }

        if (upload.Fallback.Count == 0)
        {
            throw Refusal.MissingParam("fallback_keys");
        }

        if (device.Keys.GetValueOrDefault("curve25519:" + id) != id)
        {
            throw Refusal.InvalidParam("A dehydrated device's id is its Curve25519 key.");
        }

        upload.CheckSignatures(requester.User, id, device.Keys["ed25519:" + id]);
        await devices.SetAsync(
            requester, new DehydratedDevice(id, JsonMarshal.GetRawUtf8Value(data).ToArray()), upload,
            body.Root.FindString("initial_device_display_name")).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("device_id"u8, id);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}

/// <summary>GET /_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device: one's dehydrated device (MSC3814).</summary>
internal sealed class GetDehydratedDevice(DehydratedDevices devices) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var device = await devices.FindAsync(request.Requester.User).ConfigureAwait(false)
            ?? throw Refusal.NotFound("You have no dehydrated device.");
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("device_id"u8, device.DeviceId);
            json.WritePropertyName("device_data"u8);
            json.WriteRawValue(device.Data, skipInputValidation: true);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}

/// <summary>DELETE /_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device: ends it (MSC3814).</summary>
internal sealed class DeleteDehydratedDevice(DehydratedDevices devices) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var id = await devices.RemoveAsync(request.Requester.User).ConfigureAwait(false)
            ?? throw Refusal.NotFound("You have no dehydrated device.");
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("device_id"u8, id);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}

/// <summary>
/// GET (and, as older clients do, POST) /_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device/{deviceId}/events: what
/// was sent to it (MSC3814).
/// </summary>
internal sealed class DehydratedDeviceEvents(DehydratedDevices devices) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var id = request.Path("deviceId");
        var from = request.Query("from");
        if (request.Http.Request.Method == "POST")
        {
            using var body = await request.ReadJsonAsync(emptyIsObject: true).ConfigureAwait(false);
            from ??= body.Root.FindString("next_batch");
        }

        var after = 0L;
        if (from is not null && !(from.StartsWith('d') && long.TryParse(from.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out after)))
        {
            throw Refusal.InvalidParam("'from' is not a token of this endpoint.");
        }

        var user = request.Requester.User;
        if ((await devices.FindAsync(user).ConfigureAwait(false))?.DeviceId != id)
        {
            throw Refusal.Forbidden("This is not your dehydrated device.");
        }

        var (messages, more) = await devices.ReadAsync(user, id, after).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("events"u8);
            messages.ForEach(m => m.WriteTo(json));
            json.WriteEndArray();
            if (more)
            {
                json.WriteString("next_batch"u8, string.Create(CultureInfo.InvariantCulture, $"d{messages[^1].Position}"));
            }

            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}
