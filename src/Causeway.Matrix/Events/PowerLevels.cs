namespace Causeway.Matrix;

/// <summary>
/// The power levels that hold in a room, defaults filled in (client-server API, <c>m.room.power_levels</c>).
/// </summary>
public sealed class PowerLevels
{
    /// <summary>The power of a creator where creators are privileged: above every integer.</summary>
    public const long Infinite = long.MaxValue;

    private const long CreatorWithoutLevels = 100;
    private const long NotificationDefault = 50;

    private readonly PowerLevelsContent? _content;
    private readonly CreateContent? _creators;
    private readonly bool _creatorsArePrivileged;

    private PowerLevels(PowerLevelsContent? content, CreateContent? creators, bool creatorsArePrivileged)
    {
        _content = content;
        _creators = creators;
        _creatorsArePrivileged = creatorsArePrivileged;
    }

    /// <summary>The level needed to ban.</summary>
    public long Ban => Level(PowerLevelKey.Ban);

    /// <summary>The level needed to remove a user.</summary>
    public long Kick => Level(PowerLevelKey.Kick);

    /// <summary>The level needed to redact events of others.</summary>
    public long Redact => Level(PowerLevelKey.Redact);

    /// <summary>The level needed to invite.</summary>
    public long Invite => Level(PowerLevelKey.Invite);

    /// <summary>The level needed for state events not named.</summary>
    public long StateDefault => Level(PowerLevelKey.StateDefault);

    /// <summary>The level needed for message events not named.</summary>
    public long EventsDefault => Level(PowerLevelKey.EventsDefault);

    /// <summary>The level of users not named.</summary>
    public long UsersDefault => Level(PowerLevelKey.UsersDefault);

    /// <summary>The levels that hold under these two events of the state, either of which may be missing.</summary>
    public static PowerLevels Of(RoomEvent? powerLevels, RoomEvent? create) => new(
        powerLevels?.Type == EventTypes.PowerLevels ? powerLevels.PowerLevelsContent : null,
        create?.Type == EventTypes.Create ? create.CreateContent : null,
        create?.Rules.PrivilegedCreators ?? false);

    /// <summary>A user's power.</summary>
    public long UserLevel(UserId user)
    {
        if (_creatorsArePrivileged && _creators?.Contains(user) == true)
        {
            return Infinite;
        }

        if (_content is null)
        {
            return _creators?.Contains(user) == true ? CreatorWithoutLevels : PowerLevelKey.UsersDefault.Default();
        }

        return _content.Users.TryGetValue(user.Value, out long level) ? level : UsersDefault;
    }

    /// <summary>The level needed to send an event of a type.</summary>
    public long EventLevel(string type, bool isState) =>
        _content is not null && _content.Events.TryGetValue(type, out long level) ? level : isState ? StateDefault : EventsDefault;

    /// <summary>The level needed to trigger a notification, such as <c>room</c>.</summary>
    public long Notification(string key) =>
        _content is not null && _content.Notifications.TryGetValue(key, out long level) ? level : NotificationDefault;

    private long Level(PowerLevelKey key) => _content?[key] ?? key.Default();
}
