using System.Collections.Concurrent;
using Causeway.Matrix;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Rooms;

/// <summary>A person's place in a room, as of a log position.</summary>
public readonly record struct RoomMembership(
    long Room, RoomId RoomId, Membership Membership, long Position, bool Forgotten = false);

/// <summary>
/// Which rooms a person is in. Loaded when first asked, then kept up to date by commits. An entry is put in place
/// before the store is read and rows are merged by position, so a commit during the load is not lost.
/// </summary>
public sealed class UserRoomsCache
{
    private const int MaxUsers = 20_000;

    private readonly Database _database;
    private readonly ConcurrentDictionary<string, Entry> _users = new(StringComparer.Ordinal);

    /// <summary>Subscribes to the tail, to start afresh when entries were committed past it.</summary>
    public UserRoomsCache(Database database, LogTail tail)
    {
        _database = database;
        tail.Restarted += _users.Clear;
    }

    /// <summary>All of the person's rooms, left and forgotten ones too.</summary>
    public async ValueTask<ICollection<RoomMembership>> ListAsync(string user) => (await LoadAsync(user).ConfigureAwait(false)).Values;

    /// <summary>The person's place in one room, or null when there never was one.</summary>
    public async ValueTask<RoomMembership?> FindAsync(string user, long room) =>
        (await LoadAsync(user).ConfigureAwait(false)).TryGetValue(room, out var found) ? found : null;

    /// <summary>The person's rooms by number; do not change it.</summary>
    public async ValueTask<ConcurrentDictionary<long, RoomMembership>> LoadAsync(string user)
    {
        if (_users.Count > MaxUsers)
        {
            _users.Clear();
        }

        var entry = _users.GetOrAdd(user, static _ => new Entry());
        if (entry.IsLoaded)
        {
            return entry.Rooms;
        }

        await using var session = await _database.ReadAsync().ConfigureAwait(false);
        var rows = await session.QueryAsync(
            "SELECT m.room, r.room_id, m.membership, m.position, m.forgotten FROM memberships m JOIN rooms r ON r.nid = m.room WHERE m.user_id = $1",
            r => new RoomMembership(
                r.GetInt64(0), RoomId.Parse(r.GetString(1)),
                Memberships.TryParse(r.GetString(2), out var m) ? m : Membership.Leave, r.GetInt64(3), r.GetInt64(4) != 0),
            user).ConfigureAwait(false);
        foreach (var row in rows)
        {
            entry.Merge(row);
        }

        entry.IsLoaded = true;
        return entry.Rooms;
    }

    /// <summary>The rooms that two people are both joined to, the oldest first; what is asked of strangers is not kept in memory.</summary>
    internal async ValueTask<List<(long Room, string Id)>> ListSharedAsync(UserId one, UserId other)
    {
        await using var session = await _database.ReadAsync().ConfigureAwait(false);
        return await session.QueryAsync(
            "SELECT r.nid, r.room_id FROM memberships a JOIN memberships b ON b.room = a.room AND b.user_id = $2 AND b.membership = 'join' "
            + "JOIN rooms r ON r.nid = a.room WHERE a.user_id = $1 AND a.membership = 'join' ORDER BY r.nid",
            r => (r.GetInt64(0), r.GetString(1)), one.Value, other.Value).ConfigureAwait(false);
    }

    internal void Apply(string user, RoomMembership membership)
    {
        if (_users.TryGetValue(user, out var entry))
        {
            entry.Merge(membership);
        }
    }

    private sealed class Entry
    {
        public ConcurrentDictionary<long, RoomMembership> Rooms { get; } = new();

        public volatile bool IsLoaded;

        public void Merge(RoomMembership row) => Rooms.AddOrUpdate(
            row.Room, static (_, r) => r, static (_, old, r) => r.Position > old.Position || (r.Position == old.Position && r.Forgotten) ? r : old, row);
    }
}
