using System.Text.Json;
using Causeway.Accounts;
using Causeway.Matrix;
using Causeway.Rooms;

namespace Causeway.Sync;

/// <summary>An answer ready to be written.</summary>
internal sealed class SyncAnswer
{
    public required SyncScope Scope { get; init; }

    public required EncryptionPart Encryption { get; init; }

    public List<RoomPart> Joined { get; } = [];

    public List<RoomPart> Left { get; } = [];

    public List<(RoomId Room, List<RoomEvent> State)> Invited { get; } = [];

    public List<(RoomId Room, List<RoomEvent> State)> Knocked { get; } = [];

    public List<AccountDataItem> AccountData { get; set; } = [];

    public List<(string User, PresenceState State)> Presence { get; set; } = [];

    /// <summary>Whether the client learns anything; an empty answer is not sent before the time is over.</summary>
    public bool HasNews => Joined.Count > 0 || Left.Count > 0 || Invited.Count > 0 || Knocked.Count > 0
        || AccountData.Count > 0 || Presence.Count > 0 || Encryption.HasNews;

    public void WriteTo(Utf8JsonWriter json, long now)
    {
        json.WriteStartObject();
        json.WriteString("next_batch"u8, Scope.Until.ToString());
        WriteAccountData(json, AccountData);
        WritePresence(json, now);
        Encryption.WriteTo(json);
        json.WriteStartObject("rooms"u8);
        if (Joined.Count > 0)
        {
            json.WriteStartObject("join"u8);
            foreach (var part in Joined)
            {
                json.WriteStartObject(part.Room.Id.Value);
                WriteRoom(json, part, now);
                WriteEphemeral(json, part);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        WriteStripped(json, "invite", "invite_state", Invited);
        WriteStripped(json, "knock", "knock_state", Knocked);
        if (Left.Count > 0)
        {
            json.WriteStartObject("leave"u8);
            foreach (var part in Left)
            {
                json.WriteStartObject(part.Room.Id.Value);
                WriteRoom(json, part, now);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteRoom(Utf8JsonWriter json, RoomPart part, long now)
    {
        var form = new ClientEvent.Form(now, Scope.Requester.Device, WithRoomId: false) { Bundles = part.Bundles };
        json.WriteStartObject("timeline"u8);
        json.WriteStartArray("events"u8);
        foreach (var e in part.Timeline.Events)
        {
            Write(json, e, form, part.View.MembershipAt(e));
        }

        json.WriteEndArray();
        json.WriteBoolean("limited"u8, part.Timeline.Limited);
        json.WriteString("prev_batch"u8, PageToken.Of(part.Timeline.Start));
        json.WriteEndObject();

        json.WriteStartObject(Scope.StateAfter switch
        {
            StateAfter.No => "state"u8,
            StateAfter.Stable => "state_after"u8,
            StateAfter.Unstable => "org.matrix.msc4222.state_after"u8,
        });
        json.WriteStartArray("events"u8);
        foreach (var e in part.State)
        {
            Write(json, e, form, null);
        }

        json.WriteEndArray();
        json.WriteEndObject();

        WriteAccountData(json, part.AccountData);
        if (part.Summary is { } summary)
        {
            json.WriteStartObject("summary"u8);
            if (summary.Heroes.Count > 0)
            {
                json.WriteStartArray("m.heroes"u8);
                summary.Heroes.ForEach(json.WriteStringValue);
                json.WriteEndArray();
            }

            json.WriteNumber("m.invited_member_count"u8, summary.Invited);
            json.WriteNumber("m.joined_member_count"u8, summary.Joined);
            json.WriteEndObject();
        }

        if (part.Unread is { } unread)
        {
            unread.WriteTo(json, Scope.Filter.Timeline.UnreadThreadNotifications);
        }
    }

    private void Write(Utf8JsonWriter json, TimelineEvent e, in ClientEvent.Form form, Membership? membership)
    {
        if (Scope.Filter.FederationFormat)
        {
            json.WriteRawValue(e.Event.Json.Span, skipInputValidation: true);
        }
        else
        {
            ClientEvent.Write(json, e, form, membership);
        }
    }

    private static void WriteEphemeral(Utf8JsonWriter json, RoomPart part)
    {
        if (part.Receipts.Count == 0 && part.Typing is null)
        {
            return;
        }

        json.WriteStartObject("ephemeral"u8);
        json.WriteStartArray("events"u8);
        // One person can have read an event in a thread and unthreaded; the format has room for one receipt of a person
        // and type at an event, so the next goes into an m.receipt of its own.
        foreach (var receipts in part.Receipts.GroupBy(r => (r.EventId, r.Type, r.User))
            .SelectMany(same => same.OrderByDescending(r => r.Thread.Length).Select((r, i) => (Receipt: r, Layer: i)))
            .GroupBy(r => r.Layer, r => r.Receipt))
        {
            WriteReceipts(json, receipts);
        }

        if (part.Typing is { } typing)
        {
            WriteTyping(json, typing);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    internal static void WriteTyping(Utf8JsonWriter json, IReadOnlyList<string> users)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "m.typing"u8);
        json.WriteStartObject("content"u8);
        json.WriteStartArray("user_ids"u8);
        foreach (var user in users)
        {
            json.WriteStringValue(user);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    internal static void WriteReceipts(Utf8JsonWriter json, IEnumerable<Receipt> receipts)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "m.receipt"u8);
        json.WriteStartObject("content"u8);
        foreach (var byEvent in receipts.GroupBy(r => r.EventId))
        {
            json.WriteStartObject(byEvent.Key);
            foreach (var byType in byEvent.GroupBy(r => r.Type))
            {
                json.WriteStartObject(byType.Key);
                foreach (var receipt in byType)
                {
                    json.WriteStartObject(receipt.User);
                    json.WriteNumber("ts"u8, receipt.Timestamp);
                    if (receipt.Thread.Length > 0)
                    {
                        json.WriteString("thread_id"u8, receipt.Thread);
                    }

                    json.WriteEndObject();
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteStripped(
        Utf8JsonWriter json, string section, string name, List<(RoomId Room, List<RoomEvent> State)> rooms)
    {
        if (rooms.Count == 0)
        {
            return;
        }

        json.WriteStartObject(section);
        foreach (var (room, state) in rooms)
        {
            json.WriteStartObject(room.Value);
            json.WriteStartObject(name);
            json.WriteStartArray("events"u8);
            state.ForEach(e => ClientEvent.WriteStripped(json, e));
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteAccountData(Utf8JsonWriter json, List<AccountDataItem> items)
    {
        if (items.Count == 0)
        {
            return;
        }

        json.WriteStartObject("account_data"u8);
        json.WriteStartArray("events"u8);
        foreach (var item in items)
        {
            json.WriteStartObject();
            json.WriteString("type"u8, item.Type);
            json.WritePropertyName("content"u8);
            json.WriteRawValue(item.Content, skipInputValidation: true);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WritePresence(Utf8JsonWriter json, long now)
    {
        if (Presence.Count == 0)
        {
            return;
        }

        json.WriteStartObject("presence"u8);
        json.WriteStartArray("events"u8);
        foreach (var (user, state) in Presence)
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "m.presence"u8);
            json.WriteString("sender"u8, user);
            json.WriteStartObject("content"u8);
            PresenceContent.WriteMembers(json, state, now);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
