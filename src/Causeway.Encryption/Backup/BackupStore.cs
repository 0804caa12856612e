using Causeway.Hosting;
using Causeway.Matrix;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Encryption;

/// <summary>A version of a person's backup.</summary>
internal sealed record BackupVersion(long Version, string Algorithm, byte[] AuthData, long Etag, long Sessions, bool IsDeleted);

/// <summary>A room key as a client encrypted it.</summary>
internal sealed record BackedUpSession(
    string RoomId, string SessionId, long FirstMessageIndex, long ForwardedCount, bool IsVerified, byte[] Data);

/// <summary>Which sessions of a backup: all, a room's, or one.</summary>
internal readonly record struct BackupPart(string? RoomId, string? SessionId);

/// <summary>Key backups: everybody's own only, since every query carries the owner.</summary>
internal sealed class BackupStore(Database database, LogWriter log)
{
    private const string Columns = "version, algorithm, auth_data, etag, sessions, deleted";

    /// <summary>A version, or the newest that is not deleted; null when there is none. Deleted ones are found by number.</summary>
    public async ValueTask<BackupVersion?> FindAsync(UserId user, long? version)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return version is { } v
            ? await FindAsync(session, user, v).ConfigureAwait(false)
            : await FindLatestAsync(session, user).ConfigureAwait(false);
    }

    public async Task<long> CreateAsync(UserId user, string algorithm, byte[] authData)
    {
        var version = 0L;
        await AppendAsync(async session =>
        {
            version = 1 + await session.FindAsync(
                "SELECT max(version) FROM key_backups WHERE user_id = $1", r => r.FindInt64(0) ?? 0, user.Value).ConfigureAwait(false);
            await session.ExecuteAsync(
                $"INSERT INTO key_backups (user_id, {Columns}) VALUES ($1, $2, $3, $4, 0, 0, 0)", user.Value, version, algorithm, authData).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return version;
    }

    public Task SetAuthDataAsync(UserId user, long version, byte[] authData) => AppendAsync(async session => await session.ExecuteAsync(
        "UPDATE key_backups SET auth_data = $3 WHERE user_id = $1 AND version = $2 AND deleted = 0", user.Value, version, authData).ConfigureAwait(false));

    /// <summary>Deletes a version with its keys; its number is not used again.</summary>
    public Task DeleteAsync(UserId user, long version) => AppendAsync(async session =>
    {
        await session.ExecuteAsync("DELETE FROM key_backup_sessions WHERE user_id = $1 AND version = $2", user.Value, version).ConfigureAwait(false);
        await session.ExecuteAsync(
            "UPDATE key_backups SET deleted = 1, sessions = 0, etag = etag + 1 WHERE user_id = $1 AND version = $2", user.Value, version).ConfigureAwait(false);
    });

    public async ValueTask<List<BackedUpSession>> ListAsync(UserId user, long version, BackupPart part)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        var (where, args) = Where(user, version, part);
        return await session.QueryAsync(
            "SELECT room_id, session_id, first_message_index, forwarded_count, is_verified, data FROM key_backup_sessions "
            + where + " ORDER BY room_id, session_id",
            r => new BackedUpSession(r.GetString(0), r.GetString(1), r.GetInt64(2), r.GetInt64(3), r.GetInt64(4) != 0, r.GetBytes(5)),
            args).ConfigureAwait(false);
    }

    /// <summary>Stores keys in the newest version; a key replaces another of its session only when it is better.</summary>
    /// <exception cref="Refusal">M_WRONG_ROOM_KEYS_VERSION with the current one.</exception>
    public async Task<BackupVersion> PutAsync(UserId user, long version, IReadOnlyList<BackedUpSession> keys)
    {
        BackupVersion current = null!;
        await AppendAsync(async session =>
        {
            current = await CheckCurrentAsync(session, user, version).ConfigureAwait(false);
            var (added, replaced) = (0, 0);
            foreach (var key in keys)
            {
                var isNew = await PutAsync(session, user, version, key, "DO NOTHING").ConfigureAwait(false);
                added += isNew;
                replaced += isNew > 0 ? 0 : await PutAsync(session, user, version, key, Better).ConfigureAwait(false);
            }

            current = await CountAsync(session, user, current, added, added + replaced > 0).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return current;
    }

    public async Task<BackupVersion> DeleteAsync(UserId user, long version, BackupPart part)
    {
        BackupVersion current = null!;
        await AppendAsync(async session =>
        {
            current = await FindAsync(session, user, version).ConfigureAwait(false) is { IsDeleted: false } found ? found : throw Unknown();
            var (where, args) = Where(user, version, part);
            var gone = await session.ExecuteAsync("DELETE FROM key_backup_sessions " + where, args).ConfigureAwait(false);
            current = await CountAsync(session, user, current, -gone, gone > 0).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return current;
    }

    public static Refusal Unknown() => Refusal.NotFound("There is no such backup version.");

    /// <summary>"Server-side key backups", the order in which keys of one session are preferred.</summary>
    private const string Better =
        "DO UPDATE SET first_message_index = excluded.first_message_index, forwarded_count = excluded.forwarded_count, "
        + "is_verified = excluded.is_verified, data = excluded.data WHERE excluded.is_verified > key_backup_sessions.is_verified "
        + "OR (excluded.is_verified = key_backup_sessions.is_verified AND (excluded.first_message_index < key_backup_sessions.first_message_index "
        + "OR (excluded.first_message_index = key_backup_sessions.first_message_index AND excluded.forwarded_count < key_backup_sessions.forwarded_count)))";

    private static ValueTask<int> PutAsync(DbSession session, UserId user, long version, BackedUpSession key, string onConflict) => session.ExecuteAsync(
        "INSERT INTO key_backup_sessions (user_id, version, room_id, session_id, first_message_index, forwarded_count, is_verified, data) "
        + "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (user_id, version, room_id, session_id) " + onConflict,
        user.Value, version, key.RoomId, key.SessionId, key.FirstMessageIndex, key.ForwardedCount, key.IsVerified ? 1L : 0L, key.Data);

    private static async ValueTask<BackupVersion> CheckCurrentAsync(DbSession session, UserId user, long version)
    {
        if (await FindAsync(session, user, version).ConfigureAwait(false) is not { IsDeleted: false } wanted
            || await FindLatestAsync(session, user).ConfigureAwait(false) is not { } latest)
        {
            throw await FindLatestAsync(session, user).ConfigureAwait(false) is { } other ? WrongVersion(other) : Unknown();
        }

        return wanted.Version == latest.Version ? wanted : throw WrongVersion(latest);
    }

    private static Refusal WrongVersion(BackupVersion current) => new(403, "M_WRONG_ROOM_KEYS_VERSION", "This is not the current backup version.")
    {
        Extra = json => json.WriteString("current_version"u8, current.Version.ToString(System.Globalization.CultureInfo.InvariantCulture)),
    };

    private static async ValueTask<BackupVersion> CountAsync(DbSession session, UserId user, BackupVersion version, int added, bool changed)
    {
        if (!changed)
        {
            return version;
        }

        await session.ExecuteAsync(
            "UPDATE key_backups SET etag = etag + 1, sessions = sessions + $3 WHERE user_id = $1 AND version = $2",
            user.Value, version.Version, (long)added).ConfigureAwait(false);
        return version with { Etag = version.Etag + 1, Sessions = version.Sessions + added };
    }

    private static ValueTask<BackupVersion?> FindAsync(DbSession session, UserId user, long version) => session.FindAsync(
        $"SELECT {Columns} FROM key_backups WHERE user_id = $1 AND version = $2", Map, user.Value, version);

    private static ValueTask<BackupVersion?> FindLatestAsync(DbSession session, UserId user) => session.FindAsync(
        $"SELECT {Columns} FROM key_backups WHERE user_id = $1 AND deleted = 0 ORDER BY version DESC LIMIT 1", Map, user.Value);

    private static BackupVersion Map(System.Data.Common.DbDataReader r) =>
        new(r.GetInt64(0), r.GetString(1), r.GetBytes(2), r.GetInt64(3), r.GetInt64(4), r.GetInt64(5) != 0);

    private static (string Sql, object?[] Args) Where(UserId user, long version, BackupPart part) => part switch
    {
        (null, _) => ("WHERE user_id = $1 AND version = $2", [user.Value, version]),
        (var room, null) => ("WHERE user_id = $1 AND version = $2 AND room_id = $3", [user.Value, version, room]),
        var (room, id) => ("WHERE user_id = $1 AND version = $2 AND room_id = $3 AND session_id = $4", [user.Value, version, room, id]),
    };

    private Task AppendAsync(Func<DbSession, ValueTask> work) => log.AppendAsync(new EncryptionUnit((_, session) => work(session)));
}
