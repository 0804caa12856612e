using System.Collections.Concurrent;
using System.Text.Json;
using Causeway.Matrix;
using Causeway.Streams;

namespace Causeway.Accounts;

/// <summary>What the server itself needs of one type of global account data, read once and kept until it changes.</summary>
/// <typeparam name="T">What is read of it.</typeparam>
public sealed class AccountDataCache<T>
    where T : class
{
    private const int MaxCached = 50_000;

    private readonly AccountDataStore _data;
    private readonly string _type;
    private readonly T _absent;
    private readonly Func<JsonElement, T> _read;
    private readonly ConcurrentDictionary<string, T> _cache = new(StringComparer.Ordinal);
    private long _changes;

    /// <summary>Subscribes to changes.</summary>
    /// <param name="data">The store.</param>
    /// <param name="tail">The log's tail, which tells when what is in memory must be read anew.</param>
    /// <param name="type">The type.</param>
    /// <param name="absent">What holds for those who set nothing.</param>
    /// <param name="read">Reads a content, whatever the client wrote into it.</param>
    public AccountDataCache(AccountDataStore data, LogTail tail, string type, T absent, Func<JsonElement, T> read)
    {
        (_data, _type, _absent, _read) = (data, type, absent, read);
        tail.Restarted += _cache.Clear;
        data.Changed += (user, room, changed) =>
        {
            if (changed == type && room.Length == 0)
            {
                Interlocked.Increment(ref _changes);
                _cache.TryRemove(user.Value, out _);
            }
        };
    }

    /// <summary>What holds for a person.</summary>
    public async ValueTask<T> OfAsync(UserId user)
    {
        if (_cache.TryGetValue(user.Value, out var known))
        {
            return known;
        }

        var changes = Interlocked.Read(ref _changes);
        var item = await _data.FindAsync(user, "", _type).ConfigureAwait(false);
        var value = _absent;
        if (item is not null)
        {
            using var json = JsonDocument.Parse(item.Content);
            value = _read(json.RootElement);
        }

        if (_cache.Count > MaxCached)
        {
            _cache.Clear();
        }

        // What changed between the read and here must not live on in the cache.
        _cache[user.Value] = value;
        if (Interlocked.Read(ref _changes) != changes)
        {
            _cache.TryRemove(user.Value, out _);
        }

        return value;
    }
}
