namespace Causeway.Matrix;

/// <summary>What a user is to a room (client-server API, "Room membership").</summary>
public enum Membership
{
    /// <summary>Left, was removed, or was never there.</summary>
    Leave,

    /// <summary>In the room.</summary>
    Join,

    /// <summary>Invited and has not answered.</summary>
    Invite,

    /// <summary>Asked to be let in.</summary>
    Knock,

    /// <summary>Banned.</summary>
    Ban,
}

/// <summary>The wire names of <see cref="Membership"/>.</summary>
public static class Memberships
{
    /// <summary>Reads a wire name.</summary>
    public static bool TryParse(string? text, out Membership membership)
    {
        (bool known, membership) = text switch
        {
            "join" => (true, Membership.Join),
            "leave" => (true, Membership.Leave),
            "invite" => (true, Membership.Invite),
            "ban" => (true, Membership.Ban),
            "knock" => (true, Membership.Knock),
            _ => (false, Membership.Leave),
        };
        return known;
    }

    /// <summary>The name on the wire.</summary>
    public static string ToWire(this Membership membership) => membership switch
    {
        Membership.Leave => "leave",
        Membership.Join => "join",
        Membership.Invite => "invite",
        Membership.Knock => "knock",
        Membership.Ban => "ban",
    };
}
