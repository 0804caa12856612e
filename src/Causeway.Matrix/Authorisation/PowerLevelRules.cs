using static Causeway.Matrix.AuthVerdict;

namespace Causeway.Matrix;

/// <summary>Rule 10: <c>m.room.power_levels</c>. No one raises anything above their own level, or touches what is above it.</summary>
internal static class PowerLevelRules
{
    public static AuthVerdict Check(AuthState view, long power)
    {
        RoomEvent e = view.Event;
        PowerLevelsContent proposed = e.PowerLevelsContent;
        if (proposed.Fault is not null)
        {
            return Refuse($"10.1 to 10.3: {proposed.Fault}");
        }

        if (e.Rules.PrivilegedCreators && proposed.Users.Keys.Any(view.Create.CreateContent.Contains))
        {
            return Refuse("10.4: users names a creator");
        }

        if (view.CurrentPowerLevels is null)
        {
            return Allow;
        }

        PowerLevelsContent current = view.CurrentPowerLevels.PowerLevelsContent;
        return !SingleLevelsMayChange(current, proposed, power) ? Refuse("10.6: a level above the sender's is altered or set")
            : !EntriesMayChange(current.Events, proposed.Events, power) ? Refuse("10.7: an event level above the sender's is altered or set")
            : e.Rules.NotificationsPowerLevelChecked && !EntriesMayChange(current.Notifications, proposed.Notifications, power)
                ? Refuse("10.8: a notification level above the sender's is altered or set")
            : !UsersMayChange(current.Users, proposed.Users, e.Sender, power)
                ? Refuse("10.9: the level of a user not below the sender is altered, or one above the sender's is set")
            : Allow;
    }

    private static bool SingleLevelsMayChange(PowerLevelsContent current, PowerLevelsContent proposed, long power)
    {
        foreach (PowerLevelKey key in Enum.GetValues<PowerLevelKey>())
        {
            bool changes = current[key] != proposed[key];
            if (changes && (current[key] > power || proposed[key] > power))
            {
                return false;
            }
        }

        return true;
    }

    private static bool EntriesMayChange(Dictionary<string, long> current, Dictionary<string, long> proposed, long power)
    {
        foreach ((string key, long level) in current)
        {
            bool stays = proposed.TryGetValue(key, out long next) && next == level;
            if (!stays && level > power)
            {
                return false;
            }
        }

        return NewLevelsAreWithin(current, proposed, power);
    }

    private static bool UsersMayChange(
        Dictionary<string, long> current, Dictionary<string, long> proposed, UserId sender, long power)
    {
        foreach ((string user, long level) in current)
        {
            bool stays = proposed.TryGetValue(user, out long next) && next == level;
            if (!stays && user != sender.Value && level >= power)
            {
                return false;
            }
        }

        return NewLevelsAreWithin(current, proposed, power);
    }

    private static bool NewLevelsAreWithin(Dictionary<string, long> current, Dictionary<string, long> proposed, long power)
    {
        foreach ((string key, long level) in proposed)
        {
            bool stays = current.TryGetValue(key, out long before) && before == level;
            if (!stays && level > power)
            {
                return false;
            }
        }

        return true;
    }
}
