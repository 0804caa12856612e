using Causeway.Hosting;
using Causeway.Matrix;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Accounts;

/// <summary>An account.</summary>
public sealed record Account(
    UserId User, long Organisation, string? Password, bool IsAdmin, bool IsGuest, bool IsDeactivated, long Created)
{
    /// <summary>May do nothing but sign out.</summary>
    public bool IsLocked { get; init; }

    /// <summary>May read and leave.</summary>
    public bool IsSuspended { get; init; }
}

/// <summary>Accounts: made, found, changed, closed.</summary>
public sealed class AccountStore(Database database, LogWriter log, PasswordHasher hasher, TimeProvider clock, ProfileStore profiles)
{
    /// <summary>The name under which an organisation itself speaks to its people; nobody else can have it.</summary>
    public const string NoticesLocalpart = "server-notices";

    private const string Columns = "user_id, organisation, password, is_admin, is_guest, deactivated, created, locked, suspended";

    /// <summary>The account, or null.</summary>
    public async ValueTask<Account?> FindAsync(UserId user)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.FindAsync($"SELECT {Columns} FROM accounts WHERE user_id = $1", Map, user.Value).ConfigureAwait(false);
    }

    /// <summary>An organisation's accounts by id, guests left out.</summary>
    public async ValueTask<List<Account>> ListAsync(Organisation organisation)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.QueryAsync(
            $"SELECT {Columns} FROM accounts WHERE organisation = $1 AND is_guest = 0 ORDER BY user_id", Map, organisation.Id).ConfigureAwait(false);
    }

    /// <summary>Whether any organisation has an administrator yet.</summary>
    public async ValueTask<bool> AnyAdminAsync()
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.FindAsync<long?>(
            "SELECT 1 FROM accounts WHERE is_admin = 1 AND deactivated = 0 LIMIT 1", r => r.GetInt64(0)).ConfigureAwait(false) is not null;
    }

    /// <summary>
    /// Checks a wished localpart (M_INVALID_USERNAME) and that it is free (M_USER_IN_USE).
    /// </summary>
    public async ValueTask<UserId> CheckFreeAsync(Organisation organisation, string localpart)
    {
        if (!UserId.IsValidNewLocalpart(localpart) || !UserId.TryParse($"@{localpart}:{organisation.ServerName}", out var user))
        {
            throw new Refusal(400, "M_INVALID_USERNAME", "A name may have the letters a to z, digits and . _ = - / +, and 255 characters with its server.");
        }

        return localpart != NoticesLocalpart && await FindAsync(user).ConfigureAwait(false) is null ? user : throw InUse();
    }

    /// <summary>Makes an account.</summary>
    /// <param name="organisation">Its owner.</param>
    /// <param name="user">Its id.</param>
    /// <param name="password">The password, or null for none.</param>
    /// <param name="isAdmin">Whether it administers the organisation.</param>
    /// <param name="isGuest">Whether it is a guest.</param>
    /// <param name="decide">A further check in the same transaction (a registration token's use).</param>
    public async Task<Account> CreateAsync(
        Organisation organisation, UserId user, string? password, bool isAdmin = false, bool isGuest = false,
        Func<DbSession, ValueTask>? decide = null)
    {
        var hash = password is null ? null : await hasher.HashAsync(password).ConfigureAwait(false);
        var account = new Account(user, organisation.Id, hash, isAdmin, isGuest, false, clock.GetUtcNow().ToUnixTimeMilliseconds());
        await log.AppendAsync(new WorkUnit(LogKind.Account, user.Value, async (session, _) =>
        {
            if (await session.FindAsync<long?>("SELECT organisation FROM accounts WHERE user_id = $1", r => r.GetInt64(0), user.Value).ConfigureAwait(false) is not null)
            {
                throw InUse();
            }

            if (decide is not null)
            {
                await decide(session).ConfigureAwait(false);
            }

            await session.ExecuteAsync(
                "INSERT INTO accounts (user_id, organisation, password, is_admin, is_guest, deactivated, created, display_name) VALUES ($1, $2, $3, $4, $5, 0, $6, $7)",
                user.Value, organisation.Id, hash, isAdmin ? 1L : 0L, isGuest ? 1L : 0L, account.Created, isGuest ? null : user.Localpart).ConfigureAwait(false);
        })).ConfigureAwait(false);
        return account;
    }

    /// <summary>Sets a new password.</summary>
    public async Task SetPasswordAsync(UserId user, string password)
    {
        var hash = await hasher.HashAsync(password).ConfigureAwait(false);
        await log.AppendAsync(new WorkUnit(LogKind.Account, user.Value, async (session, _) =>
            await session.ExecuteAsync("UPDATE accounts SET password = $1 WHERE user_id = $2", hash, user.Value).ConfigureAwait(false)))
            .ConfigureAwait(false);
    }

    /// <summary>Makes a guest's account a person's, under the same id.</summary>
    public async Task UpgradeGuestAsync(UserId user, string password, Func<DbSession, ValueTask>? decide)
    {
        var hash = await hasher.HashAsync(password).ConfigureAwait(false);
        await log.AppendAsync(new WorkUnit(LogKind.Account, user.Value, async (session, _) =>
        {
            if (await session.ExecuteAsync(
                "UPDATE accounts SET password = $1, is_guest = 0 WHERE user_id = $2 AND is_guest = 1 AND deactivated = 0", hash, user.Value).ConfigureAwait(false) == 0)
            {
                throw InUse();
            }

            if (decide is not null)
            {
                await decide(session).ConfigureAwait(false);
            }
        })).ConfigureAwait(false);
    }

    /// <summary>Gives or takes the administration of the organisation.</summary>
    public Task SetAdminAsync(UserId user, bool isAdmin) => log.AppendAsync(new WorkUnit(LogKind.Account, user.Value, async (session, _) =>
        await session.ExecuteAsync("UPDATE accounts SET is_admin = $1 WHERE user_id = $2", isAdmin ? 1L : 0L, user.Value).ConfigureAwait(false)));

    /// <summary>Locks or unlocks the account.</summary>
    public Task SetLockedAsync(UserId user, bool isLocked) => log.AppendAsync(new WorkUnit(LogKind.Account, user.Value, async (session, _) =>
        await session.ExecuteAsync("UPDATE accounts SET locked = $1 WHERE user_id = $2", isLocked ? 1L : 0L, user.Value).ConfigureAwait(false)));

    /// <summary>Suspends the account, or lets it act again.</summary>
    public Task SetSuspendedAsync(UserId user, bool isSuspended) => log.AppendAsync(new WorkUnit(LogKind.Account, user.Value, async (session, _) =>
        await session.ExecuteAsync("UPDATE accounts SET suspended = $1 WHERE user_id = $2", isSuspended ? 1L : 0L, user.Value).ConfigureAwait(false)));

    /// <summary>Closes the account: no password, no name, no way back; the id stays taken.</summary>
    public Task DeactivateAsync(UserId user) => log.AppendAsync(new WorkUnit(LogKind.Account, user.Value, async (session, _) =>
    {
        await session.ExecuteAsync(
            "UPDATE accounts SET deactivated = 1, password = NULL, is_admin = 0, display_name = NULL, avatar_url = NULL WHERE user_id = $1",
            user.Value).ConfigureAwait(false);
        await ProfileFields.DropAsync(session, user).ConfigureAwait(false);
    })
    {
        Committed = () => profiles.Forget(user),
    });

    /// <summary>Whether the password is the account's.</summary>
    public async Task<bool> VerifyAsync(Account? account, string password) =>
        await hasher.VerifyAsync(password, account is { IsDeactivated: false } ? account.Password : null).ConfigureAwait(false);

    private static Refusal InUse() => new(400, "M_USER_IN_USE", "This name is taken.");

    private static Account Map(System.Data.Common.DbDataReader r) => new(
        UserId.Parse(r.GetString(0)), r.GetInt64(1), r.FindString(2), r.GetInt64(3) != 0, r.GetInt64(4) != 0,
        r.GetInt64(5) != 0, r.GetInt64(6))
    {
        IsLocked = r.GetInt64(7) != 0,
        IsSuspended = r.GetInt64(8) != 0,
    };
}
