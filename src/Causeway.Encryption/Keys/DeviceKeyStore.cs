using System.Text.Json;
using Causeway.Storage;

namespace Causeway.Encryption;

/// <summary>Identity keys of devices, and the signatures on keys of any kind.</summary>
internal sealed class DeviceKeyStore(Database database)
{
    /// <summary>A device's keys by name, or null.</summary>
    public async ValueTask<IReadOnlyDictionary<string, string>?> FindKeysAsync(string user, string deviceId)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        var json = await FindAsync(session, user, deviceId).ConfigureAwait(false);
        return json is null ? null : Keys(json);
    }

    public static ValueTask<byte[]?> FindAsync(DbSession session, string user, string deviceId) => session.FindAsync(
        "SELECT json FROM device_keys WHERE user_id = $1 AND device_id = $2", r => r.GetBytes(0), user, deviceId)!;

    public static ValueTask<List<(string DeviceId, byte[] Json)>> ListAsync(DbSession session, string user) => session.QueryAsync(
        "SELECT device_id, json FROM device_keys WHERE user_id = $1 ORDER BY device_id", r => (r.GetString(0), r.GetBytes(1)), user);

    /// <summary>The signatures on a person's keys that a viewer may see: the person's own and the viewer's.</summary>
    public static async ValueTask<ILookup<string, KeySignature>> ListSignaturesAsync(DbSession session, string user, string viewer) =>
        (await session.QueryAsync(
            "SELECT target, signer, signer_key, signature FROM key_signatures WHERE user_id = $1 AND (signer = $1 OR signer = $2) "
            + "ORDER BY target, signer, signer_key",
            r => (Target: r.GetString(0), Signature: new KeySignature(r.GetString(1), r.GetString(2), r.GetString(3))), user, viewer)
            .ConfigureAwait(false)).ToLookup(s => s.Target, s => s.Signature, StringComparer.Ordinal);

    /// <summary>Stores a signature; false when it was there.</summary>
    public static async ValueTask<bool> AddSignatureAsync(DbSession session, string user, string target, KeySignature signature) =>
        await session.ExecuteAsync(
            "INSERT INTO key_signatures (user_id, target, signer, signer_key, signature) VALUES ($1, $2, $3, $4, $5) "
            + "ON CONFLICT (user_id, target, signer, signer_key) DO UPDATE SET signature = excluded.signature "
            + "WHERE key_signatures.signature <> excluded.signature",
            user, target, signature.Signer, signature.KeyId, signature.Signature).ConfigureAwait(false) > 0;

    /// <summary>Drops the signatures on a key that is no more.</summary>
    public static async ValueTask DropSignaturesAsync(DbSession session, string user, string target) => await session.ExecuteAsync(
        "DELETE FROM key_signatures WHERE user_id = $1 AND target = $2", user, target).ConfigureAwait(false);

    /// <summary>
    /// Stores a device's keys. Other keys than before end the signatures on the old ones and the one-time keys that the
    /// old ones signed.
    /// </summary>
    public async ValueTask SetAsync(EncryptionUnit unit, DbSession session, string user, string deviceId, SignedKey key)
    {
        var old = await FindAsync(session, user, deviceId).ConfigureAwait(false);
        var isSame = old is not null && old.AsSpan().SequenceEqual(key.Json);
        if (!isSame)
        {
            if (old is not null && !SameKeys(Keys(old), key.Keys))
            {
                await OneTimeKeyStore.DropAsync(session, user, deviceId).ConfigureAwait(false);
            }

            await DropSignaturesAsync(session, user, deviceId).ConfigureAwait(false);
            await session.ExecuteAsync(
                "INSERT INTO device_keys (user_id, device_id, json) VALUES ($1, $2, $3) "
                + "ON CONFLICT (user_id, device_id) DO UPDATE SET json = excluded.json",
                user, deviceId, key.Json).ConfigureAwait(false);
        }

        // Others' signatures come by keys/signatures/upload, where they are verified.
        var own = key.Signatures.First(s => s.Signer == user && s.KeyId == $"ed25519:{deviceId}");
        await AddSignatureAsync(session, user, deviceId, own).ConfigureAwait(false);
        if (!isSame)
        {
            await unit.NoteChangeAsync(session, user).ConfigureAwait(false);
        }
    }

    /// <summary>Ends a device's keys; whether it had any.</summary>
    public static async ValueTask<bool> DropAsync(DbSession session, string user, string deviceId)
    {
        await DropSignaturesAsync(session, user, deviceId).ConfigureAwait(false);
        await OneTimeKeyStore.DropAsync(session, user, deviceId).ConfigureAwait(false);
        return await session.ExecuteAsync(
            "DELETE FROM device_keys WHERE user_id = $1 AND device_id = $2", user, deviceId).ConfigureAwait(false) > 0;
    }

    /// <summary>The member <c>keys</c> of stored device or cross-signing keys.</summary>
    public static Dictionary<string, string> Keys(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty("keys").EnumerateObject().ToDictionary(k => k.Name, k => k.Value.GetString()!, StringComparer.Ordinal);
    }

    private static bool SameKeys(Dictionary<string, string> a, IReadOnlyDictionary<string, string> b) =>
        a.Count == b.Count && a.All(k => b.GetValueOrDefault(k.Key) == k.Value);
}
