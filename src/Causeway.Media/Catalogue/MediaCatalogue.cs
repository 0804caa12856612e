using System.Data.Common;
using Causeway.Hosting;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Media.Catalogue;

/// <summary>A media as the catalogue knows it.</summary>
/// <param name="Owner">The uploader's user id; "" for the images of previews.</param>
/// <param name="Expires">Until when its upload is awaited; null once it is there.</param>
/// <param name="Hash">SHA-256 of its bytes; null while it is awaited.</param>
internal sealed record MediaEntry(string Owner, long? Expires, string? Hash, long Size, string Type, string? Name);

/// <summary>A file that came in, ready to be entered.</summary>
internal sealed record NewMedia(string Hash, long Size, string Type, string? Name);

/// <summary>
/// What is known of each media, who uses which file, and how much each account stores. All counts change in the
/// transaction that changes what they count.
/// </summary>
internal sealed class MediaCatalogue(Database database, LogWriter log, MediaOptions options, TimeProvider clock)
{
    /// <summary>The row of <c>media_usage</c> that counts the files themselves, each once.</summary>
    private const string Everything = "*";

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>A media that may be served; null when it is not there, was deleted or is in quarantine.</summary>
    public async Task<MediaEntry?> FindAsync(long organisation, string id)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.FindAsync(
            """
            SELECT m.owner, m.expires, m.hash, m.size, m.type, m.name FROM media m
            LEFT JOIN media_quarantine q ON q.organisation = m.organisation AND q.hash = m.hash
            WHERE m.organisation = $1 AND m.media_id = $2 AND q.hash IS NULL
            """,
            Read, organisation, id).ConfigureAwait(false) is { } entry && (entry.Hash is not null || entry.Expires > Now) ? entry : null;
    }

    /// <summary>Enters an id whose upload is awaited; when it expires.</summary>
    public async Task<long> CreateAsync(long organisation, string id, string owner)
    {
        var now = Now;
        var expires = now + (long)options.PendingLifetime.TotalMilliseconds;
        await WorkAsync(async session =>
        {
            var pending = await session.QueryAsync(
                "SELECT expires FROM media WHERE owner = $1 AND hash IS NULL AND expires > $2 ORDER BY expires", r => r.GetInt64(0), owner, now).ConfigureAwait(false);
            if (pending.Count >= options.MaxPending)
            {
                throw Refusal.LimitExceeded(TimeSpan.FromMilliseconds(Math.Min(pending[0] - now, 60_000)));
            }

            await session.ExecuteAsync(
                "INSERT INTO media (organisation, media_id, owner, created, expires, hash, size, type, name) VALUES ($1, $2, $3, $4, $5, NULL, 0, '', NULL)",
                organisation, id, owner, now, expires).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return expires;
    }

    /// <summary>Enters a file under a new id.</summary>
    public Task AddAsync(long organisation, string id, string owner, NewMedia file) => WorkAsync(async session =>
    {
        await EnterFileAsync(session, organisation, owner, file).ConfigureAwait(false);
        await session.ExecuteAsync(
            "INSERT INTO media (organisation, media_id, owner, created, expires, hash, size, type, name) VALUES ($1, $2, $3, $4, NULL, $5, $6, $7, $8)",
            organisation, id, owner, Now, file.Hash, file.Size, file.Type, file.Name).ConfigureAwait(false);
    });

    /// <summary>Refuses an upload to an id that does not await one of this person.</summary>
    public async Task CheckAwaitedAsync(long organisation, string id, string owner)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        await CheckAwaitedAsync(session, organisation, id, owner).ConfigureAwait(false);
    }

    /// <summary>Enters a file under an id that awaits it.</summary>
    public Task FillAsync(long organisation, string id, string owner, NewMedia file) => WorkAsync(async session =>
    {
        await CheckAwaitedAsync(session, organisation, id, owner).ConfigureAwait(false);
        await EnterFileAsync(session, organisation, owner, file).ConfigureAwait(false);
        await session.ExecuteAsync(
            "UPDATE media SET expires = NULL, hash = $3, size = $4, type = $5, name = $6 WHERE organisation = $1 AND media_id = $2",
            organisation, id, file.Hash, file.Size, file.Type, file.Name).ConfigureAwait(false);
    });

    /// <summary>Refuses what is certain to be refused later, before its bytes are taken in.</summary>
    public async Task CheckQuotaAsync(string owner, long bytes)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        await CheckQuotaAsync(session, owner, bytes, 0).ConfigureAwait(false);
    }

    /// <summary>
    /// Removes a media. A file that nobody uses any more becomes garbage in the same transaction, so that it is removed
    /// even if the process ends before it got to it.
    /// </summary>
    /// <returns>False when there is none.</returns>
    public async Task<bool> DeleteAsync(long organisation, string id)
    {
        var isFound = false;
        await WorkAsync(async session =>
        {
            var entry = await session.FindAsync(
                "SELECT owner, expires, hash, size, type, name FROM media WHERE organisation = $1 AND media_id = $2", Read, organisation, id).ConfigureAwait(false);
            isFound = entry is not null;
            if (entry is null)
            {
                return;
            }

            await session.ExecuteAsync("DELETE FROM media WHERE organisation = $1 AND media_id = $2", organisation, id).ConfigureAwait(false);
            if (entry.Hash is not { } hash)
            {
                return;
            }

            await AddUsageAsync(session, entry.Owner, -entry.Size).ConfigureAwait(false);
            await session.ExecuteAsync("UPDATE media_files SET users = users - 1 WHERE hash = $1", hash).ConfigureAwait(false);
            if (await session.ExecuteAsync("DELETE FROM media_files WHERE hash = $1 AND users = 0", hash).ConfigureAwait(false) == 1)
            {
                await AddUsageAsync(session, Everything, -entry.Size).ConfigureAwait(false);
                await session.ExecuteAsync("INSERT INTO media_garbage (hash) VALUES ($1) ON CONFLICT DO NOTHING", hash).ConfigureAwait(false);
            }
        }).ConfigureAwait(false);
        return isFound;
    }

    /// <summary>The hash of a media, in quarantine or not.</summary>
    public async Task<string?> FindHashAsync(long organisation, string id)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.FindAsync(
            "SELECT hash FROM media WHERE organisation = $1 AND media_id = $2", r => r.FindString(0), organisation, id).ConfigureAwait(false);
    }

    /// <summary>Puts a file into an organisation's quarantine: it is neither served nor taken in again there.</summary>
    public Task QuarantineAsync(long organisation, string hash, string by) => WorkAsync(async session =>
        await session.ExecuteAsync(
            "INSERT INTO media_quarantine (organisation, hash, by_user, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            organisation, hash, by, Now).ConfigureAwait(false));

    /// <summary>Files whose last user is gone and which may still lie there.</summary>
    public async Task<List<string>> ListGarbageAsync()
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.QueryAsync("SELECT hash FROM media_garbage", r => r.GetString(0)).ConfigureAwait(false);
    }

    /// <summary>Whether any media uses the file.</summary>
    public async Task<bool> IsUsedAsync(string hash)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.FindAsync("SELECT users FROM media_files WHERE hash = $1", r => r.GetInt64(0), hash).ConfigureAwait(false) > 0;
    }

    /// <summary>The thumbnails made of a file.</summary>
    public async Task<List<string>> ListThumbnailsAsync(string hash)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.QueryAsync("SELECT variant FROM media_thumbnails WHERE hash = $1", r => r.GetString(0), hash).ConfigureAwait(false);
    }

    /// <summary>Forgets garbage whose bytes are gone.</summary>
    public Task ForgetGarbageAsync(string hash) => WorkAsync(async session =>
    {
        await session.ExecuteAsync("DELETE FROM media_garbage WHERE hash = $1", hash).ConfigureAwait(false);
        await session.ExecuteAsync("DELETE FROM media_thumbnails WHERE hash = $1", hash).ConfigureAwait(false);
    });

    /// <summary>Forgets ids whose upload never came.</summary>
    public Task ForgetExpiredAsync() => WorkAsync(async session =>
        await session.ExecuteAsync("DELETE FROM media WHERE hash IS NULL AND expires <= $1", Now).ConfigureAwait(false));

    /// <summary>A thumbnail made earlier; its size is 0 when none could be made.</summary>
    public async Task<(long Size, string Type)?> FindThumbnailAsync(string hash, string variant)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.FindAsync<(long, string)?>(
            "SELECT size, type FROM media_thumbnails WHERE hash = $1 AND variant = $2", r => (r.GetInt64(0), r.GetString(1)), hash, variant).ConfigureAwait(false);
    }

    /// <summary>Enters a thumbnail, unless its original went meanwhile: then it must go too.</summary>
    /// <returns>Whether it was entered.</returns>
    public async Task<bool> AddThumbnailAsync(string hash, string variant, long size, string type)
    {
        var isEntered = false;
        await WorkAsync(async session => isEntered = await session.ExecuteAsync(
            """
            INSERT INTO media_thumbnails (hash, variant, size, type)
            SELECT hash, $2, $3, $4 FROM media_files WHERE hash = $1
            ON CONFLICT (hash, variant) DO UPDATE SET size = excluded.size, type = excluded.type
            """,
            hash, variant, size, type).ConfigureAwait(false) == 1).ConfigureAwait(false);
        return isEntered;
    }

    public Task WorkAsync(Func<DbSession, ValueTask> work) => log.AppendAsync(new MediaUnit(work));

    private async ValueTask EnterFileAsync(DbSession session, long organisation, string owner, NewMedia file)
    {
        if (await session.FindAsync(
            "SELECT 1 FROM media_quarantine WHERE organisation = $1 AND hash = $2", r => r.GetInt32(0), organisation, file.Hash).ConfigureAwait(false) == 1)
        {
            throw Refusal.Forbidden("This file may not be uploaded.");
        }

        var isNew = await session.ExecuteAsync("UPDATE media_files SET users = users + 1 WHERE hash = $1", file.Hash).ConfigureAwait(false) == 0;
        await CheckQuotaAsync(session, owner, file.Size, isNew ? file.Size : 0).ConfigureAwait(false);
        await AddUsageAsync(session, owner, file.Size).ConfigureAwait(false);
        if (isNew)
        {
            await session.ExecuteAsync("INSERT INTO media_files (hash, size, users) VALUES ($1, $2, 1)", file.Hash, file.Size).ConfigureAwait(false);
            await session.ExecuteAsync("DELETE FROM media_garbage WHERE hash = $1", file.Hash).ConfigureAwait(false);
            await AddUsageAsync(session, Everything, file.Size).ConfigureAwait(false);
        }
    }

    private async ValueTask CheckAwaitedAsync(DbSession session, long organisation, string id, string owner)
    {
        var entry = await session.FindAsync(
            "SELECT owner, expires, hash, size, type, name FROM media WHERE organisation = $1 AND media_id = $2", Read, organisation, id).ConfigureAwait(false);
        if (entry is null || (entry.Hash is null && entry.Expires <= Now))
        {
            throw Refusal.NotFound("No upload is awaited here; the id may have expired.");
        }

        if (entry.Owner != owner)
        {
            throw Refusal.Forbidden("Somebody else made this id.");
        }

        if (entry.Hash is not null)
        {
            throw new Refusal(409, "M_CANNOT_OVERWRITE_MEDIA", "This media is there already.");
        }
    }

    private async ValueTask CheckQuotaAsync(DbSession session, string owner, long bytes, long newBytes)
    {
        // The images of previews are nobody's; they count for the whole only.
        if (owner.Length > 0 && options.AccountQuotaBytes is { } own && await UsageAsync(session, owner).ConfigureAwait(false) + bytes > own)
        {
            throw Refusal.Forbidden("Your quota of uploads is used up.");
        }

        if (options.TotalQuotaBytes is { } total && await UsageAsync(session, Everything).ConfigureAwait(false) + newBytes > total)
        {
            throw Refusal.Forbidden("This server's room for uploads is used up.");
        }
    }

    private static async ValueTask<long> UsageAsync(DbSession session, string owner) =>
        await session.FindAsync("SELECT bytes FROM media_usage WHERE owner = $1", r => r.GetInt64(0), owner).ConfigureAwait(false);

    private static async ValueTask AddUsageAsync(DbSession session, string owner, long bytes) => await session.ExecuteAsync(
        "INSERT INTO media_usage (owner, bytes) VALUES ($1, $2) ON CONFLICT (owner) DO UPDATE SET bytes = media_usage.bytes + excluded.bytes",
        owner, bytes).ConfigureAwait(false);

    private static MediaEntry Read(DbDataReader r) =>
        new(r.GetString(0), r.FindInt64(1), r.FindString(2), r.GetInt64(3), r.GetString(4), r.FindString(5));
}
