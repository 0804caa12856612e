using System.Buffers;

namespace Causeway.Matrix;

public static class CanonicalJson
{
    public static byte[] Canonicalise(ReadOnlySpan<byte> json, bool strict = true) => throw new NotImplementedException();

    public static bool TryCanonicalise(ReadOnlySpan<byte> json, IBufferWriter<byte> output, bool strict, out string? fault) =>
        throw new NotImplementedException();
}
