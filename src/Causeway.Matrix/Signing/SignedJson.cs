using System.Buffers;
using System.Text;

namespace Causeway.Matrix;

/// <summary>Signs JSON objects and checks such signatures (appendices, "Signing JSON").</summary>
public static class SignedJson
{
    /// <summary>Adds a signature, keeping those of others and <c>unsigned</c>; the result is canonical.</summary>
    /// <exception cref="CanonicalJsonException">Not a JSON object, or one without a canonical form.</exception>
    public static byte[] Sign(ReadOnlySpan<byte> json, EventSigner signer)
    {
        ArgumentNullException.ThrowIfNull(signer);
        byte[] canonical = CanonicalJson.Canonicalise(json);
        byte[] signature = signer.Key.Sign(Essential(canonical));
        return WithSignature(canonical, signer.Server.Value, signer.Key.KeyId, signature);
    }

    /// <summary>True if the entity signed the object with this key.</summary>
    public static bool Verify(ReadOnlySpan<byte> json, string entity, string keyId, ReadOnlySpan<byte> publicKey)
    {
        ArgumentNullException.ThrowIfNull(entity);
        ArgumentNullException.ThrowIfNull(keyId);
        try
        {
            // Lenient, since events of room versions 1 to 5 are checked here too; what is signed is the bytes all the same.
            byte[] canonical = CanonicalJson.Canonicalise(json, strict: false);
            byte[]? signature = FindSignature(canonical, entity, keyId);
            return signature is not null && Ed25519.Verify(publicKey, Essential(canonical), signature);
        }
        catch (CanonicalJsonException)
        {
            return false;
        }
    }

    /// <summary>The ids of the Ed25519 keys with which an entity claims to have signed the object.</summary>
    public static IReadOnlyList<string> KeyIdsOf(ReadOnlySpan<byte> json, string entity)
    {
        var keyIds = new List<string>();
        ReadOnlySpan<byte> ofEntity = FindObject(FindObject(json, "signatures"), entity);
        if (!ofEntity.IsEmpty)
        {
            var members = new JsonMembers(ofEntity);
            while (members.MoveNext())
            {
                string keyId = Encoding.UTF8.GetString(members.Name);
                if (keyId.StartsWith("ed25519:", StringComparison.Ordinal))
                {
                    keyIds.Add(keyId);
                }
            }
        }

        return keyIds;
    }

    /// <summary>What a signature covers: the canonical object without <c>signatures</c> and <c>unsigned</c>.</summary>
    public static byte[] Essential(ReadOnlySpan<byte> canonical) =>
        CanonicalObject.Without(canonical, static name => name.SequenceEqual("signatures"u8) || name.SequenceEqual("unsigned"u8));

    internal static byte[]? FindSignature(ReadOnlySpan<byte> canonical, string entity, string keyId)
    {
        ReadOnlySpan<byte> ofEntity = FindObject(FindObject(canonical, "signatures"), entity);
        ReadOnlySpan<byte> value = ofEntity.IsEmpty ? default : JsonMembers.Find(ofEntity, Encoding.UTF8.GetBytes(keyId));
        return JsonMembers.AsString(value) is { } text && UnpaddedBase64.TryDecode(text, out byte[] signature) ? signature : null;
    }

    private static ReadOnlySpan<byte> FindObject(ReadOnlySpan<byte> json, string name)
    {
        ReadOnlySpan<byte> value = json.IsEmpty ? default : JsonMembers.Find(json, Encoding.UTF8.GetBytes(name));
        return !value.IsEmpty && value[0] == '{' ? value : default;
    }

    internal static byte[] WithSignature(ReadOnlySpan<byte> canonical, string entity, string keyId, ReadOnlySpan<byte> signature)
    {
        var own = new ArrayBufferWriter<byte>(128);
        JsonEscapes.WriteQuoted(own, UnpaddedBase64.Encode(signature));
        ReadOnlySpan<byte> signatures = FindObject(canonical, "signatures");
        byte[] ofEntity = CanonicalObject.With(FindObject(signatures, entity), keyId, own.WrittenSpan);
        byte[] all = CanonicalObject.With(signatures, entity, ofEntity);
        return CanonicalObject.With(canonical, "signatures", all);
    }
}
