namespace Causeway.Matrix;

/// <summary>What differs between room versions in the redaction algorithm ("Redactions" of each version).</summary>
public sealed record RedactionRules
{
    /// <summary>v1 to v5: <c>m.room.aliases</c> keeps <c>aliases</c>.</summary>
    public bool KeepAliases { get; init; }

    /// <summary>v8+: <c>m.room.join_rules</c> keeps <c>allow</c>.</summary>
    public bool KeepJoinRulesAllow { get; init; }

    /// <summary>v9+: <c>m.room.member</c> keeps <c>join_authorised_via_users_server</c>.</summary>
    public bool KeepJoinAuthorised { get; init; }

    /// <summary>v11+: <c>m.room.member</c> keeps <c>third_party_invite.signed</c>.</summary>
    public bool KeepThirdPartyInviteSigned { get; init; }

    /// <summary>v11+: <c>m.room.create</c> keeps its whole content.</summary>
    public bool KeepWholeCreate { get; init; }

    /// <summary>v11+: <c>m.room.power_levels</c> keeps <c>invite</c>.</summary>
    public bool KeepInviteLevel { get; init; }

    /// <summary>v11+: <c>m.room.redaction</c> keeps <c>redacts</c>.</summary>
    public bool KeepContentRedacts { get; init; }

    /// <summary>v1 to v10: the top-level <c>origin</c>, <c>membership</c> and <c>prev_state</c> are kept.</summary>
    public bool KeepLegacyTopLevel { get; init; }
}
