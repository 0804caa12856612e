using Causeway.Hosting;
using Causeway.Matrix;
using Causeway.Rooms;

namespace Causeway.Server.Endpoints;

/// <summary>GET /_matrix/client/versions. Client-server API, "API versions".</summary>
internal sealed class Versions(ServerOptions options) : IEndpoint
{
    /// <summary>
    /// r0.x and v1.1 are there because clients refuse a server that lists none they know (matrix-js-sdk: v1.1 to v1.13).
    /// A version is added once what it brought works.
    /// </summary>
    private static readonly string[] Known = ["r0.5.0", "r0.6.0", "r0.6.1", "v1.1", "v1.2", "v1.3", "v1.4", "v1.5", "v1.6", "v1.7", "v1.8", "v1.9", "v1.10", "v1.11"];

    public Task HandleAsync(MatrixRequest request) => request.ReplyAsync(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("versions"u8);
        foreach (var version in Known)
        {
            json.WriteStringValue(version);
        }

        json.WriteEndArray();
        json.WriteStartObject("unstable_features"u8);
        json.WriteBoolean("org.matrix.msc3440.stable"u8, true);
        json.WriteBoolean("org.matrix.msc4140"u8, true);
        json.WriteBoolean("org.matrix.msc3981"u8, true);
        json.WriteBoolean("org.matrix.msc3266"u8, true);
        json.WriteBoolean("uk.half-shot.msc2666.query_mutual_rooms"u8, true);
        json.WriteBoolean("uk.half-shot.msc2666.query_mutual_rooms.stable"u8, true);
        json.WriteBoolean("uk.tcpip.msc4133"u8, true);
        json.WriteBoolean("uk.tcpip.msc4133.stable"u8, true);
        json.WriteBoolean("org.matrix.msc4155"u8, true);
        json.WriteBoolean("org.matrix.msc4380.stable"u8, true);
        json.WriteBoolean("org.matrix.msc3771"u8, true);
        json.WriteBoolean("org.matrix.msc3773"u8, true);
        json.WriteBoolean("org.matrix.msc2285.stable"u8, true);
        json.WriteBoolean("org.matrix.msc3827.stable"u8, true);
        json.WriteBoolean("org.matrix.simplified_msc3575"u8, true);
        json.WriteBoolean("org.matrix.msc3881"u8, true);
        if (options.Calls.LiveKitService is not null)
        {
            json.WriteBoolean("org.matrix.msc4143"u8, true);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    });
}

/// <summary>GET /_matrix/client/v3/capabilities. Client-server API, "Capabilities negotiation".</summary>
internal sealed class Capabilities : IEndpoint
{
    public Task HandleAsync(MatrixRequest request) => request.ReplyAsync(json =>
    {
        json.WriteStartObject();
        json.WriteStartObject("capabilities"u8);
        foreach (var (name, enabled) in new[]
        {
            ("m.change_password", true), ("m.set_displayname", true), ("m.set_avatar_url", true),
            ("m.3pid_changes", false), ("m.get_login_token", false),
        })
        {
            json.WriteStartObject(name);
            json.WriteBoolean("enabled"u8, enabled);
            json.WriteEndObject();
        }

        // Any field, under its name of before v1.16 too.
        json.WriteStartObject("m.profile_fields"u8);
        json.WriteBoolean("enabled"u8, true);
        json.WriteEndObject();
        json.WriteStartObject("uk.tcpip.msc4133.profile_fields"u8);
        json.WriteBoolean("enabled"u8, true);
        json.WriteEndObject();

        if (request.Requester.IsAdmin)
        {
            json.WriteStartObject("m.account_moderation"u8);
            json.WriteBoolean("lock"u8, true);
            json.WriteBoolean("suspend"u8, true);
            json.WriteEndObject();
        }

        json.WriteStartObject("org.matrix.msc4140.delayed_events"u8);
        json.WriteNumber("max_delay_ms"u8, DelayedEventLimits.MaxDelayMs);
        json.WriteNumber("max_scheduled"u8, DelayedEventLimits.MaxScheduled);
        json.WriteEndObject();
        json.WriteStartObject("m.room_versions"u8);
        json.WriteString("default"u8, RoomVersionRules.Default.Version);
        json.WriteStartObject("available"u8);
        foreach (var rules in RoomVersionRules.All)
        {
            json.WriteString(rules.Version, rules.IsStable ? "stable"u8 : "unstable"u8);
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    });
}

/// <summary>
/// GET /.well-known/matrix/support: whom people can ask; not there until it is set. Client-server API, "Well-known URIs".
/// </summary>
internal sealed class WellKnownSupport(ServerOptions options) : IEndpoint
{
    public Task HandleAsync(MatrixRequest request)
    {
        if (options.SupportContact is null && options.SupportPage is null)
        {
            throw Refusal.NotFound("This server names nobody to ask.");
        }

        return request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            if (options.SupportContact is { } contact)
            {
                json.WriteStartArray("contacts"u8);
                json.WriteStartObject();
                json.WriteString(contact.StartsWith('@') ? "matrix_id"u8 : "email_address"u8, contact);
                json.WriteString("role"u8, "m.role.admin"u8);
                json.WriteEndObject();
                json.WriteEndArray();
            }

            if (options.SupportPage is { } page)
            {
                json.WriteString("support_page"u8, page);
            }

            json.WriteEndObject();
        });
    }
}

/// <summary>GET /.well-known/matrix/client. Client-server API, "Well-known URIs".</summary>
internal sealed class WellKnownClient(ServerOptions options) : IEndpoint
{
    public Task HandleAsync(MatrixRequest request)
    {
        var http = request.Http.Request;
        var url = options.PublicUrl ?? $"{http.Scheme}://{http.Host.Value}";
        return request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("m.homeserver"u8);
            json.WriteString("base_url"u8, url.TrimEnd('/'));
            json.WriteEndObject();
            if (options.Calls.LiveKitService is { } service)
            {
                json.WriteStartArray("org.matrix.msc4143.rtc_foci"u8);
                json.WriteStartObject();
                json.WriteString("type"u8, "livekit"u8);
                json.WriteString("livekit_service_url"u8, service.OriginalString);
                json.WriteEndObject();
                json.WriteEndArray();
            }

            json.WriteEndObject();
        });
    }
}
