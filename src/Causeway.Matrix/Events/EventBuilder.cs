namespace Causeway.Matrix;

public static class EventBuilder
{
    public static RoomEvent Build(EventDraft draft, RoomVersionRules rules, EventSigner signer) => throw new NotImplementedException();
}
