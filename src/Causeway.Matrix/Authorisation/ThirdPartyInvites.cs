using System.Text.Json;
using static Causeway.Matrix.AuthVerdict;

namespace Causeway.Matrix;

/// <summary>Rule 5.4.1: an invitation that was made to an e-mail address or the like and has found its user.</summary>
internal static class ThirdPartyInvites
{
    /// <summary>
    /// An honest invitation has one or two signatures and keys. Two events full of them would cost a million
    /// verifications, so that past this many the invitation counts as unsigned.
    /// </summary>
    private const int MaxVerifications = 64;

    public static bool IsPresent(ReadOnlySpan<byte> content) => !JsonMembers.Find(content, "third_party_invite"u8).IsEmpty;

    /// <summary>The token of an invitation, or null.</summary>
    public static string? Token(ReadOnlySpan<byte> content)
    {
        ReadOnlySpan<byte> signed = Signed(content);
        return signed.IsEmpty ? null : JsonMembers.AsString(JsonMembers.Find(signed, "token"u8));
    }

    public static AuthVerdict Check(AuthState view, UserId target)
    {
        ReadOnlySpan<byte> signed = Signed(view.Event.Content.Span);
        if (signed.IsEmpty)
        {
            return Refuse("5.4.1.2: the third-party invitation is not signed");
        }

        string? user = JsonMembers.AsString(JsonMembers.Find(signed, "mxid"u8));
        string? token = JsonMembers.AsString(JsonMembers.Find(signed, "token"u8));
        if (user is null || token is null)
        {
            return Refuse("5.4.1.3: the third-party invitation lacks mxid or token");
        }

        if (user != target.Value)
        {
            return Refuse("5.4.1.4: the third-party invitation is for another user");
        }

        if (view.ThirdPartyInvite(token) is not { } invitation)
        {
            return Refuse("5.4.1.5: no such third-party invitation in the room");
        }

        if (invitation.Sender != view.Event.Sender)
        {
            return Refuse("5.4.1.6: the third-party invitation is of another sender");
        }

        return IsSignedByAny(signed, PublicKeys(invitation.Content.Span))
            ? Allow
            : Refuse("5.4.1.8: no signature by a key of the third-party invitation");
    }

    private static ReadOnlySpan<byte> Signed(ReadOnlySpan<byte> content)
    {
        ReadOnlySpan<byte> invite = JsonMembers.Find(content, "third_party_invite"u8);
        ReadOnlySpan<byte> signed = IsObject(invite) ? JsonMembers.Find(invite, "signed"u8) : default;
        return IsObject(signed) ? signed : default;
    }

    private static bool IsSignedByAny(ReadOnlySpan<byte> signed, List<byte[]> publicKeys)
    {
        ReadOnlySpan<byte> signatures = JsonMembers.Find(signed, "signatures"u8);
        if (!IsObject(signatures))
        {
            return false;
        }

        byte[] message = SignedJson.Essential(signed);
        int left = MaxVerifications;
        var entities = new JsonMembers(signatures);
        while (entities.MoveNext())
        {
            if (entities.Kind != JsonTokenType.StartObject)
            {
                continue;
            }

            var ofEntity = new JsonMembers(entities.Value);
            while (ofEntity.MoveNext())
            {
                if (!ofEntity.Name.StartsWith("ed25519:"u8)
                    || !UnpaddedBase64.TryDecode(JsonMembers.AsString(ofEntity.Value), out byte[] signature))
                {
                    continue;
                }

                foreach (byte[] key in publicKeys)
                {
                    if (left-- <= 0)
                    {
                        return false;
                    }

                    if (Ed25519.Verify(key, message, signature))
                    {
                        return true;
                    }
                }
            }
        }

        return false;
    }

    private static List<byte[]> PublicKeys(ReadOnlySpan<byte> content)
    {
        var keys = new List<byte[]>();
        AddKey(keys, content);
        ReadOnlySpan<byte> list = JsonMembers.Find(content, "public_keys"u8);
        if (!list.IsEmpty && list[0] == '[')
        {
            var reader = new Utf8JsonReader(list, new JsonReaderOptions { MaxDepth = CanonicalJson.MaxDepth });
            reader.Read();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray && keys.Count < MaxVerifications)
            {
                int start = (int)reader.TokenStartIndex;
                bool isObject = reader.TokenType == JsonTokenType.StartObject;
                reader.Skip();
                if (isObject)
                {
                    AddKey(keys, list[start..(int)reader.BytesConsumed]);
                }
            }
        }

        return keys;
    }

    private static void AddKey(List<byte[]> keys, ReadOnlySpan<byte> holder)
    {
        if (UnpaddedBase64.TryDecode(JsonMembers.AsString(JsonMembers.Find(holder, "public_key"u8)), out byte[] key)
            && key.Length == Ed25519.PublicKeyLength)
        {
            keys.Add(key);
        }
    }

    private static bool IsObject(ReadOnlySpan<byte> value) => !value.IsEmpty && value[0] == '{';
}
