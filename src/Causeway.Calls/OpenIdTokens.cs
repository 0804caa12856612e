using System.Security.Cryptography;
using System.Text;
using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Matrix;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Calls;

/// <summary>
/// Tokens with which a person proves to another service who they are, and with which nothing else can be done. They are kept
/// hashed and end by themselves.
/// </summary>
internal sealed class OpenIdTokens(Database database, LogWriter log, AccountStore accounts, TimeProvider clock, IdSource ids)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    public async Task<string> CreateAsync(UserId user)
    {
        var token = ids.Letters(43);
        var now = Now;
        await log.AppendAsync(new WorkUnit(null, null, async (session, _) =>
        {
            await session.ExecuteAsync("DELETE FROM openid_tokens WHERE ends_at <= $1", now).ConfigureAwait(false);
            await session.ExecuteAsync(
                "INSERT INTO openid_tokens (hash, user_id, ends_at) VALUES ($1, $2, $3)",
                Hash(token), user.Value, now + (long)Lifetime.TotalMilliseconds).ConfigureAwait(false);
        })).ConfigureAwait(false);
        return token;
    }

    /// <summary>Whose token it is, or null: unknown, ended, or of an account that is closed or locked.</summary>
    public async ValueTask<UserId?> FindUserAsync(string token)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        var user = await session.FindAsync(
            "SELECT user_id FROM openid_tokens WHERE hash = $1 AND ends_at > $2", r => r.GetString(0), Hash(token), Now).ConfigureAwait(false);
        return user is not null && await accounts.FindAsync(UserId.Parse(user)).ConfigureAwait(false) is { IsDeactivated: false, IsLocked: false } account
            ? account.User
            : null;
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}

/// <summary>The table of Calls.</summary>
public static class CallsSchema
{
    /// <summary>All steps, in order.</summary>
    public static IReadOnlyList<Migration> Migrations { get; } =
    [
        new("calls", 1, """
            CREATE TABLE openid_tokens (
                hash BLOB NOT NULL PRIMARY KEY,
                user_id TEXT NOT NULL,
                ends_at BIGINT NOT NULL);
            CREATE INDEX openid_tokens_end ON openid_tokens (ends_at);
            """),
    ];
}
