using System.Diagnostics.CodeAnalysis;

namespace Causeway.Matrix;

/// <summary>
/// A room, <c>!opaque</c> (room version 12: the create event's hash) or <c>!opaque:server</c>
/// (appendices, "Room IDs"). Opaque: never take it apart to route anything.
/// </summary>
public readonly record struct RoomId : IComparable<RoomId>
{
    private RoomId(string value) => Value = value;

    /// <summary>The whole identifier.</summary>
    public string Value { get => field ?? string.Empty; }

    /// <summary>The domain of the older format, empty in the newer; only authorisation rule 1.2 may look at it.</summary>
    internal ReadOnlySpan<char> Domain =>
        Value.IndexOf(':', StringComparison.Ordinal) is var at and >= 0 ? Value.AsSpan(at + 1) : default;

    /// <summary>Reads a room id of either format.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out RoomId id)
    {
        bool valid = IdGrammar.HasSigilAndLegalText(text, '!')
            && (!text!.Contains(':', StringComparison.Ordinal) || IdGrammar.TrySplit(text, '!', out _));
        id = valid ? new RoomId(text!) : default;
        return valid;
    }

    /// <summary>Reads a room id that is known to be valid.</summary>
    /// <exception cref="FormatException">The text is not a room id.</exception>
    public static RoomId Parse(string text) =>
        TryParse(text, out RoomId id) ? id : throw new FormatException("Not a room id.");

    /// <summary>The room whose id is the hash of this create event (room version 12, "Event format").</summary>
    public static RoomId OfCreateEvent(EventId create) => new(string.Concat("!", create.Value.AsSpan(1)));

    /// <summary>The create event whose hash this room id is; meaningful only where the rules say so.</summary>
    public EventId ToCreateEventId() => EventId.FromValid(string.Concat("$", Value.AsSpan(1)));

    /// <inheritdoc/>
    public int CompareTo(RoomId other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}
