using System.Data.Common;
using Causeway.Matrix;
using Causeway.Storage;

namespace Causeway.Rooms;

/// <summary>Reads events and state from the store. It asks no permission: callers pass what it finds through Visibility.</summary>
public sealed class EventStore(Database database, EventIndex index)
{
    private const string Columns =
        "e.position, e.event_id, l.body, e.device, e.txn, e.replaces, p.key, p.body, r.key, r.body";

    private const string Joins =
        "JOIN log l ON l.position = e.position LEFT JOIN log p ON p.position = e.replaces "
        + "LEFT JOIN log r ON r.position = e.redacted_by";

    private const int JoinedChunk = 25;

    private static readonly string JoinedSql =
        "SELECT user_id, room FROM memberships WHERE membership = 'join' AND user_id IN ("
        + string.Join(", ", Enumerable.Range(1, JoinedChunk).Select(i => $"${i}")) + ")";

    /// <summary>An event of a room, or null.</summary>
    public async ValueTask<TimelineEvent?> FindAsync(Room room, EventId id)
    {
        if ((room.FindInTimeline(id) ?? index.FindWaiting(room.Nid, e => e.Event.Id == id)) is { } inMemory)
        {
            return inMemory;
        }

        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.FindAsync(
            $"SELECT {Columns} FROM events e {Joins} WHERE e.event_id = $1 AND e.room = $2",
            r => Map(r, room.Rules), id.Value, room.Nid).ConfigureAwait(false);
    }

    /// <summary>The event at a position of a room, or null.</summary>
    public async ValueTask<TimelineEvent?> FindAtAsync(Room room, long position)
    {
        await index.ReachAsync(room.Nid, position).ConfigureAwait(false);
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.FindAsync(
            $"SELECT {Columns} FROM events e {Joins} WHERE e.room = $1 AND e.position = $2",
            r => Map(r, room.Rules), room.Nid, position).ConfigureAwait(false);
    }

    /// <summary>Events with positions in (after, upTo], newest first, at most <paramref name="limit"/>.</summary>
    public async ValueTask<List<TimelineEvent>> ListBackwardAsync(Room room, long after, long upTo, int limit)
    {
        await index.ReachAsync(room.Nid, upTo).ConfigureAwait(false);
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.QueryAsync(
            $"SELECT {Columns} FROM events e {Joins} WHERE e.room = $1 AND e.position > $2 AND e.position <= $3 "
            + "ORDER BY e.position DESC LIMIT $4",
            r => Map(r, room.Rules), room.Nid, after, upTo, (long)limit).ConfigureAwait(false);
    }

    /// <summary>Events with positions in (after, upTo], oldest first, at most <paramref name="limit"/>.</summary>
    public async ValueTask<List<TimelineEvent>> ListForwardAsync(Room room, long after, long upTo, int limit)
    {
        await index.ReachAsync(room.Nid, upTo).ConfigureAwait(false);
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.QueryAsync(
            $"SELECT {Columns} FROM events e {Joins} WHERE e.room = $1 AND e.position > $2 AND e.position <= $3 "
            + "ORDER BY e.position LIMIT $4",
            r => Map(r, room.Rules), room.Nid, after, upTo, (long)limit).ConfigureAwait(false);
    }

    /// <summary>
    /// The newest events with positions in (after, upTo], oldest first, at most <paramref name="limit"/>, for counting:
    /// without what they replaced, and without those that were redacted.
    /// </summary>
    public async ValueTask<List<TimelineEvent>> ListForCountingAsync(Room room, long after, long upTo, int limit)
    {
        await index.ReachAsync(room.Nid, upTo).ConfigureAwait(false);
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        var events = await session.QueryAsync(
            "SELECT e.position, e.event_id, l.body FROM events e JOIN log l ON l.position = e.position "
            + "WHERE e.room = $1 AND e.position > $2 AND e.position <= $3 AND e.redacted_by IS NULL ORDER BY e.position DESC LIMIT $4",
            r => new TimelineEvent
            {
                Position = r.GetInt64(0),
                Event = RoomEvent.Parse(r.GetBytes(2), room.Rules, EventId.Parse(r.GetString(1))),
            },
            room.Nid, after, upTo, (long)limit).ConfigureAwait(false);
        events.Reverse();
        return events;
    }

