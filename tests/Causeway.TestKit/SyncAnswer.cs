using System.Text.Json;

namespace Causeway.TestKit;

/// <summary>An answer of /sync, with the ways into it that tests use most.</summary>
public sealed record SyncAnswer(MatrixAnswer Answer)
{
    public string NextBatch => Answer.Text("next_batch");

    public JsonElement Body => Answer.Body;

    public JsonElement? Joined(string room) => Room("join", room);

    public JsonElement? Invited(string room) => Room("invite", room);

    public JsonElement? Left(string room) => Room("leave", room);

    /// <summary>The events of the room's timeline; empty when the room is not in the answer.</summary>
    public IReadOnlyList<JsonElement> Timeline(string room) => Events(Joined(room) ?? Left(room), "timeline");

    /// <summary>The bodies of the messages in the room's timeline.</summary>
    public IReadOnlyList<string> Texts(string room) =>
    [
        .. from e in Timeline(room)
           where e.GetProperty("type").GetString() == "m.room.message"
           select Find(e.GetProperty("content"), "body")?.GetString() ?? "",
    ];

    /// <summary>The events under <c>state</c>, <c>ephemeral</c>, <c>account_data</c> or <c>timeline</c> of a joined room.</summary>
    public IReadOnlyList<JsonElement> EventsOf(string room, string section) => Events(Joined(room), section);

    private static List<JsonElement> Events(JsonElement? room, string section) =>
        room is { } r && Find(r, section) is { } found && Find(found, "events") is { } events
            ? [.. events.EnumerateArray()] : [];

    private JsonElement? Room(string section, string room) =>
        Find(Body, "rooms") is { } rooms && Find(rooms, section) is { } part ? Find(part, room) : null;

    private static JsonElement? Find(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : null;
}
