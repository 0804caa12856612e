using System.Runtime.InteropServices;
using System.Text.Json;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Encryption;

/// <summary>A signature somebody made of a key.</summary>
internal readonly record struct KeySignature(string Signer, string KeyId, string Signature);

/// <summary>
/// A signed JSON object as a client sent it, its shape checked (CVE-2025-61672): what passes can be shown to anybody.
/// It is stored without its signatures, so that two uploads of one key are the same bytes.
/// </summary>
internal sealed class SignedKey
{
    private readonly byte[] _whole;

    private SignedKey(byte[] whole, IReadOnlyDictionary<string, string> keys, List<KeySignature> signatures)
    {
        _whole = whole;
        Json = SignedJson.Essential(whole);
        Keys = keys;
        Signatures = signatures;
    }

    /// <summary>Canonical, without <c>signatures</c> and <c>unsigned</c>.</summary>
    public byte[] Json { get; }

    /// <summary>The member <c>keys</c>; empty for one-time keys, which have none.</summary>
    public IReadOnlyDictionary<string, string> Keys { get; }

    public IReadOnlyList<KeySignature> Signatures { get; }

    /// <summary>Checks an object; M_BAD_JSON where it has the wrong shape.</summary>
    public static SignedKey Parse(JsonElement element, string name)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw Refusal.BadJson($"'{name}' must be an object.");
        }

        var keys = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var key in element.FindObject("keys")?.EnumerateObject() ?? default)
        {
            keys[key.Name] = Text(key.Value, $"{name}.keys");
        }

        var signatures = new List<KeySignature>();
        foreach (var signer in element.FindObject("signatures")?.EnumerateObject() ?? default)
        {
            if (signer.Value.ValueKind != JsonValueKind.Object)
            {
                throw Refusal.BadJson($"'{name}.signatures' must hold objects.");
            }

            signatures.AddRange(signer.Value.EnumerateObject().Select(
                s => new KeySignature(signer.Name, s.Name, Text(s.Value, $"{name}.signatures"))));
        }

        try
        {
            return new SignedKey(CanonicalJson.Canonicalise(JsonMarshal.GetRawUtf8Value(element)), keys, signatures);
        }
        catch (CanonicalJsonException)
        {
            throw Refusal.BadJson($"'{name}' has no canonical form.");
        }
    }

    /// <summary>Whether somebody signed it with this Ed25519 key, given as unpadded base64.</summary>
    public bool IsSignedBy(string signer, string keyId, string publicKey) =>
        UnpaddedBase64.TryDecode(publicKey, out var bytes) && SignedJson.Verify(_whole, signer, keyId, bytes);

    /// <summary>Whether a text is an Ed25519 or Curve25519 public key.</summary>
    public static bool IsPublicKey(string text) => UnpaddedBase64.TryDecode(text, out var bytes) && bytes.Length == Ed25519.PublicKeyLength;

    private static string Text(JsonElement value, string name) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Refusal.BadJson($"'{name}' must hold strings.");
}
