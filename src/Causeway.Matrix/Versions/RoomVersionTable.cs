namespace Causeway.Matrix;

/// <summary>The room versions, each written as its difference from the one before (content/rooms).</summary>
internal static class RoomVersionTable
{
    private static readonly RoomVersionRules V1 = new()
    {
        Version = "1",
        EventIdFormat = EventIdFormat.Legacy,
        StateResolution = StateResolutionAlgorithm.V1,
        Redaction = new RedactionRules { KeepAliases = true, KeepLegacyTopLevel = true },
        AliasesAuthRule = true,
        RedactionAuthRule = true,
        CreateHasCreatorField = true,
    };

    private static readonly RoomVersionRules V2 = V1 with { Version = "2", StateResolution = StateResolutionAlgorithm.V2 };

    private static readonly RoomVersionRules V3 = V2 with
    {
        Version = "3",
        EventIdFormat = EventIdFormat.Base64,
        RedactionAuthRule = false,
    };

    private static readonly RoomVersionRules V4 = V3 with { Version = "4", EventIdFormat = EventIdFormat.UrlSafeBase64 };

    private static readonly RoomVersionRules V5 = V4 with { Version = "5", EnforceKeyValidity = true };

    private static readonly RoomVersionRules V6 = V5 with
    {
        Version = "6",
        StrictCanonicalJson = true,
        AliasesAuthRule = false,
        NotificationsPowerLevelChecked = true,
        Redaction = V5.Redaction with { KeepAliases = false },
    };

    private static readonly RoomVersionRules V7 = V6 with { Version = "7", KnockAllowed = true };

    private static readonly RoomVersionRules V8 = V7 with
    {
        Version = "8",
        RestrictedJoinsAllowed = true,
        Redaction = V7.Redaction with { KeepJoinRulesAllow = true },
    };

    private static readonly RoomVersionRules V9 = V8 with
    {
        Version = "9",
        Redaction = V8.Redaction with { KeepJoinAuthorised = true },
    };

    private static readonly RoomVersionRules V10 = V9 with
    {
        Version = "10",
        KnockRestrictedAllowed = true,
        IntegerPowerLevelsOnly = true,
    };

    private static readonly RoomVersionRules V11 = V10 with
    {
        Version = "11",
        CreateHasCreatorField = false,
        RedactsInContent = true,
        Redaction = V10.Redaction with
        {
            KeepThirdPartyInviteSigned = true,
            KeepWholeCreate = true,
            KeepInviteLevel = true,
            KeepContentRedacts = true,
            KeepLegacyTopLevel = false,
        },
    };

    private static readonly RoomVersionRules V12 = V11 with
    {
        Version = "12",
        StateResolution = StateResolutionAlgorithm.V21,
        RoomIdIsCreateHash = true,
        PrivilegedCreators = true,
    };

    /// <summary>Every version, oldest first; the last is the unstable twin under which v12 was tried (MSC4289, MSC4291, MSC4297).</summary>
    public static IReadOnlyList<RoomVersionRules> Every { get; } =
        [V1, V2, V3, V4, V5, V6, V7, V8, V9, V10, V11, V12, V12 with { Version = "org.matrix.hydra.11", IsStable = false }];
}
