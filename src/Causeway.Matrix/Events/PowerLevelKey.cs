namespace Causeway.Matrix;

/// <summary>The single levels of an <c>m.room.power_levels</c> event.</summary>
internal enum PowerLevelKey
{
    UsersDefault,
    EventsDefault,
    StateDefault,
    Ban,
    Redact,
    Kick,
    Invite,
}

/// <summary>The wire names and defaults of <see cref="PowerLevelKey"/>.</summary>
internal static class PowerLevelKeys
{
    public static bool TryParse(string name, out PowerLevelKey key)
    {
        (bool known, key) = name switch
        {
            "users_default" => (true, PowerLevelKey.UsersDefault),
            "events_default" => (true, PowerLevelKey.EventsDefault),
            "state_default" => (true, PowerLevelKey.StateDefault),
            "ban" => (true, PowerLevelKey.Ban),
            "redact" => (true, PowerLevelKey.Redact),
            "kick" => (true, PowerLevelKey.Kick),
            "invite" => (true, PowerLevelKey.Invite),
            _ => (false, PowerLevelKey.UsersDefault),
        };
        return known;
    }

    /// <summary>What holds where the event, or the level in it, is missing.</summary>
    public static long Default(this PowerLevelKey key) => key switch
    {
        PowerLevelKey.UsersDefault or PowerLevelKey.EventsDefault or PowerLevelKey.Invite => 0,
        PowerLevelKey.StateDefault or PowerLevelKey.Ban or PowerLevelKey.Redact or PowerLevelKey.Kick => 50,
    };
}
