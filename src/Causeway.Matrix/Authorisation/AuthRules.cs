namespace Causeway.Matrix;

public static class AuthRules
{
    public static IReadOnlyList<StateKey> RequiredState(
        string type, string? stateKey, UserId sender, ReadOnlyMemory<byte> content, RoomVersionRules rules) =>
        throw new NotImplementedException();

    public static AuthVerdict Check(RoomEvent e, Func<StateKey, RoomEvent?> state) => throw new NotImplementedException();

    public static AuthVerdict CheckAuthEvents(
        RoomEvent e, IReadOnlyCollection<RoomEvent> authEvents, RoomEvent? create = null, Func<EventId, bool>? isRejected = null) =>
        throw new NotImplementedException();
}
