using System.Text.Json;
using Causeway.Hosting;

namespace Causeway.Accounts;

/// <summary>GET /_matrix/client/v3/devices. Client-server API, "Device management".</summary>
internal sealed class ListDevices(SessionStore sessions) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var devices = await sessions.ListAsync(request.Requester.User).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("devices"u8);
            devices.ForEach(d => Write(json, d));
            json.WriteEndArray();
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    internal static void Write(Utf8JsonWriter json, Device device)
    {
        json.WriteStartObject();
        json.WriteString("device_id"u8, device.DeviceId);
        if (device.DisplayName is { } name)
        {
            json.WriteString("display_name"u8, name);
        }

        if (device.LastSeen > 0)
        {
            json.WriteNumber("last_seen_ts"u8, device.LastSeen);
            json.WriteString("last_seen_ip"u8, device.LastAddress);
        }

        json.WriteEndObject();
    }
}

/// <summary>GET /_matrix/client/v3/devices/{deviceId}. Client-server API, "Device management".</summary>
internal sealed class GetDevice(SessionStore sessions) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var device = await sessions.FindAsync(request.Requester.User, request.Path("deviceId")).ConfigureAwait(false)
            ?? throw Refusal.NotFound("You have no such device.");
        await request.ReplyAsync(json => ListDevices.Write(json, device)).ConfigureAwait(false);
    }
}

/// <summary>PUT /_matrix/client/v3/devices/{deviceId}: names it. Client-server API, "Device management".</summary>
internal sealed class SetDevice(SessionStore sessions) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        var name = body.Root.FindString("display_name");
        if (name?.Length > 100)
        {
            throw new Refusal(400, "M_TOO_LARGE", "A device's name has at most 100 characters.");
        }

        var device = await sessions.FindAsync(request.Requester.User, request.Path("deviceId")).ConfigureAwait(false)
            ?? throw Refusal.NotFound("You have no such device.");
        if (name is not null)
        {
            await sessions.RenameAsync(device, name).ConfigureAwait(false);
        }

        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}

/// <summary>DELETE /_matrix/client/v3/devices/{deviceId}: ends it. Client-server API, "Device management".</summary>
internal sealed class DeleteDevice(SessionStore sessions, InteractiveAuth auth) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync(emptyIsObject: true).ConfigureAwait(false);
        await auth.CheckPasswordAsync(request, body.Root).ConfigureAwait(false);
        await sessions.RemoveAsync(request.Requester.User, [request.Path("deviceId")]).ConfigureAwait(false);
        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}

/// <summary>POST /_matrix/client/v3/delete_devices: ends several. Client-server API, "Device management".</summary>
internal sealed class DeleteDevices(SessionStore sessions, InteractiveAuth auth) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        var devices = body.Root.FindStrings("devices") ?? throw Refusal.MissingParam("devices");
        await auth.CheckPasswordAsync(request, body.Root).ConfigureAwait(false);
        await sessions.RemoveAsync(request.Requester.User, devices).ConfigureAwait(false);
        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}
