using System.Diagnostics.CodeAnalysis;

namespace Causeway.Matrix;

/// <summary>An event, <c>$opaque</c> or <c>$opaque:server</c> by room version (appendices, "Event IDs").</summary>
public readonly record struct EventId : IComparable<EventId>
{
    private EventId(string value) => Value = value;

    /// <summary>The whole identifier.</summary>
    public string Value { get => field ?? string.Empty; }

    /// <summary>The domain of the format of room versions 1 and 2, else empty.</summary>
    internal ReadOnlySpan<char> Domain =>
        Value.IndexOf(':', StringComparison.Ordinal) is var at and >= 0 ? Value.AsSpan(at + 1) : default;

    /// <summary>Reads an event id of any format.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out EventId id)
    {
        bool valid = IdGrammar.HasSigilAndLegalText(text, '$');
        id = valid ? new EventId(text!) : default;
        return valid;
    }

    /// <summary>Reads an event id that is known to be valid.</summary>
    /// <exception cref="FormatException">The text is not an event id.</exception>
    public static EventId Parse(string text) =>
        TryParse(text, out EventId id) ? id : throw new FormatException("Not an event id.");

    /// <summary>For callers that have made or checked the text already.</summary>
    internal static EventId FromValid(string text) => new(text);

    /// <inheritdoc/>
    public bool Equals(EventId other) => string.Equals(Value, other.Value, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => Value.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public int CompareTo(EventId other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}
