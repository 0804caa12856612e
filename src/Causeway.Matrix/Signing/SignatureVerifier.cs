namespace Causeway.Matrix;

/// <summary>Verifies signatures by public key (appendices, "Checking for a Signature", step 7).</summary>
public static class SignatureVerifier
{
    /// <summary>True if the signature is one of this message by this key; false for anything malformed.</summary>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        Ed25519.Verify(publicKey, message, signature);
}
