using System.Collections.Concurrent;
using System.Text.Json;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Encryption;

/// <summary>How many one-time keys a device has left, and which fallback keys were not used yet.</summary>
public sealed record KeyCounts(IReadOnlyList<(string Algorithm, long Count)> OneTime, IReadOnlyList<string> UnusedFallback)
{
    /// <summary>Writes the counts by algorithm. The usual one is told even when it is 0: some clients take its absence for "no news".</summary>
    public void WriteCounts(Utf8JsonWriter json)
    {
        if (!OneTime.Any(c => c.Algorithm == "signed_curve25519"))
        {
            json.WriteNumber("signed_curve25519"u8, 0);
        }

        foreach (var (algorithm, count) in OneTime)
        {
            json.WriteNumber(algorithm, count);
        }
    }

    /// <summary>Writes the unused fallback algorithms.</summary>
    public void WriteUnusedFallback(Utf8JsonWriter json)
    {
        foreach (var algorithm in UnusedFallback)
        {
            json.WriteStringValue(algorithm);
        }
    }
}

/// <summary>The counts every /sync shows, in memory; uploads and claims make it forget a device's.</summary>
public sealed class OneTimeKeyCounts
{
    private const int MaxCached = 50_000;

    private readonly Database _database;
    private readonly ConcurrentDictionary<(string User, string DeviceId), KeyCounts> _counts = new();
    private long _changes;

    /// <summary>Subscribes to the tail, to start afresh when entries were committed past it.</summary>
    public OneTimeKeyCounts(Database database, LogTail tail)
    {
        _database = database;
        tail.Restarted += () =>
        {
            Interlocked.Increment(ref _changes);
            _counts.Clear();
        };
    }

    /// <summary>A device's counts.</summary>
    public async ValueTask<KeyCounts> GetAsync(string user, string deviceId)
    {
        if (_counts.TryGetValue((user, deviceId), out var known))
        {
            return known;
        }

        var changes = Interlocked.Read(ref _changes);
        KeyCounts read;
        await using (var session = await _database.ReadAsync().ConfigureAwait(false))
        {
            read = new KeyCounts(
                await session.QueryAsync(
                    "SELECT algorithm, count(*) FROM one_time_keys WHERE user_id = $1 AND device_id = $2 AND claimed IS NULL GROUP BY algorithm",
                    r => (r.GetString(0), r.GetInt64(1)), user, deviceId).ConfigureAwait(false),
                await session.QueryAsync(
                    "SELECT algorithm FROM fallback_keys WHERE user_id = $1 AND device_id = $2 AND used = 0",
                    r => r.GetString(0), user, deviceId).ConfigureAwait(false));
        }

        if (_counts.Count > MaxCached)
        {
            _counts.Clear();
        }

        // What was read before a commit must not outlive it.
        _counts[(user, deviceId)] = read;
        if (Interlocked.Read(ref _changes) != changes)
        {
            _counts.TryRemove((user, deviceId), out _);
        }

        return read;
    }

    internal void Forget(string user, string deviceId)
    {
        Interlocked.Increment(ref _changes);
        _counts.TryRemove((user, deviceId), out _);
    }
}
