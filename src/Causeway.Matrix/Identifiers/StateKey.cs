namespace Causeway.Matrix;

/// <summary>What a state event sets: its type and its state key (client-server API, "Room events").</summary>
public readonly record struct StateKey(string Type, string Key)
{
    /// <summary><c>m.room.create</c>.</summary>
    public static StateKey Create { get; } = new(EventTypes.Create, string.Empty);

    /// <summary><c>m.room.power_levels</c>.</summary>
    public static StateKey PowerLevels { get; } = new(EventTypes.PowerLevels, string.Empty);

    /// <summary><c>m.room.join_rules</c>.</summary>
    public static StateKey JoinRules { get; } = new(EventTypes.JoinRules, string.Empty);

    /// <summary>The membership of one user.</summary>
    public static StateKey Member(UserId user) => new(EventTypes.Member, user.Value);

    /// <inheritdoc/>
    public override string ToString() => $"({Type}, {Key})";
}
