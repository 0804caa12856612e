using System.Text.Json;
using Causeway.Hosting;
using Causeway.Storage;

namespace Causeway.Encryption;

/// <summary>
/// One-time keys, each handed out once, and fallback keys. A key that was handed out stays as a row for a while: a client
/// whose upload was stored but whose answer was lost sends the same keys again, and must not bring it back to life.
/// </summary>
internal sealed class OneTimeKeyStore
{
    private const int MaxFree = 1000;
    private const long KeptClaimed = 200;

    /// <summary>Adds keys; the same key again is fine, another under the same id is refused.</summary>
    public async ValueTask AddAsync(DbSession session, string user, string deviceId, List<OneTimeKey> keys, long position)
    {
        foreach (var key in keys)
        {
            var added = await session.ExecuteAsync(
                "INSERT INTO one_time_keys (user_id, device_id, algorithm, key_id, json, position) VALUES ($1, $2, $3, $4, $5, $6) "
                + "ON CONFLICT (user_id, device_id, algorithm, key_id) DO NOTHING",
                user, deviceId, key.Algorithm, key.KeyId, key.Json, position).ConfigureAwait(false);
            if (added == 0)
            {
                await AddAgainAsync(session, user, deviceId, key, position).ConfigureAwait(false);
            }
        }

        if (keys.Count > 0)
        {
            await PruneAsync(session, user, deviceId).ConfigureAwait(false);
        }
    }

    /// <summary>Replaces the fallback key of each algorithm; the same key again keeps its mark of use.</summary>
    public async ValueTask SetFallbackAsync(DbSession session, string user, string deviceId, List<OneTimeKey> keys)
    {
        foreach (var key in keys)
        {
            await session.ExecuteAsync(
                "INSERT INTO fallback_keys (user_id, device_id, algorithm, key_id, json, used) VALUES ($1, $2, $3, $4, $5, 0) "
                + "ON CONFLICT (user_id, device_id, algorithm) DO UPDATE SET key_id = excluded.key_id, json = excluded.json, used = 0 "
                + "WHERE fallback_keys.key_id <> excluded.key_id OR fallback_keys.json <> excluded.json",
                user, deviceId, key.Algorithm, key.KeyId, key.Json).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Hands a key out, the oldest first; the fallback key, marked as used, when there is none; null when the device has
    /// neither. Only ever called by the one writer, inside its transaction: that is what makes it once.
    /// </summary>
    public async ValueTask<(string KeyId, byte[] Json)?> ClaimAsync(DbSession session, string user, string deviceId, string algorithm, long position)
    {
        var claimed = await session.QueryAsync<(string KeyId, byte[] Json)?>(
            """
            UPDATE one_time_keys SET claimed = $4 WHERE user_id = $1 AND device_id = $2 AND algorithm = $3 AND key_id = (
                SELECT key_id FROM one_time_keys WHERE user_id = $1 AND device_id = $2 AND algorithm = $3 AND claimed IS NULL
                ORDER BY position, key_id LIMIT 1)
            RETURNING key_id, json
            """,
            r => (r.GetString(0), r.GetBytes(1)), user, deviceId, algorithm, position).ConfigureAwait(false);
        if (claimed.Count > 0)
        {
            return claimed[0];
        }

        var fallback = await session.QueryAsync<(string KeyId, byte[] Json)?>(
            "UPDATE fallback_keys SET used = 1 WHERE user_id = $1 AND device_id = $2 AND algorithm = $3 RETURNING key_id, json",
            r => (r.GetString(0), r.GetBytes(1)), user, deviceId, algorithm).ConfigureAwait(false);
        return fallback.Count > 0 ? fallback[0] : null;
    }

    /// <summary>Ends a device's keys.</summary>
    public static async ValueTask DropAsync(DbSession session, string user, string deviceId)
    {
        await session.ExecuteAsync("DELETE FROM one_time_keys WHERE user_id = $1 AND device_id = $2", user, deviceId).ConfigureAwait(false);
        await session.ExecuteAsync("DELETE FROM fallback_keys WHERE user_id = $1 AND device_id = $2", user, deviceId).ConfigureAwait(false);
    }

    private static async ValueTask AddAgainAsync(DbSession session, string user, string deviceId, OneTimeKey key, long position)
    {
        var (json, isClaimed) = await session.FindAsync(
            "SELECT json, claimed FROM one_time_keys WHERE user_id = $1 AND device_id = $2 AND algorithm = $3 AND key_id = $4",
            r => (r.GetBytes(0), r.FindInt64(1) is not null), user, deviceId, key.Algorithm, key.KeyId).ConfigureAwait(false);
        if (PublicKey(json!) == PublicKey(key.Json))
        {
            return;
        }

        // A client that was set back counts its ids from an older number; a key that is gone does not stand in its way.
        if (!isClaimed)
        {
            throw Refusal.InvalidParam($"One time key {key.Algorithm}:{key.KeyId} already exists.");
        }

        await session.ExecuteAsync(
            "UPDATE one_time_keys SET json = $5, position = $6, claimed = NULL WHERE user_id = $1 AND device_id = $2 AND algorithm = $3 AND key_id = $4",
            user, deviceId, key.Algorithm, key.KeyId, key.Json, position).ConfigureAwait(false);
    }

    private static async ValueTask PruneAsync(DbSession session, string user, string deviceId)
    {
        var free = await session.FindAsync(
            "SELECT count(*) FROM one_time_keys WHERE user_id = $1 AND device_id = $2 AND claimed IS NULL", r => r.GetInt64(0), user, deviceId).ConfigureAwait(false);
        if (free > MaxFree)
        {
            throw Refusal.TooLarge($"A device may have {MaxFree} one-time keys.");
        }

        await session.ExecuteAsync(
            """
            DELETE FROM one_time_keys WHERE user_id = $1 AND device_id = $2 AND claimed < (
                SELECT claimed FROM one_time_keys WHERE user_id = $1 AND device_id = $2 AND claimed IS NOT NULL
                ORDER BY claimed DESC LIMIT 1 OFFSET $3)
            """,
            user, deviceId, KeptClaimed).ConfigureAwait(false);
    }

    private static string? PublicKey(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.ValueKind == JsonValueKind.String ? document.RootElement.GetString() : document.RootElement.GetString("key");
    }
}
