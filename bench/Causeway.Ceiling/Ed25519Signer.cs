using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Causeway.Ceiling;

/// <summary>Ed25519 through OpenSSL's libcrypto, one context per thread.</summary>
internal sealed partial class Ed25519Signer
{
    public const int SignatureLength = 64;
    private const string Library = "libcrypto.so.3";
    private const int Ed25519KeyType = 1087;

    [ThreadStatic]
    private static nint context;

    private readonly nint _key;

    public Ed25519Signer()
    {
        Span<byte> seed = stackalloc byte[32];
        RandomNumberGenerator.Fill(seed);
        _key = NewPrivateKey(Ed25519KeyType, 0, seed, (nuint)seed.Length);
    }

    public void Sign(ReadOnlySpan<byte> message, Span<byte> signature)
    {
        var own = context == 0 ? context = NewContext() : context;
        var length = (nuint)SignatureLength;
        if (SignInit(own, 0, 0, 0, _key) != 1 || SignOnce(own, signature, ref length, message, (nuint)message.Length) != 1)
        {
            throw new CryptographicException("libcrypto refused to sign.");
        }

        ResetContext(own);
    }

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_new_raw_private_key")]
    private static partial nint NewPrivateKey(int type, nint engine, ReadOnlySpan<byte> key, nuint length);

    [LibraryImport(Library, EntryPoint = "EVP_MD_CTX_new")]
    private static partial nint NewContext();

    [LibraryImport(Library, EntryPoint = "EVP_MD_CTX_reset")]
    private static partial int ResetContext(nint context);

    [LibraryImport(Library, EntryPoint = "EVP_DigestSignInit")]
    private static partial int SignInit(nint context, nint keyContext, nint digest, nint engine, nint key);

    [LibraryImport(Library, EntryPoint = "EVP_DigestSign")]
    private static partial int SignOnce(nint context, Span<byte> signature, ref nuint length, ReadOnlySpan<byte> message, nuint messageLength);
}
