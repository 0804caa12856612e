using System.Text;
using System.Text.Json;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>Writes events in the client format (Client-server API, "Room event format").</summary>
public static class ClientEvent
{
    /// <summary>How to write.</summary>
    /// <param name="Now">The server's time in ms, for <c>age</c>.</param>
    /// <param name="Device">The asking device, which sees its own transaction ids.</param>
    /// <param name="WithRoomId">/sync leaves it out.</param>
    public readonly record struct Form(long Now, long Device, bool WithRoomId)
    {
        /// <summary>The aggregations to bundle with the events, if any.</summary>
        public Bundles? Bundles { get; init; }
    }

    /// <summary>Writes one event as a value.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="e">The event.</param>
    /// <param name="form">How.</param>
    /// <param name="membership">The asking person's membership at the event, when known.</param>
    public static void Write(Utf8JsonWriter json, TimelineEvent e, in Form form, Membership? membership = null)
    {
        using var buffer = new Hosting.PooledBuffer();
        Put(buffer, e, form, membership);
        json.WriteRawValue(buffer.Written.Span, skipInputValidation: true);
    }

    private static void Put(Hosting.PooledBuffer buffer, TimelineEvent e, in Form form, Membership? membership)
    {
        var prefix = e.ClientPrefix;
        // The prefix was written as a whole object; its closing brace is left out by the writer's caller.
        prefix.CopyTo(buffer.GetSpan(prefix.Length));
        buffer.Advance(prefix.Length);
        if (form.WithRoomId)
        {
            Put(buffer, ",\"room_id\":\""u8);
            Put(buffer, JsonEncodedText.Encode(e.Event.RoomId.Value).EncodedUtf8Bytes);
            Put(buffer, "\""u8);
        }

        WriteUnsigned(buffer, e, form, membership);
        Put(buffer, "}"u8);
    }

    /// <summary>Writes the stripped form: sender, type, state_key, content ("Stripped state").</summary>
    public static void WriteStripped(Utf8JsonWriter json, RoomEvent e)
    {
        json.WriteStartObject();
        json.WritePropertyName("content"u8);
        json.WriteRawValue(e.Content.Span, skipInputValidation: true);
        json.WriteString("sender"u8, e.Sender.Value);
        json.WriteString("state_key"u8, e.StateKey ?? "");
        json.WriteString("type"u8, e.Type);
        json.WriteEndObject();
    }

    private static void WriteUnsigned(Hosting.PooledBuffer buffer, TimelineEvent e, in Form form, Membership? membership)
    {
        Put(buffer, ",\"unsigned\":{\"age\":"u8);
        Span<byte> number = stackalloc byte[20];
        System.Buffers.Text.Utf8Formatter.TryFormat(Math.Max(0, form.Now - e.Event.OriginServerTs), number, out var digits);
        Put(buffer, number[..digits]);
        if (membership is { } m)
        {
            Put(buffer, ",\"membership\":\""u8);
            Put(buffer, Encoding.UTF8.GetBytes(m.ToWire()));
            Put(buffer, "\""u8);
        }

        if (e.Replaces is { } replaced)
        {
            Put(buffer, ",\"prev_content\":"u8);
            Put(buffer, replaced.Content.Span);
            Put(buffer, ",\"replaces_state\":\""u8);
            Put(buffer, JsonEncodedText.Encode(replaced.Id.Value).EncodedUtf8Bytes);
            Put(buffer, "\""u8);
        }

        if (e.RedactedBy is { } redaction)
        {
            Put(buffer, ",\"redacted_because\":"u8);
            var because = new TimelineEvent { Event = redaction };
            Put(buffer, because.ClientPrefix);
            Put(buffer, ",\"room_id\":\""u8);
            Put(buffer, JsonEncodedText.Encode(redaction.RoomId.Value).EncodedUtf8Bytes);
            Put(buffer, "\"}"u8);
        }

        if (e.Device != 0 && e.Device == form.Device && e.TransactionId is { } transaction)
        {
            Put(buffer, ",\"transaction_id\":\""u8);
            Put(buffer, JsonEncodedText.Encode(transaction).EncodedUtf8Bytes);
            Put(buffer, "\""u8);
        }

        if (e.Device != 0 && e.Device == form.Device && e.DelayId is { } delayed)
        {
            Put(buffer, ",\"org.matrix.msc4140.delay_id\":\""u8);
            Put(buffer, JsonEncodedText.Encode(delayed).EncodedUtf8Bytes);
            Put(buffer, "\""u8);
        }

        if (form.Bundles?.Find(e.Event.Id) is { } bundle)
        {
            WriteRelations(buffer, bundle, form);
        }

        Put(buffer, "}"u8);
    }

    private static void WriteRelations(Hosting.PooledBuffer buffer, Bundle bundle, in Form form)
    {
        Put(buffer, ",\"m.relations\":{"u8);
        if (bundle.Edit is { } edit)
        {
            Put(buffer, "\"m.replace\":"u8);
            Put(buffer, edit, form, null);
        }

        if (bundle.References.Count > 0)
        {
            Put(buffer, bundle.Edit is null ? "\"m.reference\":{\"chunk\":["u8 : ",\"m.reference\":{\"chunk\":["u8);
            for (var i = 0; i < bundle.References.Count; i++)
            {
                Put(buffer, i == 0 ? "{\"event_id\":\""u8 : ",{\"event_id\":\""u8);
                Put(buffer, JsonEncodedText.Encode(bundle.References[i]).EncodedUtf8Bytes);
                Put(buffer, "\"}"u8);
            }

            Put(buffer, "]}"u8);
        }

        if (bundle.Thread is { } thread)
        {
            Put(buffer, bundle.Edit is null && bundle.References.Count == 0 ? "\"m.thread\":{\"count\":"u8 : ",\"m.thread\":{\"count\":"u8);
            Span<byte> number = stackalloc byte[20];
            System.Buffers.Text.Utf8Formatter.TryFormat(thread.Count, number, out var digits);
            Put(buffer, number[..digits]);
            Put(buffer, thread.Participated ? ",\"current_user_participated\":true"u8 : ",\"current_user_participated\":false"u8);
            Put(buffer, ",\"latest_event\":"u8);
            Put(buffer, thread.Latest, form, null);
            Put(buffer, "}"u8);
        }

        Put(buffer, "}"u8);
    }

    private static void Put(Hosting.PooledBuffer buffer, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(buffer.GetSpan(bytes.Length));
        buffer.Advance(bytes.Length);
    }
}
