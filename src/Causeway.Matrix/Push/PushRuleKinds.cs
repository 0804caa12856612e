namespace Causeway.Matrix;

/// <summary>The wire names of <see cref="PushRuleKind"/>.</summary>
public static class PushRuleKinds
{
    /// <summary>All kinds in the order in which they are tried.</summary>
    public static IReadOnlyList<PushRuleKind> All { get; } =
        [PushRuleKind.Override, PushRuleKind.Content, PushRuleKind.Room, PushRuleKind.Sender, PushRuleKind.Underride];

    /// <summary>Reads a wire name.</summary>
    public static bool TryParse(string? text, out PushRuleKind kind)
    {
        (bool known, kind) = text switch
        {
            "override" => (true, PushRuleKind.Override),
            "content" => (true, PushRuleKind.Content),
            "room" => (true, PushRuleKind.Room),
            "sender" => (true, PushRuleKind.Sender),
            "underride" => (true, PushRuleKind.Underride),
            _ => (false, PushRuleKind.Override),
        };
        return known;
    }

    /// <summary>The name on the wire.</summary>
    public static string ToWire(this PushRuleKind kind) => kind switch
    {
        PushRuleKind.Override => "override",
        PushRuleKind.Content => "content",
        PushRuleKind.Room => "room",
        PushRuleKind.Sender => "sender",
        PushRuleKind.Underride => "underride",
    };
}
