using System.Text;
using System.Text.Json;
using Causeway.Hosting;
using Causeway.Matrix;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Accounts;

/// <summary>
/// The fields of profiles beside name and avatar: any JSON under a namespaced key (Client-server API, "Profiles").
/// </summary>
internal sealed class ProfileFields(Database database, LogWriter log)
{
    private const int MaxKeyBytes = 255;
    private const int MaxProfileBytes = 64 << 10;

    /// <summary>All of a person's, by key.</summary>
    public async ValueTask<List<(string Key, byte[] Value)>> ListAsync(UserId user)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.QueryAsync(
            "SELECT key, value FROM profile_fields WHERE user_id = $1 ORDER BY key", r => (r.GetString(0), r.GetBytes(1)), user.Value).ConfigureAwait(false);
    }

    /// <summary>One value, or null.</summary>
    public async ValueTask<byte[]?> FindAsync(UserId user, string key)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.FindAsync(
            "SELECT value FROM profile_fields WHERE user_id = $1 AND key = $2", r => r.GetBytes(0), user.Value, key).ConfigureAwait(false);
    }

    /// <summary>Sets a value; M_PROFILE_TOO_LARGE when the whole would be larger than 64 KiB.</summary>
    public Task SetAsync(UserId user, string key, JsonElement value)
    {
        var bytes = Encoding.UTF8.GetBytes(value.GetRawText());
        return log.AppendAsync(new WorkUnit(LogKind.Profile, user.Value, async (session, _) =>
        {
            // A margin for name, avatar and what JSON puts between the fields.
            var others = await session.FindAsync(
                "SELECT CAST(COALESCE(sum(length(key) + length(value) + 6), 0) AS BIGINT) FROM profile_fields WHERE user_id = $1 AND key <> $2",
                r => r.GetInt64(0), user.Value, key).ConfigureAwait(false);
            if (others + key.Length + bytes.Length + 2048 > MaxProfileBytes)
            {
                throw new Refusal(400, "M_PROFILE_TOO_LARGE", "The profile would be larger than 64 KiB.");
            }

            await session.ExecuteAsync(
                "INSERT INTO profile_fields (user_id, key, value) VALUES ($1, $2, $3) ON CONFLICT (user_id, key) DO UPDATE SET value = excluded.value",
                user.Value, key, bytes).ConfigureAwait(false);
        }));
    }

    /// <summary>Takes a value away, if it is there.</summary>
    public Task DeleteAsync(UserId user, string key) => log.AppendAsync(new WorkUnit(LogKind.Profile, user.Value, async (session, _) =>
        await session.ExecuteAsync("DELETE FROM profile_fields WHERE user_id = $1 AND key = $2", user.Value, key).ConfigureAwait(false)));

    /// <summary>Inside the transaction that closes an account.</summary>
    public static async ValueTask DropAsync(DbSession session, UserId user) =>
        await session.ExecuteAsync("DELETE FROM profile_fields WHERE user_id = $1", user.Value).ConfigureAwait(false);

    /// <summary>Appendices, "Common Namespaced Identifier Grammar", as profiles narrow it: a namespace is needed.</summary>
    public static void CheckKey(string key)
    {
        if (Encoding.UTF8.GetByteCount(key) > MaxKeyBytes)
        {
            throw new Refusal(400, "M_KEY_TOO_LARGE", "A profile's key has at most 255 bytes.");
        }

        var isGood = key.Length > 2 && key[0] is >= 'a' and <= 'z' && key[^1] != '.' && key.Contains('.', StringComparison.Ordinal)
            && key.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '.' or '_' or '-');
        if (!isGood)
        {
            throw Refusal.InvalidParam("This is not a profile's key: displayname, avatar_url, m.tz or a namespaced name.");
        }
    }
}
