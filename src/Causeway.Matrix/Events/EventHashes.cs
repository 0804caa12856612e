namespace Causeway.Matrix;

public static class EventHashes
{
    public static byte[] ContentHash(ReadOnlySpan<byte> json) => throw new NotImplementedException();

    public static byte[] ReferenceHash(ReadOnlySpan<byte> json, RoomVersionRules rules) => throw new NotImplementedException();

    public static EventId EventIdOf(ReadOnlySpan<byte> json, RoomVersionRules rules) => throw new NotImplementedException();

    public static bool VerifyContentHash(ReadOnlySpan<byte> json) => throw new NotImplementedException();
}
