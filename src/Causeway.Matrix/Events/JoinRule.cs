namespace Causeway.Matrix;

/// <summary>Who may join a room (client-server API, <c>m.room.join_rules</c>).</summary>
public enum JoinRule
{
    /// <summary>Only the invited. Also what holds when there is no join rule event.</summary>
    Invite,

    /// <summary>Anyone.</summary>
    Public,

    /// <summary>The invited; others may knock.</summary>
    Knock,

    /// <summary>The invited, and members of the rooms listed.</summary>
    Restricted,

    /// <summary>Both of the former.</summary>
    KnockRestricted,

    /// <summary>Reserved; no one may join.</summary>
    Private,

    /// <summary>A rule the kernel does not know, or none where there should be one: no one may join.</summary>
    Unknown,
}
