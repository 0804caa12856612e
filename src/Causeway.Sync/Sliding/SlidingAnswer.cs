using System.Text.Json;
using Causeway.Accounts;
using Causeway.Rooms;

namespace Causeway.Sync.Sliding;

/// <summary>A sliding answer ready to be written, and what the client knows with it.</summary>
internal sealed class SlidingAnswer
{
    public required SyncScope Scope { get; init; }

    public required SlidingRequest Request { get; init; }

    /// <summary>How many rooms each list has, in the order of the request's lists.</summary>
    public required int[] Counts { get; init; }

    public List<SlidingRoomPart> Rooms { get; } = [];

    public ExtensionsPart Extensions { get; } = new();

    public ConnectionState Next { get; set; } = null!;

    /// <summary>Whether the client learns anything.</summary>
    public bool HasNews => Rooms.Count > 0 || Extensions.HasNews;

    public void WriteTo(Utf8JsonWriter json, string pos, long now)
    {
        json.WriteStartObject();
        json.WriteString("pos"u8, pos);
        if (Request.TransactionId is { } transaction)
        {
            json.WriteString("txn_id"u8, transaction);
        }

        json.WriteStartObject("lists"u8);
        for (var i = 0; i < Counts.Length; i++)
        {
            json.WriteStartObject(Request.Lists[i].Name);
            json.WriteNumber("count"u8, Counts[i]);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteStartObject("rooms"u8);
        var form = new ClientEvent.Form(now, Scope.Requester.Device, WithRoomId: false);
        foreach (var room in Rooms)
        {
            room.WriteTo(json, form);
        }

        json.WriteEndObject();
        json.WriteStartObject("extensions"u8);
        WriteToDevice(json);
        WriteEncryption(json);
        WriteAccountData(json);
        WriteReceipts(json);
        WriteTyping(json);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteToDevice(Utf8JsonWriter json)
    {
        if (Extensions.ToDevice is { } batch)
        {
            json.WriteStartObject("to_device"u8);
            json.WriteString("next_batch"u8, PageToken.Of(batch.End));
            json.WriteStartArray("events"u8);
            foreach (var message in batch.Messages)
            {
                message.WriteTo(json);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    private void WriteEncryption(Utf8JsonWriter json)
    {
        if (Extensions.Encryption is { } part)
        {
            json.WriteStartObject("e2ee"u8);
            part.WriteTo(json);
            json.WriteEndObject();
        }
    }

    private void WriteAccountData(Utf8JsonWriter json)
    {
        if (!Request.AccountData.IsEnabled)
        {
            return;
        }

        json.WriteStartObject("account_data"u8);
        WriteItems(json, "global", Extensions.GlobalAccountData);
        json.WriteStartObject("rooms"u8);
        foreach (var (room, items) in Extensions.AccountData)
        {
            WriteItems(json, room.Value, items);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteItems(Utf8JsonWriter json, string name, List<AccountDataItem> items)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStartObject();
            json.WriteString("type"u8, item.Type);
            json.WritePropertyName("content"u8);
            json.WriteRawValue(item.Content, skipInputValidation: true);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteReceipts(Utf8JsonWriter json)
    {
        if (Extensions.Receipts.Count == 0)
        {
            return;
        }

        json.WriteStartObject("receipts"u8);
        json.WriteStartObject("rooms"u8);
        foreach (var (room, receipts) in Extensions.Receipts)
        {
            // A room has one event here, with one receipt of a person and type at an event: the unthreaded one says more.
            json.WritePropertyName(room.Value);
            SyncAnswer.WriteReceipts(json, receipts.OrderBy(r => r.Thread.Length).DistinctBy(r => (r.EventId, r.Type, r.User)));
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteTyping(Utf8JsonWriter json)
    {
        if (Extensions.Typing.Count == 0)
        {
            return;
        }

        json.WriteStartObject("typing"u8);
        json.WriteStartObject("rooms"u8);
        foreach (var (room, users) in Extensions.Typing)
        {
            json.WritePropertyName(room.Value);
            SyncAnswer.WriteTyping(json, users);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
