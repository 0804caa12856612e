using System.Collections.Concurrent;
using Causeway.Matrix;
using Causeway.Rooms;
using Causeway.Streams;

namespace Causeway.Push;

/// <summary>
/// How much is unread in all rooms of a person, for the number on an application's icon. Counted when it is first wanted, in
/// the rooms with the newest activity; then only the room in which something changed is counted again.
/// </summary>
internal sealed class Badges
{
    /// <summary>Rooms counted for one person; a room in which nothing happens any more shows in no number one would read.</summary>
    private const int MaxRooms = 100;

    private const int MaxPeople = 20_000;

    private readonly UnreadCounter _counter;
    private readonly RoomRegistry _rooms;
    private readonly UserRoomsCache _userRooms;
    private readonly RoomActivity _activity;
    private readonly ConcurrentDictionary<string, Badge> _badges = new(StringComparer.Ordinal);

    /// <summary>Subscribes to the tail, to start afresh when entries were committed past it.</summary>
    public Badges(UnreadCounter counter, RoomRegistry rooms, UserRoomsCache userRooms, RoomActivity activity, LogTail tail)
    {
        _counter = counter;
        _rooms = rooms;
        _userRooms = userRooms;
        _activity = activity;
        tail.Restarted += _badges.Clear;
    }

    /// <summary>Something happened in a room that may change what is unread for a person.</summary>
    public void Changed(string user, long room)
    {
        if (_badges.TryGetValue(user, out var badge))
        {
            badge.Changed[room] = true;
        }
    }

    /// <summary>The number, up to what the log's reader has looked at.</summary>
    public async ValueTask<int> CountAsync(UserId user)
    {
        if (_badges.Count > MaxPeople)
        {
            _badges.Clear();
        }

        var badge = _badges.GetOrAdd(user.Value, static _ => new Badge());
        await badge.Turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!badge.IsCounted)
            {
                await CountAllAsync(user, badge).ConfigureAwait(false);
            }

            foreach (var room in badge.Changed.Keys)
            {
                // Cleared before counting: what changes meanwhile is counted again.
                badge.Changed.TryRemove(room, out _);
                badge.Rooms[room] = await CountAsync(user, room).ConfigureAwait(false);
            }

            return badge.Rooms.Values.Sum();
        }
        finally
        {
            badge.Turn.Release();
        }
    }

    private async ValueTask<int> CountAsync(UserId user, long room) =>
        await _userRooms.FindAsync(user.Value, room).ConfigureAwait(false) is { Membership: Membership.Join } place
        && await _rooms.FindAsync(place.RoomId).ConfigureAwait(false) is { } joined
            ? (await _counter.CountAsync(joined, user).ConfigureAwait(false)).Notifications
            : 0;

    private async ValueTask CountAllAsync(UserId user, Badge badge)
    {
        var places = await _userRooms.ListAsync(user.Value).ConfigureAwait(false);
        await _activity.LoadAsync(user, places).ConfigureAwait(false);
        foreach (var place in places.Where(p => p.Membership == Membership.Join).OrderByDescending(_activity.Of).Take(MaxRooms))
        {
            badge.Rooms[place.Room] = await CountAsync(user, place.Room).ConfigureAwait(false);
        }

        badge.IsCounted = true;
    }

    private sealed class Badge
    {
        public readonly SemaphoreSlim Turn = new(1);
        public readonly Dictionary<long, int> Rooms = [];
        public readonly ConcurrentDictionary<long, bool> Changed = new();
        public bool IsCounted;
    }
}
