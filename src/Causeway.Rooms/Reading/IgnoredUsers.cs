using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text.Json;
using Causeway.Accounts;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>Whom people ignore: their account data <c>m.ignored_user_list</c>. Client-server API, "Ignoring Users".</summary>
public sealed class IgnoredUsers
{
    private const string Type = "m.ignored_user_list";
    private const int MaxCached = 50_000;

    private readonly AccountDataStore _data;
    private readonly ConcurrentDictionary<string, IReadOnlySet<string>> _cache = new(StringComparer.Ordinal);
    private long _changes;

    /// <summary>Subscribes to changes of the lists.</summary>
    public IgnoredUsers(AccountDataStore data, Streams.LogTail tail)
    {
        _data = data;
        tail.Restarted += _cache.Clear;
        data.Changed += (user, room, type) =>
        {
            if (type == Type && room.Length == 0)
            {
                Interlocked.Increment(ref _changes);
                _cache.TryRemove(user.Value, out _);
            }
        };
    }

    /// <summary>Whom this person ignores.</summary>
    public async ValueTask<IReadOnlySet<string>> OfAsync(UserId user)
    {
        if (_cache.TryGetValue(user.Value, out var known))
        {
            return known;
        }

        var changes = Interlocked.Read(ref _changes);
        var item = await _data.FindAsync(user, "", Type).ConfigureAwait(false);
        var ignored = item is null ? FrozenSet<string>.Empty : Read(item.Content, user);
        if (_cache.Count > MaxCached)
        {
            _cache.Clear();
        }

        // A list that changed between the read and here must not live on in the cache.
        _cache[user.Value] = ignored;
        if (Interlocked.Read(ref _changes) != changes)
        {
            _cache.TryRemove(user.Value, out _);
        }

        return ignored;
    }

    /// <summary>Nobody can ignore themselves.</summary>
    private static FrozenSet<string> Read(byte[] content, UserId user)
    {
        using var json = JsonDocument.Parse(content);
        return json.RootElement.TryGetProperty("ignored_users", out var users) && users.ValueKind == JsonValueKind.Object
            ? users.EnumerateObject().Select(u => u.Name).Where(u => u != user.Value).ToFrozenSet(StringComparer.Ordinal)
            : FrozenSet<string>.Empty;
    }
}