    /// <summary>
    /// Events with positions in (after, upTo] of every room that a person is in, newest first, at most
    /// <paramref name="limit"/>. Each of the person's rooms is looked at once, so that a long stretch costs no more than
    /// the rooms and what is in it.
    /// </summary>
    public async ValueTask<List<TimelineEvent>> ListOfMemberAsync(
        UserId user, IEnumerable<RoomMembership> places, long after, long upTo, int limit)
    {
        foreach (var place in places.Where(p => p.Membership == Membership.Join))
        {
            await index.ReachAsync(place.Room, upTo).ConfigureAwait(false);
        }

        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.QueryAsync(
            $"SELECT {Columns}, s.version FROM (SELECT e.room, e.position, o.version FROM memberships m JOIN rooms o ON o.nid = m.room "
            + "JOIN events e ON e.room = m.room AND e.position > $2 AND e.position <= $3 "
            + "WHERE m.user_id = $1 AND m.membership = 'join' ORDER BY e.position DESC LIMIT $4) s "
            + $"JOIN events e ON e.room = s.room AND e.position = s.position {Joins} ORDER BY s.position DESC",
            r => Map(r, RoomVersionRules.Find(r.GetString(10))!), user.Value, after, upTo, (long)limit).ConfigureAwait(false);
    }

    /// <summary>The events at the positions of a query that begins with the room's number as $1, in order, at most so many.</summary>
    internal async ValueTask<List<TimelineEvent>> ListOfAsync(
        Room room, string positionsSql, bool backward, int limit, params object?[] args)
    {
        await index.ReachAsync(room.Nid).ConfigureAwait(false);
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        var order = backward ? "DESC" : "ASC";
        return await session.QueryAsync(
            $"SELECT {Columns} FROM ({positionsSql} ORDER BY position {order} LIMIT ${args.Length + 2}) s "
            + $"JOIN events e ON e.room = $1 AND e.position = s.position {Joins} ORDER BY s.position {order}",
            r => Map(r, room.Rules), [room.Nid, .. args, (long)limit]).ConfigureAwait(false);
    }

    /// <summary>The event that a device's transaction made, or null.</summary>
    public async ValueTask<EventId?> FindTransactionAsync(Room room, long device, string transaction)
    {
        if (index.FindWaiting(room.Nid, e => e.Device == device && e.Transaction == transaction) is { } waiting)
        {
            return waiting.Event.Id;
        }

        await using var session = await database.ReadAsync().ConfigureAwait(false);
        var id = await session.FindAsync(
            "SELECT event_id FROM events WHERE device = $1 AND txn = $2 AND room = $3",
            r => r.GetString(0), device, transaction, room.Nid).ConfigureAwait(false);
        return id is null ? null : EventId.Parse(id);
    }

    /// <summary>The room and position of an event id, wherever it is; null when unknown.</summary>
    public async ValueTask<(RoomId Room, long Position)?> LocateAsync(EventId id)
    {
        if (index.FindWaiting(id) is { } waiting)
        {
            return (waiting.Event.RoomId, waiting.Position);
        }

        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.FindAsync<(RoomId, long)?>(
            "SELECT r.room_id, e.position FROM events e JOIN rooms r ON r.nid = e.room WHERE e.event_id = $1",
            r => (RoomId.Parse(r.GetString(0)), r.GetInt64(1)), id.Value).ConfigureAwait(false);
    }

    /// <summary>The whole state in force at a position (including an event at it).</summary>
    public async ValueTask<List<TimelineEvent>> StateAtAsync(Room room, long position)
    {
        if (room.SnapshotAt(position) is { } snapshot)
        {
            return [.. snapshot.All];
        }

        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.QueryAsync(
            $"""
            SELECT {Columns} FROM (
                SELECT max(position) AS position FROM state_history WHERE room = $1 AND position <= $2
                GROUP BY type, state_key) s
            JOIN events e ON e.room = $1 AND e.position = s.position {Joins}
            """,
            r => Map(r, room.Rules), room.Nid, position).ConfigureAwait(false);
    }

