namespace Causeway.Matrix;

/// <summary>
/// A server's private signing key with its identifier, such as <c>ed25519:abc</c> (appendices, "Signing Details").
/// May be used from many threads at once; the secret lives in libcrypto's memory only.
/// </summary>
public sealed class SigningKey : IDisposable
{
    private const string Algorithm = "ed25519:";
    private readonly LibCrypto.SafePrivateKey _key;
    private readonly byte[] _publicKey;

    private SigningKey(string keyId, LibCrypto.SafePrivateKey key)
    {
        KeyId = keyId;
        _key = key;
        _publicKey = Ed25519.ExportPublicKey(key);
    }

    /// <summary>Algorithm and version, joined by a colon.</summary>
    public string KeyId { get; }

    /// <summary>The 32 bytes of the public key; each call gives its own copy.</summary>
    public byte[] PublicKey => (byte[])_publicKey.Clone();

    /// <summary>Makes a key from its 32-byte seed.</summary>
    /// <exception cref="ArgumentException">The identifier is not <c>ed25519:</c> and a version of A-Z a-z 0-9 _, or the seed has a wrong length.</exception>
    public static SigningKey FromSeed(string keyId, ReadOnlySpan<byte> seed32)
    {
        if (!IsValidKeyId(keyId))
        {
            throw new ArgumentException("A key id is 'ed25519:' and a version of letters, digits and underscores.", nameof(keyId));
        }

        return new SigningKey(keyId, Ed25519.ImportSeed(seed32));
    }

    /// <summary>True for <c>ed25519:</c> and a version of <c>A-Z a-z 0-9 _</c>.</summary>
    public static bool IsValidKeyId(string? keyId) =>
        keyId is { Length: > 8 and <= 255 } && keyId.StartsWith(Algorithm, StringComparison.Ordinal)
        && keyId.AsSpan(Algorithm.Length).IndexOfAnyExcept("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") < 0;

    /// <summary>Signs a message.</summary>
    public byte[] Sign(ReadOnlySpan<byte> message)
    {
        byte[] signature = new byte[Ed25519.SignatureLength];
        Ed25519.Sign(_key, message, signature);
        return signature;
    }

    /// <summary>Signs a message into the caller's 64 bytes.</summary>
    public void Sign(ReadOnlySpan<byte> message, Span<byte> signature) => Ed25519.Sign(_key, message, signature);

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}
