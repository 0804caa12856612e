using System.Buffers;
using System.Security.Cryptography;

namespace Causeway.Matrix;

/// <summary>
/// The hashes of events (server-server API, "Calculating the content hash", "Calculating the reference hash").
/// All take canonical JSON.
/// </summary>
public static class EventHashes
{
    /// <summary>SHA-256 over the event without <c>unsigned</c>, <c>signatures</c> and <c>hashes</c>.</summary>
    public static byte[] ContentHash(ReadOnlySpan<byte> json) => SHA256.HashData(CanonicalObject.Without(json, static name =>
        name.SequenceEqual("unsigned"u8) || name.SequenceEqual("signatures"u8) || name.SequenceEqual("hashes"u8)));

    /// <summary>SHA-256 over the redacted event without <c>signatures</c>.</summary>
    public static byte[] ReferenceHash(ReadOnlySpan<byte> json, RoomVersionRules rules) =>
        SHA256.HashData(RedactedEssential(json, rules));

    /// <summary>The event's id: its reference hash, or in room versions 1 and 2 what it calls itself.</summary>
    /// <exception cref="MalformedEventException">Room versions 1 and 2: the event has no valid <c>event_id</c>.</exception>
    public static EventId EventIdOf(ReadOnlySpan<byte> json, RoomVersionRules rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        if (rules.EventIdFormat == EventIdFormat.Legacy)
        {
            string? own = JsonMembers.AsString(JsonMembers.Find(json, "event_id"u8));
            return EventId.TryParse(own, out EventId id) ? id : throw new MalformedEventException("The event has no valid event_id.");
        }

        return IdOfHash(ReferenceHash(json, rules), rules);
    }

    /// <summary>True if <c>hashes.sha256</c> is the content hash. If not, only the redacted event may be used.</summary>
    public static bool VerifyContentHash(ReadOnlySpan<byte> json)
    {
        ReadOnlySpan<byte> hashes = JsonMembers.Find(json, "hashes"u8);
        if (hashes.IsEmpty || hashes[0] != '{')
        {
            return false;
        }

        string? claimed = JsonMembers.AsString(JsonMembers.Find(hashes, "sha256"u8));
        return claimed is not null && UnpaddedBase64.TryDecode(claimed, out byte[] hash) && hash.AsSpan().SequenceEqual(ContentHash(json));
    }

    /// <summary>The bytes that an event's signatures and its reference hash cover.</summary>
    public static byte[] RedactedEssential(ReadOnlySpan<byte> json, RoomVersionRules rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        var output = new ArrayBufferWriter<byte>(json.Length + 2);
        Redaction.Write(json, rules.Redaction, withSignatures: false, output);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>True if this server signed the event with this key (server-server API, "Validating hashes and signatures").</summary>
    public static bool VerifySignature(
        ReadOnlySpan<byte> json, RoomVersionRules rules, ServerName server, string keyId, ReadOnlySpan<byte> publicKey)
    {
        try
        {
            byte[]? signature = SignedJson.FindSignature(json, server.Value, keyId);
            return signature is not null && Ed25519.Verify(publicKey, RedactedEssential(json, rules), signature);
        }
        catch (CanonicalJsonException)
        {
            return false;
        }
    }

    internal static EventId IdOfHash(ReadOnlySpan<byte> referenceHash, RoomVersionRules rules) => EventId.FromValid("$" + (
        rules.EventIdFormat == EventIdFormat.Base64
            ? UnpaddedBase64.Encode(referenceHash)
            : UnpaddedBase64.EncodeUrlSafe(referenceHash)));
}
