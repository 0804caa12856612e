namespace Causeway.Matrix;

public sealed class SigningKey : IDisposable
{
    private SigningKey(string keyId) => KeyId = keyId;

    public string KeyId { get; }

    public byte[] PublicKey => throw new NotImplementedException();

    public static SigningKey FromSeed(string keyId, ReadOnlySpan<byte> seed32) => throw new NotImplementedException();

    public byte[] Sign(ReadOnlySpan<byte> message) => throw new NotImplementedException();

    public void Dispose()
    {
    }
}
