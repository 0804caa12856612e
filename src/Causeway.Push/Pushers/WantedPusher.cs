using System.Text;
using System.Text.Json;
using Causeway.Hosting;

namespace Causeway.Push;

/// <summary>What a client asks for with POST /pushers/set, checked.</summary>
internal sealed record WantedPusher(
    string AppId, string PushKey, string AppName, string DeviceName, string? ProfileTag, string Language, byte[] Data,
    bool IsEnabled, bool IsOwnGateway, bool Append)
{
    /// <summary>The one path a push gateway has.</summary>
    public const string GatewayPath = "/_matrix/push/v1/notify";

    private const int MaxText = 512;
    private const int MaxData = 8192;

    /// <summary>The application and key, which name a pusher of a person.</summary>
    public static (string AppId, string PushKey) ReadKey(JsonElement body)
    {
        var (appId, pushKey) = (body.GetString("app_id"), body.GetString("pushkey"));
        return appId.Length is 0 or > 64 || appId.Contains('\0', StringComparison.Ordinal)
            ? throw Refusal.InvalidParam("'app_id' must have 1 to 64 characters.")
            : Encoding.UTF8.GetByteCount(pushKey) is 0 or > MaxText || pushKey.Contains('\0', StringComparison.Ordinal)
                ? throw Refusal.InvalidParam($"'pushkey' must have 1 to {MaxText} bytes.")
                : (appId, pushKey);
    }

    /// <summary>All of it.</summary>
    /// <param name="body">The request's body.</param>
    /// <param name="isOwn">Whether an address is this server's own gateway.</param>
    /// <param name="outbound">Which addresses may be reached.</param>
    public static WantedPusher Read(JsonElement body, Func<Uri, bool> isOwn, OutboundClient outbound)
    {
        var (appId, pushKey) = ReadKey(body);
        if (body.GetString("kind") != "http")
        {
            throw Refusal.InvalidParam("Only pushers of the kind 'http' are supported.");
        }

        var data = body.FindObject("data") ?? throw Refusal.MissingParam("data");
        var bytes = Encoding.UTF8.GetBytes(data.GetRawText());
        if (bytes.Length > MaxData)
        {
            throw Refusal.InvalidParam($"'data' must have at most {MaxData} bytes.");
        }

        var url = ReadAddress(data.GetString("url"), "url");
        var own = isOwn(url);
        if (url.AbsolutePath != GatewayPath)
        {
            throw Refusal.InvalidParam($"The path of 'url' must be {GatewayPath}.");
        }

        if (own)
        {
            CheckOwn(data, pushKey, outbound);
        }
        else
        {
            CheckReachable(url, "url", outbound);
        }

        return new WantedPusher(
            appId, pushKey, ReadText(body, "app_display_name"), ReadText(body, "device_display_name"),
            body.FindString("profile_tag") is null ? null : ReadText(body, "profile_tag"), ReadText(body, "lang"), bytes,
            body.FindBool("org.matrix.msc3881.enabled") ?? true, own, body.FindBool("append") ?? false);
    }

    private static string ReadText(JsonElement body, string name)
    {
        var text = body.GetString(name);
        return text.Length > MaxText || text.Contains('\0', StringComparison.Ordinal)
            ? throw Refusal.InvalidParam($"'{name}' must have at most {MaxText} characters.")
            : text;
    }

    /// <summary>The gateway in this server delivers Web Push (the key is the browser's) and UnifiedPush (the key is an address).</summary>
    private static void CheckOwn(JsonElement data, string pushKey, OutboundClient outbound)
    {
        if (data.FindString("endpoint") is { } endpoint)
        {
            CheckSubscription(ReadAddress(endpoint, "endpoint"), "endpoint", outbound);
            if (WebPushKeys.TryParse(pushKey, data.GetString("auth")) is null)
            {
                throw Refusal.InvalidParam("'pushkey' must be the subscription's p256dh key and 'auth' its 16 bytes, both in Base64.");
            }
        }
        else if (Uri.TryCreate(pushKey, UriKind.Absolute, out _))
        {
            CheckSubscription(ReadAddress(pushKey, "pushkey"), "pushkey", outbound);
        }
        else
        {
            throw Refusal.InvalidParam("This server's own gateway needs 'endpoint' and 'auth' of a Web Push subscription in 'data', or a UnifiedPush address as 'pushkey'.");
        }
    }

    private static Uri ReadAddress(string text, string name) =>
        text.Length <= 2048 && Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "https" or "http" && url.Fragment.Length == 0
            ? url
            : throw Refusal.InvalidParam($"'{name}' is not an https address.");

    /// <summary>A subscription behind a gateway, ours or another's, would send each message round for ever.</summary>
    private static void CheckSubscription(Uri url, string name, OutboundClient outbound)
    {
        CheckReachable(url, name, outbound);
        if (url.AbsolutePath.TrimEnd('/').Equals(GatewayPath, StringComparison.OrdinalIgnoreCase))
        {
            throw Refusal.InvalidParam($"'{name}' must be the address of a push service, not of a push gateway.");
        }
    }

    private static void CheckReachable(Uri url, string name, OutboundClient outbound)
    {
        if (outbound.IsRefused(url) || (url.Scheme != Uri.UriSchemeHttps && !outbound.IsAllowedByOperator(url)))
        {
            throw Refusal.InvalidParam($"'{name}' must be an https address of the public internet.");
        }
    }
}
