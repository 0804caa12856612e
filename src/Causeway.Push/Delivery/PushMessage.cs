using System.Text.Json;
using Causeway.Hosting;

namespace Causeway.Push;

/// <summary>A notification about an event, or the new unread count alone. Push Gateway API, "POST /_matrix/push/v1/notify".</summary>
internal sealed record PushMessage
{
    /// <summary>Null = only the count.</summary>
    public string? EventId { get; init; }

    public string? RoomId { get; init; }

    public string? Type { get; init; }

    public string? Sender { get; init; }

    public string? SenderName { get; init; }

    public string? RoomName { get; init; }

    public string? RoomAlias { get; init; }

    public bool UserIsTarget { get; init; }

    public ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>Whether a sleeping device should wake at once.</summary>
    public bool IsUrgent { get; init; }

    public int Unread { get; init; }

    public string? Sound { get; init; }

    public bool Highlight { get; init; }

    /// <summary>The body for a gateway.</summary>
    public byte[] ToBody(Pusher pusher)
    {
        using var buffer = new PooledBuffer();
        using (var json = JsonReply.Writer(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("notification"u8);
            if (EventId is not null)
            {
                WriteEvent(json, pusher.IsEventIdOnly);
            }

            json.WriteString("prio"u8, IsUrgent ? "high"u8 : "low"u8);
            json.WriteStartObject("counts"u8);

            // Zero is left out, but where it is the news.
            if (Unread > 0 || EventId is null)
            {
                json.WriteNumber("unread"u8, Unread);
            }

            json.WriteEndObject();
            WriteDevice(json, pusher);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.Written.ToArray();
    }

    private void WriteEvent(Utf8JsonWriter json, bool idOnly)
    {
        json.WriteString("event_id"u8, EventId);
        json.WriteString("room_id"u8, RoomId);
        if (idOnly)
        {
            return;
        }

        json.WriteString("type"u8, Type);
        json.WriteString("sender"u8, Sender);
        foreach (var (name, value) in new[] { ("sender_display_name", SenderName), ("room_name", RoomName), ("room_alias", RoomAlias) })
        {
            if (value is not null)
            {
                json.WriteString(name, value);
            }
        }

        if (UserIsTarget)
        {
            json.WriteBoolean("user_is_target"u8, true);
        }

        if (!Content.IsEmpty)
        {
            json.WritePropertyName("content"u8);
            json.WriteRawValue(Content.Span, skipInputValidation: true);
        }
    }

    private void WriteDevice(Utf8JsonWriter json, Pusher pusher)
    {
        json.WriteStartArray("devices"u8);
        json.WriteStartObject();
        json.WriteString("app_id"u8, pusher.AppId);
        json.WriteString("pushkey"u8, pusher.PushKey);
        json.WriteNumber("pushkey_ts"u8, pusher.PushKeyTime);
        json.WriteStartObject("data"u8);
        foreach (var member in pusher.Members)
        {
            if (member.Name != "url")
            {
                member.WriteTo(json);
            }
        }

        json.WriteEndObject();
        if (EventId is not null)
        {
            json.WriteStartObject("tweaks"u8);
            if (Sound is not null)
            {
                json.WriteString("sound"u8, Sound);
            }

            if (Highlight)
            {
                json.WriteBoolean("highlight"u8, true);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndArray();
    }
}
