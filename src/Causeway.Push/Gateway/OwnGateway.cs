using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Push;

/// <summary>
/// The push gateway in this server. It delivers to subscriptions of pushers that are registered here and to nothing else,
/// so that it is no open relay: the address and keys are those of the pusher, never those of a request.
/// </summary>
internal sealed class OwnGateway(OutboundClient outbound, Vapid vapid, IdSource ids)
{
    private const string Whom = "push service";
    private const int MaxAnswer = 16 << 10;

    /// <summary>A message that is not fetched in this time is of no use any more.</summary>
    private const string TimeToLive = "86400";

    private static readonly string[] Copied =
        ["room_id", "room_name", "room_alias", "event_id", "sender", "sender_display_name", "user_is_target", "type", "content"];

    /// <summary>Delivers a body of the Push Gateway API to a pusher's subscription.</summary>
    public async Task<Attempt> SendAsync(Pusher pusher, byte[] body, CancellationToken cancellation)
    {
        using var json = JsonDocument.Parse(body);
        var notification = json.RootElement.GetProperty("notification");
        var isUrgent = notification.FindText("prio") != "low";
        try
        {
            return pusher.Find("endpoint") is { } endpoint
                ? await SendWebPushAsync(pusher, new Uri(endpoint), notification, isUrgent, cancellation).ConfigureAwait(false)
                : await PostAsync(
                    new OutboundRequest(HttpMethod.Post, new Uri(pusher.PushKey)) { Content = PushHttp.Json(body), Headers = Headers(isUrgent) },
                    cancellation).ConfigureAwait(false);
        }
        catch (OutboundException)
        {
            return Attempt.Unreached(Whom);
        }
    }

    private async Task<Attempt> SendWebPushAsync(
        Pusher pusher, Uri endpoint, JsonElement notification, bool isUrgent, CancellationToken cancellation)
    {
        if (pusher.IsEventsOnly && notification.FindText("event_id") is null)
        {
            return new Attempt(Fate.Delivered, "This pusher wants events only.");
        }

        if (Payload(pusher, notification) is not { } text || WebPushKeys.TryParse(pusher.PushKey, pusher.Find("auth") ?? "") is not { } keys)
        {
            return new Attempt(Fate.Refused, "The message is larger than Web Push allows.");
        }

        byte[] encrypted;
        using (var sender = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256))
        {
            encrypted = WebPushEncryption.Encrypt(text, keys, sender, ids.Bytes(16));
        }

        var content = new ByteArrayContent(encrypted);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        content.Headers.ContentEncoding.Add("aes128gcm");
        var headers = Headers(isUrgent);
        headers.Add(("Authorization", await vapid.AuthorizeAsync(endpoint).ConfigureAwait(false)));
        if (pusher.IsOnlyLastPerRoom && notification.FindText("room_id") is { } room)
        {
            // The push service replaces what it still holds under the same topic (RFC 8030, section 5.4); 32 letters at most.
            headers.Add(("Topic", UnpaddedBase64.EncodeUrlSafe(SHA256.HashData(Encoding.UTF8.GetBytes(room)).AsSpan(0, 24))));
        }

        return await PostAsync(
            new OutboundRequest(HttpMethod.Post, endpoint) { Content = content, Headers = headers }, cancellation).ConfigureAwait(false);
    }

    private async Task<Attempt> PostAsync(OutboundRequest request, CancellationToken cancellation)
    {
        using var answer = await outbound.SendAsync(
            request with { MaxBodyBytes = MaxAnswer, Timeout = PushHttp.Patience }, cancellation).ConfigureAwait(false);
        var told = $"The {Whom} answered with status {answer.Status}.";
        return answer.Status switch
        {
            >= 200 and < 300 => new Attempt(Fate.Delivered, $"The {Whom} took it."),
            404 or 410 => new Attempt(Fate.Gone, $"The {Whom} no longer knows this subscription. The pusher was removed."),
            400 or 401 or 403 or 413 => new Attempt(Fate.Refused, told),
            _ => new Attempt(Fate.Later, told, PushHttp.RetryAfter(answer)),
        };
    }

    private static List<(string Name, string Value)> Headers(bool isUrgent) =>
        [("TTL", TimeToLive), ("Urgency", isUrgent ? "high" : "normal")];

    /// <summary>
    /// The notification as web apps know it from other gateways: one flat object, the counts in it. What is too large goes
    /// without its content and names; the app fetches the event.
    /// </summary>
    private static byte[]? Payload(Pusher pusher, JsonElement notification)
    {
        var whole = Payload(pusher, notification, Copied);
        return whole.Length <= WebPushEncryption.MaxText ? whole
            : Payload(pusher, notification, ["room_id", "event_id"]) is { Length: <= WebPushEncryption.MaxText } small ? small : null;
    }

    private static byte[] Payload(Pusher pusher, JsonElement notification, string[] names)
    {
        using var buffer = new PooledBuffer();
        using (var json = JsonReply.Writer(buffer))
        {
            json.WriteStartObject();
            if (pusher.DefaultPayload is { ValueKind: JsonValueKind.Object } payload)
            {
                foreach (var member in payload.EnumerateObject())
                {
                    if (!Copied.Contains(member.Name) && member.Name is not ("unread" or "missed_calls"))
                    {
                        member.WriteTo(json);
                    }
                }
            }

            foreach (var name in names)
            {
                if (notification.TryGetProperty(name, out var value))
                {
                    json.WritePropertyName(name);
                    value.WriteTo(json);
                }
            }

            if (notification.TryGetProperty("counts", out var counts) && counts.ValueKind == JsonValueKind.Object)
            {
                foreach (var count in counts.EnumerateObject().Where(c => c.Name is "unread" or "missed_calls"))
                {
                    count.WriteTo(json);
                }
            }

            json.WriteEndObject();
        }

        return buffer.Written.ToArray();
    }
}

/// <summary>Reads that forgive a wrong type.</summary>
internal static class NotificationJson
{
    public static string? FindText(this JsonElement o, string name) =>
        o.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
