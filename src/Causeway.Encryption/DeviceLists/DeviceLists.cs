using Causeway.Matrix;
using Causeway.Rooms;
using Causeway.Storage;

namespace Causeway.Encryption;

/// <summary>Whose device lists a client must fetch again, and whose it may forget.</summary>
public sealed record DeviceListChanges(IReadOnlyCollection<string> Changed, IReadOnlyCollection<string> Left)
{
    /// <summary>Nothing.</summary>
    public static DeviceListChanges None { get; } = new([], []);

    /// <summary>Whether there is anything.</summary>
    public bool Any => Changed.Count > 0 || Left.Count > 0;
}

/// <summary>
/// What changed in the device lists that a person follows (Client-server API, "Tracking the device list for a user"):
/// keys of people who share a room changed; somebody and the person came to share a room, by whose join ever; they no
/// longer share any. Rooms as they are now decide: what changes after the answer's end is told again by the next.
/// </summary>
public sealed class DeviceLists
{
    private const int WholeTimeline = 1000;

    private readonly Database _database;
    private readonly EventStore _events;
    private readonly RoomRegistry _rooms;
    private readonly UserRoomsCache _userRooms;
    private readonly RoomMates _mates;

    internal DeviceLists(Database database, EventStore events, RoomRegistry rooms, UserRoomsCache userRooms, RoomMates mates)
    {
        _database = database;
        _events = events;
        _rooms = rooms;
        _userRooms = userRooms;
        _mates = mates;
    }

    /// <summary>The changes in (since, until] where the tail of the log in memory tells whom and which rooms to look at.</summary>
    /// <param name="user">Who asks.</param>
    /// <param name="since">A position, exclusive.</param>
    /// <param name="until">A position, inclusive.</param>
    /// <param name="keysOf">Those whose keys changed.</param>
    /// <param name="rooms">The rooms in which anything happened.</param>
    public async ValueTask<DeviceListChanges> FindAsync(
        UserId user, long since, long until, IReadOnlyCollection<string> keysOf, IEnumerable<long> rooms)
    {
        var places = await _userRooms.LoadAsync(user.Value).ConfigureAwait(false);
        var moves = new HashSet<(RoomMembership Place, string User)>();
        foreach (var nid in rooms)
        {
            if (places.TryGetValue(nid, out var place))
            {
                foreach (var mover in await MoversAsync(place, since, until).ConfigureAwait(false))
                {
                    moves.Add((place, mover));
                }
            }
        }

        return keysOf.Count == 0 && moves.Count == 0
            ? DeviceListChanges.None
            : await JudgeAsync(user, since, places, keysOf, moves).ConfigureAwait(false);
    }

    /// <summary>The changes in (since, until], all asked of the store.</summary>
    public async ValueTask<DeviceListChanges> FindAsync(UserId user, long since, long until)
    {
        List<string> keysOf;
        await using (var session = await _database.ReadAsync().ConfigureAwait(false))
        {
            keysOf = await DeviceListLog.ListAsync(session, user.Value, since, until).ConfigureAwait(false);
        }

        var places = await _userRooms.LoadAsync(user.Value).ConfigureAwait(false);
        var moves = new HashSet<(RoomMembership, string)>();
        foreach (var (nid, mover) in await _events.ListMoversAsync(user, since, until).ConfigureAwait(false))
        {
            if (places.TryGetValue(nid, out var place))
            {
                moves.Add((place, mover));
            }
        }

        return await JudgeAsync(user, since, places, keysOf, moves).ConfigureAwait(false);
    }

    private async ValueTask<IEnumerable<string>> MoversAsync(RoomMembership place, long since, long until)
    {
        if (await _rooms.FindAsync(place.RoomId).ConfigureAwait(false) is not { } room)
        {
            return [];
        }

        var events = new List<TimelineEvent>();
        if (!room.TryReadTimeline(since, until, WholeTimeline, events, out _))
        {
            return await _events.ListMoversAsync(room, since, until).ConfigureAwait(false);
        }

        return events.Where(e => e.Event.Type == EventTypes.Member && e.Event.StateKey is not null).Select(e => e.Event.StateKey!);
    }

    private async ValueTask<DeviceListChanges> JudgeAsync(
        UserId user, long since, IReadOnlyDictionary<long, RoomMembership> places, IReadOnlyCollection<string> keysOf,
        IEnumerable<(RoomMembership Place, string User)> moves)
    {
        var met = new HashSet<string>(StringComparer.Ordinal);
        var parted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (place, mover) in moves)
        {
            if (await _rooms.FindAsync(place.RoomId).ConfigureAwait(false) is not { } room)
            {
                continue;
            }

            var wasIn = (await _events.FindStateAtAsync(room, EventTypes.Member, mover, since).ConfigureAwait(false))?.Event.Membership == Membership.Join;
            var isIn = room.Committed.MembershipOf(mover) == Membership.Join;
            if (mover == user.Value)
            {
                AddOwnMove(room, user, wasIn, isIn, met, parted);
            }
            else if (isIn && place.Membership == Membership.Join)
            {
                // Somebody who was in, went and came back was not seen for a while: told again.
                met.Add(mover);
                if (wasIn && await StayedAsync(room, mover, since).ConfigureAwait(false))
                {
                    met.Remove(mover);
                }
            }
            else if (wasIn)
            {
                parted.Add(mover);
            }
        }

        var others = keysOf.Concat(met).Concat(parted).Where(u => u != user.Value).ToHashSet(StringComparer.Ordinal);
        var sharing = await _mates.SharingAsync(places, others).ConfigureAwait(false);
        var changed = keysOf.Concat(met).Where(u => u == user.Value || sharing.Contains(u)).ToHashSet(StringComparer.Ordinal);
        return new DeviceListChanges(changed, [.. parted.Where(u => !sharing.Contains(u))]);
    }

    private static void AddOwnMove(Room room, UserId user, bool wasIn, bool isIn, HashSet<string> met, HashSet<string> parted)
    {
        if (isIn == wasIn && isIn)
        {
            return;
        }

        var joined = room.Committed.Members.Where(m => m.Value.Event.Membership == Membership.Join && m.Key != user.Value).Select(m => m.Key);
        (isIn ? met : parted).UnionWith(isIn || wasIn ? joined : []);
    }

    /// <summary>Whether the member events since then only changed a name or a picture.</summary>
    private async ValueTask<bool> StayedAsync(Room room, string user, long since) =>
        (await _events.StateHistoryAsync(room, EventTypes.Member, user).ConfigureAwait(false))
            .TrueForAll(e => e.Position <= since || e.Event.Membership == Membership.Join);
}
