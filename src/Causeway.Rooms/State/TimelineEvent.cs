using System.Globalization;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>
/// An event in a room's timeline: the signed event and what this server knows beside it. Immutable but for the
/// position, which the commit sets.
/// </summary>
public sealed class TimelineEvent
{
    private byte[]? _client;

    /// <summary>The signed event, in its redacted form when it was redacted.</summary>
    public required RoomEvent Event { get; init; }

    /// <summary>Its place in the log; 0 until it is durable.</summary>
    public long Position { get; internal set; }

    /// <summary>The device that sent it, or 0; its own /sync shows the transaction id.</summary>
    public long Device { get; init; }

    /// <summary>The transaction key, see <see cref="TransactionKey"/>.</summary>
    public string? Transaction { get; init; }

    /// <summary>For a state event: the one it replaced, as JSON of the whole event.</summary>
    public RoomEvent? Replaces { get; init; }

    /// <summary>The redaction that emptied it.</summary>
    public RoomEvent? RedactedBy { get; init; }

    /// <summary>The client's transaction id, for the sending device.</summary>
    public string? TransactionId => Transaction is null || DelayId is not null ? null : TransactionKey.IdOf(Transaction);

    /// <summary>The id of the delayed event that it was (MSC4140), or null.</summary>
    public string? DelayId => Transaction is null ? null : TransactionKey.FindDelayId(Transaction);

    /// <summary>This event after a redaction.</summary>
    public TimelineEvent Redacted(RoomEvent redaction) => new()
    {
        Event = RoomEvent.Parse(Redaction.Redact(Event.Json.Span, Event.Rules), Event.Rules, Event.Id),
        Position = Position,
        Device = Device,
        Transaction = Transaction,
        Replaces = Replaces,
        RedactedBy = redaction,
    };

    /// <summary>
    /// The client format without room_id, unsigned and the closing brace, made once and spliced into every answer (D8).
    /// </summary>
    internal ReadOnlySpan<byte> ClientPrefix => _client ??= BuildPrefix();

    private byte[] BuildPrefix()
    {
        using var buffer = new Hosting.PooledBuffer();
        using (var json = Hosting.JsonReply.Writer(buffer))
        {
            json.WriteStartObject();
            json.WritePropertyName("content"u8);
            json.WriteRawValue(Event.Content.Span, skipInputValidation: true);
            json.WriteString("event_id"u8, Event.Id.Value);
            json.WriteNumber("origin_server_ts"u8, Event.OriginServerTs);
            if (Event.Redacts is { } redacts)
            {
                // Old clients look for it at the top level, whatever the room version (v11, "Redactions").
                json.WriteString("redacts"u8, redacts.Value);
            }

            json.WriteString("sender"u8, Event.Sender.Value);
            if (Event.StateKey is { } key)
            {
                json.WriteString("state_key"u8, key);
            }

            json.WriteString("type"u8, Event.Type);
        }

        return buffer.Written.ToArray();
    }
}

/// <summary>
/// A transaction id is scoped by the endpoint's path: "5:txn-1send/m.room.message" = the id's length, the id, the rest.
/// </summary>
public static class TransactionKey
{
    /// <summary>The key of a transaction id within a scope of the same room.</summary>
    public static string Of(string id, string scope) =>
        string.Create(CultureInfo.InvariantCulture, $"{id.Length}:{id}{scope}");

    /// <summary>The key of the one sending of a delayed event; no request's scope is that.</summary>
    public static string OfDelayed(string id) => Of(id, "delayed");

    /// <summary>The id of a delayed event in its key, or null in another.</summary>
    public static string? FindDelayId(string key)
    {
        var id = key.EndsWith("delayed", StringComparison.Ordinal) ? IdOf(key) : null;
        return id is not null && key == OfDelayed(id) ? id : null;
    }

    /// <summary>The transaction id in a key.</summary>
    public static string IdOf(string key)
    {
        var colon = key.IndexOf(':', StringComparison.Ordinal);
        return key.Substring(colon + 1, int.Parse(key.AsSpan(0, colon), CultureInfo.InvariantCulture));
    }
}
