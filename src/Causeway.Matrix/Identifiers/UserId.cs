using System.Diagnostics.CodeAnalysis;

namespace Causeway.Matrix;

/// <summary>
/// A user, <c>@localpart:server</c> (appendices, "User Identifiers"). Historical localparts are accepted, as the
/// specification demands of servers: any Unicode but <c>:</c>, NUL and lone surrogates, the empty one included.
/// </summary>
public readonly record struct UserId : IComparable<UserId>
{
    private readonly int _colon;

    private UserId(string value, int colon)
    {
        Value = value;
        _colon = colon;
    }

    /// <summary>The whole identifier.</summary>
    public string Value { get => field ?? string.Empty; }

    /// <summary>The part between <c>@</c> and the first colon.</summary>
    public string Localpart => _colon == 0 ? string.Empty : Value[1.._colon];

    /// <summary>The server that allocated the account.</summary>
    public ServerName ServerName => _colon == 0 ? default : ServerName.FromValid(Value[(_colon + 1)..]);

    /// <summary>The server's name as text, without an allocation.</summary>
    public ReadOnlySpan<char> ServerNameText => _colon == 0 ? default : Value.AsSpan(_colon + 1);

    /// <summary>False for ids that servers should not hand to clients outside an event: localpart empty or outside U+0021..U+007E.</summary>
    public bool IsCompliant =>
        _colon > 1 && Value.AsSpan(1, _colon - 1).IndexOfAnyExceptInRange('\u0021', '\u007E') < 0;

    /// <summary>Reads a user id, historical ones included.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out UserId id)
    {
        bool valid = IdGrammar.TrySplit(text, '@', out int colon);
        id = valid ? new UserId(text!, colon) : default;
        return valid;
    }

    /// <summary>Reads a user id that is known to be valid.</summary>
    /// <exception cref="FormatException">The text is not a user id.</exception>
    public static UserId Parse(string text) =>
        TryParse(text, out UserId id) ? id : throw new FormatException("Not a user id.");

    /// <summary>True if a new account may have this localpart: <c>a-z 0-9 . _ = - / +</c>, not empty.</summary>
    public static bool IsValidNewLocalpart(string localpart)
    {
        ArgumentNullException.ThrowIfNull(localpart);
        return localpart.Length is > 0 and <= IdGrammar.MaxBytes
            && localpart.AsSpan().IndexOfAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789._=-/+") < 0;
    }

    /// <summary>Joins a localpart and a server name.</summary>
    /// <exception cref="FormatException">The result would not be a user id.</exception>
    public static UserId Create(string localpart, ServerName server) => Parse($"@{localpart}:{server.Value}");

    /// <summary>True if both users belong to the same server.</summary>
    public bool IsOnSameServerAs(UserId other) => ServerNameText.SequenceEqual(other.ServerNameText);

    /// <inheritdoc/>
    public bool Equals(UserId other) => string.Equals(Value, other.Value, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => Value.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public int CompareTo(UserId other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}
