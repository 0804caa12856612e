using System.Collections.Concurrent;
using Causeway.Hosting;
using Causeway.Matrix;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Accounts;

/// <summary>A person's display name and avatar; both may be absent.</summary>
public sealed record Profile(string? DisplayName, string? AvatarUrl);

/// <summary>Told of changed profiles; Rooms writes them into member events.</summary>
public interface IProfileObserver
{
    /// <summary>Called after the change is durable and before the client is answered.</summary>
    Task ProfileChangedAsync(Requester requester, Profile profile);
}

/// <summary>Profiles of the accounts on this server.</summary>
public sealed class ProfileStore
{
    private const int MaxCached = 50_000;

    private readonly Database _database;
    private readonly LogWriter _log;
    private readonly ConcurrentDictionary<string, Profile> _cache = new(StringComparer.Ordinal);

    /// <summary>Subscribes to the tail, to start afresh when entries were committed past it.</summary>
    public ProfileStore(Database database, LogWriter log, LogTail tail)
    {
        _database = database;
        _log = log;
        tail.Restarted += _cache.Clear;
    }

    /// <summary>The profile, or null when there is no such account here (or it is deactivated).</summary>
    public async ValueTask<Profile?> FindAsync(UserId user)
    {
        if (_cache.TryGetValue(user.Value, out var known))
        {
            return known;
        }

        await using var session = await _database.ReadAsync().ConfigureAwait(false);
        var profile = await session.FindAsync(
            "SELECT display_name, avatar_url FROM accounts WHERE user_id = $1 AND deactivated = 0",
            r => new Profile(r.FindString(0), r.FindString(1)), user.Value).ConfigureAwait(false);
        if (profile is not null)
        {
            if (_cache.Count > MaxCached)
            {
                _cache.Clear();
            }

            _cache.TryAdd(user.Value, profile);
        }

        return profile;
    }

    /// <summary>Replaces the profile.</summary>
    public Task SetAsync(UserId user, Profile profile) => _log.AppendAsync(new ProfileUnit(user, profile, _cache));

    /// <summary>Forgets what is cached (the account was closed).</summary>
    internal void Forget(UserId user) => _cache.TryRemove(user.Value, out _);

    private sealed class ProfileUnit(UserId user, Profile profile, ConcurrentDictionary<string, Profile> cache) : LogUnit
    {
        public override int EntryCount => 1;

        public override void Write(WriteBatch batch, long first)
        {
            LogSchema.AddRow(batch, Entry(first));
            batch.Execute(
                "UPDATE accounts SET display_name = $1, avatar_url = $2 WHERE user_id = $3",
                profile.DisplayName, profile.AvatarUrl, user.Value);
        }

        public override void AddEntries(List<LogEntry> entries, long first) => entries.Add(Entry(first));

        public override void OnCommitted(long first) => cache[user.Value] = profile;

        private LogEntry Entry(long position) => new(position, LogKind.Profile, 0, user.Value, null);
    }
}
