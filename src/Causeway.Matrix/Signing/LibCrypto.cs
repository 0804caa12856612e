using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Causeway.Matrix;

/// <summary>The few functions of OpenSSL 3's libcrypto that Ed25519 needs; .NET loads the same library on Linux.</summary>
internal static unsafe partial class LibCrypto
{
    /// <summary>OpenSSL's number for Ed25519 (<c>NID_ED25519</c>).</summary>
    public const int Ed25519Type = 1087;

    private const string Library = "libcrypto.so.3";

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_new_raw_private_key")]
    public static partial nint NewRawPrivateKey(int type, nint engine, byte* key, nuint length);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_new_raw_public_key")]
    public static partial nint NewRawPublicKey(int type, nint engine, byte* key, nuint length);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_get_raw_public_key")]
    public static partial int GetRawPublicKey(SafePrivateKey key, byte* output, nuint* length);

    [LibraryImport(Library, EntryPoint = "EVP_PKEY_free")]
    public static partial void FreeKey(nint key);

    [LibraryImport(Library, EntryPoint = "EVP_MD_CTX_new")]
    public static partial nint NewDigestContext();

    [LibraryImport(Library, EntryPoint = "EVP_MD_CTX_free")]
    public static partial void FreeDigestContext(nint context);

    [LibraryImport(Library, EntryPoint = "EVP_DigestSignInit")]
    public static partial int DigestSignInit(nint context, nint keyContext, nint digest, nint engine, SafePrivateKey key);

    [LibraryImport(Library, EntryPoint = "EVP_DigestSign")]
    public static partial int DigestSign(nint context, byte* signature, nuint* signatureLength, byte* message, nuint messageLength);

    [LibraryImport(Library, EntryPoint = "EVP_DigestVerifyInit")]
    public static partial int DigestVerifyInit(nint context, nint keyContext, nint digest, nint engine, nint key);

    [LibraryImport(Library, EntryPoint = "EVP_DigestVerify")]
    public static partial int DigestVerify(nint context, byte* signature, nuint signatureLength, byte* message, nuint messageLength);

    // A refused signature leaves its reason in the thread's error queue, where the next TLS call of .NET would find it.
    [LibraryImport(Library, EntryPoint = "ERR_clear_error")]
    public static partial void ClearErrors();

    /// <summary>Owns one EVP_PKEY that holds a private key.</summary>
    internal sealed class SafePrivateKey : SafeHandleZeroOrMinusOneIsInvalid
    {
        public SafePrivateKey(nint key)
            : base(ownsHandle: true) => SetHandle(key);

        protected override bool ReleaseHandle()
        {
            FreeKey(handle);
            return true;
        }
    }
}
