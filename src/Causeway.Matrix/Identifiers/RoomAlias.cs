using System.Diagnostics.CodeAnalysis;

namespace Causeway.Matrix;

/// <summary>A human-readable name of a room, <c>#localpart:server</c> (appendices, "Room Aliases").</summary>
public readonly record struct RoomAlias
{
    private readonly int _colon;

    private RoomAlias(string value, int colon)
    {
        Value = value;
        _colon = colon;
    }

    /// <summary>The whole alias.</summary>
    public string Value { get => field ?? string.Empty; }

    /// <summary>The part between <c>#</c> and the first colon.</summary>
    public string Localpart => _colon == 0 ? string.Empty : Value[1.._colon];

    /// <summary>The server that answers for the alias.</summary>
    public ServerName ServerName => _colon == 0 ? default : ServerName.FromValid(Value[(_colon + 1)..]);

    /// <summary>Reads an alias.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out RoomAlias alias)
    {
        bool valid = IdGrammar.TrySplit(text, '#', out int colon) && colon > 1;
        alias = valid ? new RoomAlias(text!, colon) : default;
        return valid;
    }

    /// <summary>Reads an alias that is known to be valid.</summary>
    /// <exception cref="FormatException">The text is not a room alias.</exception>
    public static RoomAlias Parse(string text) =>
        TryParse(text, out RoomAlias alias) ? alias : throw new FormatException("Not a room alias.");

    /// <inheritdoc/>
    public override string ToString() => Value;
}
