namespace Causeway.Matrix;

/// <summary>Whether an event may be, and if not, which rule refuses it.</summary>
public readonly record struct AuthVerdict(bool Allowed, string? Reason)
{
    /// <summary>Allowed.</summary>
    public static AuthVerdict Allow => new(true, null);

    /// <summary>Refused, with the reason.</summary>
    public static AuthVerdict Refuse(string reason) => new(false, reason);
}
