using Causeway.Storage;

namespace Causeway.Encryption;

/// <summary>The three kinds of cross-signing keys.</summary>
internal static class CrossSigningUsage
{
    public const string Master = "master";
    public const string SelfSigning = "self_signing";
    public const string UserSigning = "user_signing";

    public static string[] All { get; } = [Master, SelfSigning, UserSigning];
}

/// <summary>A cross-signing key.</summary>
/// <param name="Usage">One of <see cref="CrossSigningUsage"/>.</param>
/// <param name="PublicKey">Ed25519, unpadded base64.</param>
/// <param name="Json">Canonical, without signatures.</param>
internal sealed record CrossSigningKey(string Usage, string PublicKey, byte[] Json)
{
    public string KeyId => $"ed25519:{PublicKey}";
}

/// <summary>Cross-signing keys of people.</summary>
internal static class CrossSigningStore
{
    public static ValueTask<List<CrossSigningKey>> ListAsync(DbSession session, string user) => session.QueryAsync(
        "SELECT usage, public_key, json FROM cross_signing_keys WHERE user_id = $1",
        r => new CrossSigningKey(r.GetString(0), r.GetString(1), r.GetBytes(2)), user);

    /// <summary>Replaces a key; the signatures on the old one end with it.</summary>
    public static async ValueTask SetAsync(DbSession session, string user, CrossSigningKey key, CrossSigningKey? old)
    {
        if (old is not null)
        {
            await DeviceKeyStore.DropSignaturesAsync(session, user, old.PublicKey).ConfigureAwait(false);
        }

        await session.ExecuteAsync(
            "INSERT INTO cross_signing_keys (user_id, usage, public_key, json) VALUES ($1, $2, $3, $4) "
            + "ON CONFLICT (user_id, usage) DO UPDATE SET public_key = excluded.public_key, json = excluded.json",
            user, key.Usage, key.PublicKey, key.Json).ConfigureAwait(false);
    }

    /// <summary>Ends a key that a new master key did not sign.</summary>
    public static async ValueTask DropAsync(DbSession session, string user, CrossSigningKey key)
    {
        await DeviceKeyStore.DropSignaturesAsync(session, user, key.PublicKey).ConfigureAwait(false);
        await session.ExecuteAsync("DELETE FROM cross_signing_keys WHERE user_id = $1 AND usage = $2", user, key.Usage).ConfigureAwait(false);
    }
}
