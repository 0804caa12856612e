namespace Causeway.Matrix;

public static class Redaction
{
    public static byte[] Redact(ReadOnlySpan<byte> json, RoomVersionRules rules) => throw new NotImplementedException();
}
