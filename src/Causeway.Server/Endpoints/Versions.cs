using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Server.Endpoints;

/// <summary>GET /_matrix/client/versions. Client-server API, "API versions".</summary>
internal sealed class Versions : IEndpoint
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
        json.WriteBoolean("org.matrix.msc3981"u8, true);
        json.WriteBoolean("org.matrix.msc3266"u8, true);
        json.WriteBoolean("org.matrix.msc3771"u8, true);
        json.WriteBoolean("org.matrix.msc3773"u8, true);
        json.WriteBoolean("org.matrix.msc2285.stable"u8, true);
        json.WriteBoolean("org.matrix.msc3827.stable"u8, true);
        json.WriteBoolean("org.matrix.simplified_msc3575"u8, true);
        json.WriteBoolean("org.matrix.msc3881"u8, true);
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

        json.WriteStartObject("m.profile_fields"u8);
        json.WriteBoolean("enabled"u8, true);
        json.WriteStartArray("allowed"u8);
        json.WriteStringValue("displayname"u8);
        json.WriteStringValue("avatar_url"u8);
        json.WriteEndArray();
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
            json.WriteEndObject();
        });
    }
}
