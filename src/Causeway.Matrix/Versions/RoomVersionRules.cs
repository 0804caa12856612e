using System.Collections.Frozen;

namespace Causeway.Matrix;

/// <summary>How a room version names its events ("Event IDs" of each version).</summary>
public enum EventIdFormat
{
    /// <summary>v1, v2: <c>$local:server</c>, written inside the event.</summary>
    Legacy,

    /// <summary>v3: the reference hash in standard Base64.</summary>
    Base64,

    /// <summary>v4 and later: the reference hash in URL-safe Base64.</summary>
    UrlSafeBase64,
}

/// <summary>Which state resolution algorithm a room version uses ("State resolution" of each version).</summary>
public enum StateResolutionAlgorithm
{
    /// <summary>Room version 1.</summary>
    V1,

    /// <summary>Room versions 2 to 11.</summary>
    V2,

    /// <summary>Room version 12 (MSC4297).</summary>
    V21,
}

/// <summary>
/// What one room version demands, as data: code asks a named flag, never a version number (content/rooms/v1 to v12).
/// The table of versions is in <see cref="RoomVersionTable"/>.
/// </summary>
public sealed record RoomVersionRules
{
    private static readonly FrozenDictionary<string, RoomVersionRules> ByName =
        RoomVersionTable.Every.ToFrozenDictionary(rules => rules.Version, StringComparer.Ordinal);

    internal RoomVersionRules()
    {
    }

    /// <summary>The version's identifier, such as <c>12</c>.</summary>
    public required string Version { get; init; }

    /// <summary>False for versions that exist only to take part in rooms of an unstable name.</summary>
    public bool IsStable { get; init; } = true;

    /// <summary>How events are named.</summary>
    public required EventIdFormat EventIdFormat { get; init; }

    /// <summary>Which algorithm resolves conflicting states.</summary>
    public required StateResolutionAlgorithm StateResolution { get; init; }

    /// <summary>What survives a redaction.</summary>
    public required RedactionRules Redaction { get; init; }

    /// <summary>v5+: signatures count only within the signing key's validity.</summary>
    public bool EnforceKeyValidity { get; init; }

    /// <summary>v6+: the whole event must be strictly canonical JSON.</summary>
    public bool StrictCanonicalJson { get; init; }

    /// <summary>v1 to v5: authorisation rule 4, a server may set its own <c>m.room.aliases</c>.</summary>
    public bool AliasesAuthRule { get; init; }

    /// <summary>v1, v2: authorisation rule 11 guards <c>m.room.redaction</c>.</summary>
    public bool RedactionAuthRule { get; init; }

    /// <summary>v6+: changes of <c>notifications</c> in the power levels are limited as those of <c>events</c> are.</summary>
    public bool NotificationsPowerLevelChecked { get; init; }

    /// <summary>v7+: knocking.</summary>
    public bool KnockAllowed { get; init; }

    /// <summary>v8+: join rule <c>restricted</c>.</summary>
    public bool RestrictedJoinsAllowed { get; init; }

    /// <summary>v10+: join rule <c>knock_restricted</c>.</summary>
    public bool KnockRestrictedAllowed { get; init; }

    /// <summary>v10+: power levels are integers, never strings.</summary>
    public bool IntegerPowerLevelsOnly { get; init; }

    /// <summary>v1 to v10: the creator stands in <c>content.creator</c>; later it is the sender.</summary>
    public bool CreateHasCreatorField { get; init; }

    /// <summary>v11+: <c>redacts</c> is in the content of a redaction.</summary>
    public bool RedactsInContent { get; init; }

    /// <summary>v12: the room id is the create event's hash; the create event has none and is no one's auth event.</summary>
    public bool RoomIdIsCreateHash { get; init; }

    /// <summary>v12: creators (with <c>additional_creators</c>) have infinite power.</summary>
    public bool PrivilegedCreators { get; init; }

    /// <summary>The stable versions, oldest first.</summary>
    public static IReadOnlyList<RoomVersionRules> All { get; } = [.. RoomVersionTable.Every.Where(rules => rules.IsStable)];

    /// <summary>The version new rooms get (client-server API: servers should use 12).</summary>
    public static RoomVersionRules Default { get; } = Find("12")!;

    /// <summary>The rules of a version, or null if it is not known.</summary>
    public static RoomVersionRules? Find(string version) => ByName.GetValueOrDefault(version);

    /// <inheritdoc/>
    public override string ToString() => Version;
}
