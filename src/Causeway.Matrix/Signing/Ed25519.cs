using System.Security.Cryptography;

namespace Causeway.Matrix;

/// <summary>
/// Ed25519 by OpenSSL's libcrypto: .NET's base library has none, and the house makes no primitives of its own.
/// Every method may be called from any thread.
/// </summary>
public static unsafe class Ed25519
{
    /// <summary>Bytes of a private seed.</summary>
    public const int SeedLength = 32;

    /// <summary>Bytes of a public key.</summary>
    public const int PublicKeyLength = 32;

    /// <summary>Bytes of a signature.</summary>
    public const int SignatureLength = 64;

    /// <summary>Verifies a signature; false for keys or signatures of a wrong length too.</summary>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != PublicKeyLength || signature.Length != SignatureLength)
        {
            return false;
        }

        nint key = 0;
        nint context = 0;
        try
        {
            fixed (byte* keyBytes = publicKey, messageBytes = &NonNull(message), signatureBytes = signature)
            {
                key = LibCrypto.NewRawPublicKey(LibCrypto.Ed25519Type, 0, keyBytes, PublicKeyLength);
                context = LibCrypto.NewDigestContext();
                bool valid = key != 0 && context != 0
                    && LibCrypto.DigestVerifyInit(context, 0, 0, 0, key) == 1
                    && LibCrypto.DigestVerify(context, signatureBytes, SignatureLength, messageBytes, (nuint)message.Length) == 1;
                if (!valid)
                {
                    LibCrypto.ClearErrors();
                }

                return valid;
            }
        }
        finally
        {
            LibCrypto.FreeDigestContext(context);
            LibCrypto.FreeKey(key);
        }
    }

    internal static LibCrypto.SafePrivateKey ImportSeed(ReadOnlySpan<byte> seed)
    {
        if (seed.Length != SeedLength)
        {
            throw new ArgumentException("An Ed25519 seed is 32 bytes.", nameof(seed));
        }

        fixed (byte* bytes = seed)
        {
            nint key = LibCrypto.NewRawPrivateKey(LibCrypto.Ed25519Type, 0, bytes, SeedLength);
            return key != 0 ? new LibCrypto.SafePrivateKey(key) : throw Failed();
        }
    }

    internal static byte[] ExportPublicKey(LibCrypto.SafePrivateKey key)
    {
        byte[] output = new byte[PublicKeyLength];
        nuint length = PublicKeyLength;
        fixed (byte* bytes = output)
        {
            return LibCrypto.GetRawPublicKey(key, bytes, &length) == 1 && length == PublicKeyLength ? output : throw Failed();
        }
    }

    internal static void Sign(LibCrypto.SafePrivateKey key, ReadOnlySpan<byte> message, Span<byte> signature)
    {
        nint context = LibCrypto.NewDigestContext();
        try
        {
            fixed (byte* messageBytes = &NonNull(message), signatureBytes = signature[..SignatureLength])
            {
                nuint length = SignatureLength;
                bool done = context != 0
                    && LibCrypto.DigestSignInit(context, 0, 0, 0, key) == 1
                    && LibCrypto.DigestSign(context, signatureBytes, &length, messageBytes, (nuint)message.Length) == 1
                    && length == SignatureLength;
                if (!done)
                {
                    throw Failed();
                }
            }
        }
        finally
        {
            LibCrypto.FreeDigestContext(context);
        }
    }

    // The address of nothing is null, which some versions of the library take for a missing argument.
    private static ref readonly byte NonNull(ReadOnlySpan<byte> bytes) =>
        ref System.Runtime.InteropServices.MemoryMarshal.GetReference(bytes.IsEmpty ? "\0"u8 : bytes);

    private static CryptographicException Failed()
    {
        LibCrypto.ClearErrors();
        return new CryptographicException("libcrypto refused an Ed25519 operation.");
    }
}
