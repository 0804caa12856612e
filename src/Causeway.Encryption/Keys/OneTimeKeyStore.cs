using System.Text.Json;
using Causeway.Hosting;
using Causeway.Storage;

namespace Causeway.Encryption;

/// <summary>A key that somebody asks for.</summary>
internal readonly record struct KeyWish(string User, string DeviceId, string Algorithm);

/// <summary>A key that was handed out.</summary>
internal sealed record ClaimedKey(KeyWish Wish, string KeyId, byte[] Json);

/// <summary>
/// One-time keys, each handed out once, and fallback keys. A key that was handed out stays as a row for a while: a client
/// whose upload was stored but whose answer was lost sends the same keys again, and must not bring it back to life.
/// </summary>
internal sealed class OneTimeKeyStore
{
    private const int ChunkSize = 50;
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
    /// Hands a key of each device out, the oldest first; where there is none the fallback key, marked as used; where there
    /// is neither, nothing. Only ever called by the one writer, inside its transaction: that is what makes it once.
    /// </summary>
    public async ValueTask<List<ClaimedKey>> ClaimAsync(DbSession session, List<KeyWish> wishes, long position)
    {
        var claimed = new List<ClaimedKey>(wishes.Count);
        foreach (var chunk in wishes.Chunk(ChunkSize))
        {
            // The last chunk is filled up with its first wish, which changes nothing: so there are two texts to prepare, not fifty.
            var size = chunk.Length == 1 ? 1 : ChunkSize;
            var args = new List<object?> { position };
            for (var i = 0; i < size; i++)
            {
                var wish = chunk[i < chunk.Length ? i : 0];
                args.AddRange([wish.User, wish.DeviceId, wish.Algorithm]);
            }

            claimed.AddRange(await session.QueryAsync(size == 1 ? ClaimOne : ClaimMany, Map, [.. args]).ConfigureAwait(false));
        }

        var served = claimed.Select(c => c.Wish).ToHashSet();
        foreach (var wish in wishes.Where(w => !served.Contains(w)))
        {
            claimed.AddRange(await session.QueryAsync(
                "UPDATE fallback_keys SET used = 1 WHERE user_id = $1 AND device_id = $2 AND algorithm = $3 "
                + "RETURNING user_id, device_id, algorithm, key_id, json",
                Map, wish.User, wish.DeviceId, wish.Algorithm).ConfigureAwait(false));
        }

        return claimed;
    }

    private static string ClaimOne { get; } = ClaimSql(1);

    private static string ClaimMany { get; } = ClaimSql(ChunkSize);

    private static string ClaimSql(int count) =>
        $"""
        WITH wanted (user_id, device_id, algorithm) AS (VALUES {string.Join(", ", Enumerable.Range(0, count).Select(i => $"(${(i * 3) + 2}, ${(i * 3) + 3}, ${(i * 3) + 4})"))})
        UPDATE one_time_keys SET claimed = $1 WHERE claimed IS NULL AND (user_id, device_id, algorithm, key_id) IN (
            SELECT w.user_id, w.device_id, w.algorithm, (
                SELECT k.key_id FROM one_time_keys k
                WHERE k.user_id = w.user_id AND k.device_id = w.device_id AND k.algorithm = w.algorithm AND k.claimed IS NULL
                ORDER BY k.position, k.key_id LIMIT 1)
            FROM wanted w)
        RETURNING user_id, device_id, algorithm, key_id, json
        """;

    private static ClaimedKey Map(System.Data.Common.DbDataReader r) =>
        new(new KeyWish(r.GetString(0), r.GetString(1), r.GetString(2)), r.GetString(3), r.GetBytes(4));

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
