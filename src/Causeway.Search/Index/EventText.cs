using System.Text.Json;
using Causeway.Matrix;

namespace Causeway.Search;

/// <summary>Which key of an event's content is searched. Stored as its number: never renumber.</summary>
internal enum TextKind
{
    /// <summary><c>content.body</c> of a message.</summary>
    Message = 0,

    /// <summary><c>content.name</c> of m.room.name.</summary>
    Name = 1,

    /// <summary><c>content.topic</c> of m.room.topic.</summary>
    Topic = 2,
}

/// <summary>What search reads in an event, from its JSON as the log has it. Client-server API, "Server Side Search".</summary>
internal sealed record EventText
{
    /// <summary>The searched text: of an edit the new one; null when there is none.</summary>
    public string? Text { get; private init; }

    /// <summary>Which key it is of.</summary>
    public TextKind Kind { get; private init; }

    /// <summary>The event that this one edits, redacts.</summary>
    public EventId? Target { get; private init; }

    /// <summary>Whether it is an edit.</summary>
    public bool IsEdit { get; private init; }

    /// <summary>The room's id.</summary>
    public RoomId? Room { get; private init; }

    /// <summary>Who joined by it.</summary>
    public UserId? Joined { get; private init; }

    /// <summary>Whether it may make the room public or private.</summary>
    public bool ChangesAccess { get; private init; }

    /// <summary>Reads an event.</summary>
    public static EventText Read(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var e = document.RootElement;
        var content = e.TryGetProperty("content", out var c) && c.ValueKind == JsonValueKind.Object ? c : default;
        var read = new EventText { Room = RoomId.TryParse(StringOf(e, "room_id"), out var room) ? room : null };
        var stateKey = StringOf(e, "state_key");
        return (StringOf(e, "type"), stateKey) switch
        {
            ("m.room.message", null) => read.OfMessage(content),
            ("m.room.redaction", null) => read with { Target = Id(StringOf(content, "redacts") ?? StringOf(e, "redacts")) },
            ("m.room.name", "") => read with { Kind = TextKind.Name, Text = StringOf(content, "name") },
            ("m.room.topic", "") => read with { Kind = TextKind.Topic, Text = Topic(content) },
            ("m.room.join_rules" or "m.room.history_visibility", "") => read with { ChangesAccess = true },
            ("m.room.member", not null) when StringOf(content, "membership") == "join" && UserId.TryParse(stateKey, out var user) =>
                read with { Joined = user },
            _ => read,
        };
    }

    private EventText OfMessage(JsonElement content)
    {
        if (Find(content, "m.relates_to") is { } relation && StringOf(relation, "rel_type") == "m.replace" && Id(StringOf(relation, "event_id")) is { } target)
        {
            return this with
            {
                IsEdit = true, Target = target, Text = Find(content, "m.new_content") is { } replacement ? StringOf(replacement, "body") : null,
            };
        }

        return this with { Text = StringOf(content, "body") };
    }

    /// <summary>The topic and the plain text of its newer form, which may say more.</summary>
    private static string? Topic(JsonElement content)
    {
        var topic = StringOf(content, "topic");
        if (Find(content, "m.topic") is not { } block || !block.TryGetProperty("m.text", out var texts) || texts.ValueKind != JsonValueKind.Array)
        {
            return topic;
        }

        foreach (var form in texts.EnumerateArray())
        {
            if (form.ValueKind == JsonValueKind.Object && StringOf(form, "mimetype") is null or "text/plain" && StringOf(form, "body") is { } body)
            {
                return topic is null || body == topic ? body : $"{topic}\n{body}";
            }
        }

        return topic;
    }

    private static JsonElement? Find(JsonElement o, string name) =>
        o.ValueKind == JsonValueKind.Object && o.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;

    private static string? StringOf(JsonElement o, string name) =>
        o.ValueKind == JsonValueKind.Object && o.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static EventId? Id(string? text) => EventId.TryParse(text, out var id) ? id : null;
}
