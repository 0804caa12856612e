namespace Causeway.Matrix;

public static class SignedJson
{
    public static byte[] Sign(ReadOnlySpan<byte> json, EventSigner signer) => throw new NotImplementedException();

    public static bool Verify(ReadOnlySpan<byte> json, string entity, string keyId, ReadOnlySpan<byte> publicKey) =>
        throw new NotImplementedException();
}
