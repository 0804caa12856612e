namespace Causeway.History;

/// <summary>The promise that was broken, and by what.</summary>
public sealed record Violation(string Promise, string Evidence)
{
    public override string ToString() => $"{Promise}: {Evidence}";
}
