namespace Causeway.Matrix;

/// <summary>Who is asked about, and what the rules need to know of the room at the event.</summary>
public readonly record struct PushContext(UserId User, string? DisplayName, int JoinedMembers, PowerLevels PowerLevels);

/// <summary>What the first matching push rule says; the default value if none matches.</summary>
public readonly record struct PushOutcome(bool Notify, bool Highlight, string? Sound, string? RuleId);
