namespace Causeway.Matrix;

public sealed class PowerLevels
{
    private PowerLevels()
    {
    }

    public long Ban => throw new NotImplementedException();

    public long Kick => throw new NotImplementedException();

    public long Redact => throw new NotImplementedException();

    public long Invite => throw new NotImplementedException();

    public long StateDefault => throw new NotImplementedException();

    public long EventsDefault => throw new NotImplementedException();

    public long UsersDefault => throw new NotImplementedException();

    public static PowerLevels Of(RoomEvent? powerLevels, RoomEvent? create) => throw new NotImplementedException();

    public long UserLevel(UserId user) => throw new NotImplementedException();

    public long EventLevel(string type, bool isState) => throw new NotImplementedException();

    public long Notification(string key) => throw new NotImplementedException();
}
