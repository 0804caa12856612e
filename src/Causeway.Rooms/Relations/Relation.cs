using System.Text.Json;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>
/// What an event says of its relation to another: <c>m.relates_to</c> with a <c>rel_type</c>. What does not match the
/// schema is no relation. Client-server API, "Forming relationships between events".
/// </summary>
/// <param name="Target">The event it relates to; perhaps one that nobody knows.</param>
/// <param name="Type">The <c>rel_type</c>.</param>
/// <param name="Key">Of an annotation: what it says.</param>
public readonly record struct Relation(string Target, string Type, string? Key)
{
    /// <summary>A reply in a thread.</summary>
    public const string Thread = "m.thread";

    /// <summary>An edit.</summary>
    public const string Replace = "m.replace";

    /// <summary>A mention of any meaning (votes, verification).</summary>
    public const string Reference = "m.reference";

    /// <summary>A reaction.</summary>
    public const string Annotation = "m.annotation";

    private const int MaxLength = 255;

    /// <summary>The relation of an event, or null. State events have none.</summary>
    public static Relation? Of(RoomEvent e)
    {
        // Canonical JSON writes the key in this one way, and most events do not have it: a look at the bytes spares the parse.
        if (e.IsState || e.Content.Span.IndexOf("\"m.relates_to\""u8) < 0)
        {
            return null;
        }

        using var content = JsonDocument.Parse(e.Content);
        return Of(content.RootElement);
    }

    /// <summary>The relation in a content, or null.</summary>
    public static Relation? Of(JsonElement content) =>
        content.TryGetProperty("m.relates_to", out var relation) && relation.ValueKind == JsonValueKind.Object
        && Text(relation, "event_id") is { } target && Text(relation, "rel_type") is { } type
        && EventId.TryParse(target, out _)
            ? new Relation(target, type, type == Annotation ? Text(relation, "key", int.MaxValue) : null)
            : null;

    private static string? Text(JsonElement o, string name, int max = MaxLength) =>
        o.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text
        && text.Length <= max && !text.Contains('\0', StringComparison.Ordinal)
            ? text
            : null;
}