    /// <summary>
    /// The state keys that changed in (after, upTo], each with the event in force at <paramref name="upTo"/>.
    /// </summary>
    public async ValueTask<List<TimelineEvent>> StateChangesAsync(Room room, long after, long upTo)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.QueryAsync(
            $"""
            SELECT {Columns} FROM (
                SELECT max(position) AS position FROM state_history WHERE room = $1 AND position > $2 AND position <= $3
                GROUP BY type, state_key) s
            JOIN events e ON e.room = $1 AND e.position = s.position {Joins}
            """,
            r => Map(r, room.Rules), room.Nid, after, upTo).ConfigureAwait(false);
    }

    /// <summary>One state event in force at a position, or null.</summary>
    public async ValueTask<TimelineEvent?> FindStateAtAsync(Room room, string type, string key, long position)
    {
        if (room.SnapshotAt(position) is { } snapshot)
        {
            return snapshot.Find(type, key);
        }

        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.FindAsync(
            $"""
            SELECT {Columns} FROM (
                SELECT max(position) AS position FROM state_history
                WHERE room = $1 AND type = $2 AND state_key = $3 AND position <= $4) s
            JOIN events e ON e.room = $1 AND e.position = s.position {Joins}
            """,
            r => Map(r, room.Rules), room.Nid, type, key, position).ConfigureAwait(false);
    }

    /// <summary>Every change of one state key, oldest first.</summary>
    public async ValueTask<List<TimelineEvent>> StateHistoryAsync(Room room, string type, string key)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.QueryAsync(
            $"SELECT {Columns} FROM state_history s JOIN events e ON e.room = s.room AND e.position = s.position {Joins} "
            + "WHERE s.room = $1 AND s.type = $2 AND s.state_key = $3 ORDER BY s.position",
            r => Map(r, room.Rules), room.Nid, type, key).ConfigureAwait(false);
    }

    /// <summary>Those whose member event in a room changed in (after, upTo].</summary>
    public async ValueTask<List<string>> ListMoversAsync(Room room, long after, long upTo)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.QueryAsync(
            "SELECT DISTINCT state_key FROM state_history WHERE room = $1 AND position > $2 AND position <= $3 AND type = 'm.room.member'",
            r => r.GetString(0), room.Nid, after, upTo).ConfigureAwait(false);
    }

    /// <summary>Those whose member event changed in (after, upTo] in any room that a person is or was in.</summary>
    public async ValueTask<List<(long Room, string User)>> ListMoversAsync(UserId user, long after, long upTo)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.QueryAsync(
            "SELECT DISTINCT s.room, s.state_key FROM memberships m JOIN state_history s ON s.room = m.room "
            + "WHERE m.user_id = $1 AND s.position > $2 AND s.position <= $3 AND s.type = 'm.room.member'",
            r => (r.GetInt64(0), r.GetString(1)), user.Value, after, upTo).ConfigureAwait(false);
    }

    /// <summary>The position of the newest event in each room that a person is in (and perhaps in some others).</summary>
    internal async ValueTask<List<(long Room, long Position)>> ListNewestAsync(UserId user)
    {
        var waiting = index.ListNewestWaiting();
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        var stored = await session.QueryAsync(
            "SELECT m.room, (SELECT max(e.position) FROM events e WHERE e.room = m.room) FROM memberships m "
            + "WHERE m.user_id = $1 AND m.membership = 'join'",
            r => (r.GetInt64(0), r.GetInt64(1)), user.Value).ConfigureAwait(false);
        stored.AddRange(waiting);
        return stored;
    }

    /// <summary>The rooms that a person was removed from by somebody else and did not forget.</summary>
    public async ValueTask<List<long>> ListRemovedAsync(UserId user)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.QueryAsync(
            "SELECT m.room FROM memberships m JOIN log l ON l.position = m.position "
            + "WHERE m.user_id = $1 AND m.membership = 'leave' AND m.forgotten = 0 AND l.user_id <> $1",
            r => r.GetInt64(0), user.Value).ConfigureAwait(false);
    }

    /// <summary>The rooms that each of some people is joined to.</summary>
    public async ValueTask<List<(string User, long Room)>> ListJoinedAsync(IEnumerable<string> people)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        var places = new List<(string, long)>();
        foreach (var some in people.Chunk(JoinedChunk))
        {
            places.AddRange(await session.QueryAsync(
                JoinedSql, r => (r.GetString(0), r.GetInt64(1)),
                [.. Enumerable.Range(0, JoinedChunk).Select(i => some[Math.Min(i, some.Length - 1)])]).ConfigureAwait(false));
        }

        return places;
    }

    internal async Task<Room?> LoadAsync(RoomId id)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        var row = await session.FindAsync<(long Nid, string Version)?>(
            "SELECT nid, version FROM rooms WHERE room_id = $1", r => (r.GetInt64(0), r.GetString(1)), id.Value).ConfigureAwait(false);
        if (row is not { } found || RoomVersionRules.Find(found.Version) is not { } rules)
        {
            return null;
        }

        await index.ReachAsync(found.Nid).ConfigureAwait(false);
        var room = new Room(id, rules);
        var state = await session.QueryAsync(
            $"SELECT {Columns} FROM current_state s JOIN events e ON e.room = s.room AND e.position = s.position {Joins} WHERE s.room = $1",
            r => Map(r, rules), found.Nid).ConfigureAwait(false);
        const int newest = 32;
        var timeline = await session.QueryAsync(
            $"SELECT {Columns} FROM events e {Joins} WHERE e.room = $1 ORDER BY e.position DESC LIMIT {newest}",
            r => Map(r, rules), found.Nid).ConfigureAwait(false);
        timeline.Reverse();
        var visibility = await session.QueryAsync(
            $"SELECT {Columns} FROM state_history s JOIN events e ON e.room = s.room AND e.position = s.position {Joins} "
            + "WHERE s.room = $1 AND s.type = $2 AND s.state_key = '' ORDER BY s.position",
            r => Map(r, rules), found.Nid, EventTypes.HistoryVisibility).ConfigureAwait(false);
        room.Loaded(
            found.Nid, Snapshot(state, timeline[^1]), timeline, timeline.Count < newest,
            visibility.ConvertAll(e => (e.Position, e.Event.ContentString("history_visibility") ?? "shared")));
        return room;
    }

    private static RoomSnapshot Snapshot(List<TimelineEvent> state, TimelineEvent newest)
    {
        var others = RoomSnapshot.Empty.State.ToBuilder();
        var members = RoomSnapshot.Empty.Members.ToBuilder();
        int joined = 0, invited = 0;
        foreach (var e in state)
        {
            if (e.Event.Type == EventTypes.Member)
            {
                members[e.Event.StateKey!] = e;
                joined += e.Event.Membership == Membership.Join ? 1 : 0;
                invited += e.Event.Membership == Membership.Invite ? 1 : 0;
            }
            else
            {
                others[new StateKey(e.Event.Type, e.Event.StateKey!)] = e;
            }
        }

        return new RoomSnapshot
        {
            State = others.ToImmutable(),
            Members = members.ToImmutable(),
            Extremities = [newest.Event.Id],
            Depth = newest.Event.Depth,
            Joined = joined,
            Invited = invited,
            Position = newest.Position,
        };
    }

    private static TimelineEvent Map(DbDataReader r, RoomVersionRules rules) => new()
    {
        Position = r.GetInt64(0),
        Event = RoomEvent.Parse(r.GetBytes(2), rules, EventId.Parse(r.GetString(1))),
        Device = r.FindInt64(3) ?? 0,
        Transaction = r.FindString(4),
        Replaces = r.IsDBNull(6) ? null : RoomEvent.Parse(r.GetBytes(7), rules, EventId.Parse(r.GetString(6))),
        RedactedBy = r.IsDBNull(8) ? null : RoomEvent.Parse(r.GetBytes(9), rules, EventId.Parse(r.GetString(8))),
    };
}
