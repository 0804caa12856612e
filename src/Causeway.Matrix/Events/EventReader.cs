using System.Text;
using System.Text.Json;

namespace Causeway.Matrix;

/// <summary>Reads an event's fields in one pass and refuses what no room version lets an event be.</summary>
internal static class EventReader
{
    /// <summary>A whole event may have this many bytes (client-server API, "Size limits").</summary>
    public const int MaxEventBytes = 65536;

    /// <summary>The limit of type and state key.</summary>
    public const int MaxKeyBytes = 255;

    private const int MaxPrevEvents = 20;
    private const int MaxAuthEvents = 10;

    /// <exception cref="MalformedEventException">The bytes are not an event of this version.</exception>
    public static EventFields Read(ReadOnlySpan<byte> json, RoomVersionRules rules)
    {
        if (json.Length > MaxEventBytes)
        {
            throw new EventTooLargeException("The event is larger than 65536 bytes.");
        }

        try
        {
            return ReadObject(json, rules);
        }
        catch (Exception fault) when (fault is JsonException or CanonicalJsonException)
        {
            throw new MalformedEventException("The event is not well-formed JSON.");
        }
    }

    private static EventFields ReadObject(ReadOnlySpan<byte> json, RoomVersionRules rules)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = CanonicalJson.MaxDepth });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new MalformedEventException("The event is not a JSON object.");
        }

        var fields = default(EventFields);
        Seen seen = Seen.None;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            seen |= ReadMember(ref reader, rules, ref fields);
        }

        // Past the closing brace there must be nothing: reading on makes the reader check it.
        reader.Read();
        RequireAll(seen, fields, rules);
        if (fields.Type == EventTypes.Redaction && rules.RedactsInContent)
        {
            ReadOnlySpan<byte> content = json.Slice(fields.ContentStart, fields.ContentLength);
            fields.Redacts = AsEventId(JsonMembers.AsString(JsonMembers.Find(content, "redacts"u8)));
        }

        return fields;
    }

    private static Seen ReadMember(ref Utf8JsonReader reader, RoomVersionRules rules, ref EventFields fields)
    {
        ReadOnlySpan<byte> name = reader.ValueSpan;
        switch (name.Length)
        {
            case 4 when name.SequenceEqual("type"u8):
                reader.Read();
                fields.Type = ReadType(ref reader);
                return Seen.Type;
            case 5 when name.SequenceEqual("depth"u8):
                fields.Depth = ReadInteger(ref reader, "depth");
                return Seen.Depth;
            case 6 when name.SequenceEqual("sender"u8):
                fields.Sender = UserId.TryParse(ReadText(ref reader, "sender"), out UserId sender)
                    ? sender
                    : throw new MalformedEventException("The sender is not a user id.");
                return Seen.Sender;
            case 6 when name.SequenceEqual("hashes"u8):
                return ReadObjectOnly(ref reader, "hashes");
            case 7 when name.SequenceEqual("content"u8):
                reader.Read();
                fields.ContentStart = (int)reader.TokenStartIndex;
                RequireObject(ref reader, "content");
                fields.ContentLength = (int)reader.BytesConsumed - fields.ContentStart;
                return Seen.Content;
            case 7 when name.SequenceEqual("room_id"u8):
                fields.RoomId = RoomId.TryParse(ReadText(ref reader, "room_id"), out RoomId room)
                    ? room
                    : throw new MalformedEventException("The room_id is not a room id.");
                return Seen.None;
            case 7 when name.SequenceEqual("redacts"u8) && !rules.RedactsInContent:
                reader.Read();
                fields.Redacts = reader.TokenType == JsonTokenType.String ? AsEventId(JsonMembers.ReadString(ref reader)) : null;
                reader.Skip();
                return Seen.None;
            case 8 when name.SequenceEqual("event_id"u8) && rules.EventIdFormat == EventIdFormat.Legacy:
                fields.OwnId = ReadText(ref reader, "event_id");
                return Seen.None;
            case 9 when name.SequenceEqual("state_key"u8):
                fields.StateKey = ReadShort(ref reader, "state_key");
                return Seen.None;
            case 10 when name.SequenceEqual("signatures"u8):
                return ReadObjectOnly(ref reader, "signatures");
            case 11 when name.SequenceEqual("prev_events"u8):
                fields.PrevEvents = ReadEventIds(ref reader, rules, MaxPrevEvents, "prev_events");
                return Seen.PrevEvents;
            case 11 when name.SequenceEqual("auth_events"u8):
                fields.AuthEvents = ReadEventIds(ref reader, rules, MaxAuthEvents, "auth_events");
                return Seen.AuthEvents;
            case 16 when name.SequenceEqual("origin_server_ts"u8):
                fields.OriginServerTs = ReadInteger(ref reader, "origin_server_ts");
                return Seen.OriginServerTs;
            default:
                reader.Read();
                reader.Skip();
                return Seen.None;
        }
    }

    private static void RequireAll(Seen seen, in EventFields fields, RoomVersionRules rules)
    {
        if (seen != Seen.All)
        {
            throw new MalformedEventException($"The event lacks a required key: {Seen.All & ~seen}.");
        }

        if (fields.Depth < 0)
        {
            throw new MalformedEventException("The depth is negative.");
        }

        bool mayLackRoom = rules.RoomIdIsCreateHash && fields.Type == EventTypes.Create;
        if (fields.RoomId is null && !mayLackRoom)
        {
            throw new MalformedEventException("The event lacks a room_id.");
        }
    }

    private static string ReadType(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String && !reader.ValueIsEscaped
            && KnownEventTypes.Find(reader.ValueSpan) is { } known)
        {
            return known;
        }

        return Short(ref reader, "type");
    }

    private static string ReadShort(ref Utf8JsonReader reader, string key)
    {
        reader.Read();
        return Short(ref reader, key);
    }

    private static string Short(ref Utf8JsonReader reader, string key)
    {
        string text = Text(ref reader, key);
        return text.Length <= MaxKeyBytes && Encoding.UTF8.GetByteCount(text) <= MaxKeyBytes
            ? text
            : throw new EventTooLargeException($"The {key} is longer than 255 bytes.");
    }

    private static string ReadText(ref Utf8JsonReader reader, string key)
    {
        reader.Read();
        return Text(ref reader, key);
    }

    private static string Text(ref Utf8JsonReader reader, string key) =>
        (reader.TokenType == JsonTokenType.String ? JsonMembers.ReadString(ref reader) : null)
        ?? throw new MalformedEventException($"The {key} is not a string.");

    private static long ReadInteger(ref Utf8JsonReader reader, string key)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long value)
            ? value
            : throw new MalformedEventException($"The {key} is not an integer.");
    }

    private static Seen ReadObjectOnly(ref Utf8JsonReader reader, string key)
    {
        reader.Read();
        RequireObject(ref reader, key);
        return Seen.None;
    }

    private static void RequireObject(ref Utf8JsonReader reader, string key)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new MalformedEventException($"The {key} is not an object.");
        }

        reader.Skip();
    }

    private static EventId[] ReadEventIds(ref Utf8JsonReader reader, RoomVersionRules rules, int most, string key)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new MalformedEventException($"The {key} are not an array.");
        }

        Span<string?> texts = new string?[most];
        int count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (count == most)
            {
                throw new MalformedEventException($"There are more than {most} {key}.");
            }

            texts[count++] = rules.EventIdFormat == EventIdFormat.Legacy
                ? ReadIdAndHash(ref reader, key)
                : Text(ref reader, key);
        }

        var ids = count == 0 ? [] : new EventId[count];
        for (int i = 0; i < count; i++)
        {
            ids[i] = AsEventId(texts[i]) ?? throw new MalformedEventException($"One of the {key} is not an event id.");
        }

        return ids;
    }

    /// <summary>Room versions 1 and 2 write <c>[id, {"sha256": hash}]</c> for each event they refer to.</summary>
    private static string ReadIdAndHash(ref Utf8JsonReader reader, string key)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new MalformedEventException($"One of the {key} is not a pair of id and hashes.");
        }

        string id = ReadText(ref reader, key);
        reader.Read();
        RequireObject(ref reader, key);
        reader.Read();
        return reader.TokenType == JsonTokenType.EndArray
            ? id
            : throw new MalformedEventException($"One of the {key} is not a pair of id and hashes.");
    }

    private static EventId? AsEventId(string? text) => EventId.TryParse(text, out EventId id) ? id : null;

    [Flags]
    private enum Seen
    {
        None = 0,
        Type = 1,
        Depth = 2,
        Sender = 4,
        Content = 8,
        PrevEvents = 16,
        AuthEvents = 32,
        OriginServerTs = 64,
        All = 127,
    }
}
