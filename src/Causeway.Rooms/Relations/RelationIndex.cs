using Causeway.Matrix;
using Causeway.Storage;

namespace Causeway.Rooms;

/// <summary>How many events of one kind relate to an event.</summary>
internal readonly record struct RelationCount(string Target, string Type, long Count, long Newest, bool Participated);

/// <summary>
/// Which events relate to which: a row for each event that has a relation and none for the others, written and taken away
/// with the events themselves.
/// </summary>
internal sealed class RelationIndex(Database database, EventIndex index)
{
    private const int Chunk = 20;

    private static readonly string CountSql =
        "SELECT target, rel_type, count(*), max(position), CAST(max(CASE WHEN sender = $2 THEN 1 ELSE 0 END) AS BIGINT) "
        + "FROM relations WHERE room = $1 AND position <= $3 AND rel_type IN ('m.replace', 'm.thread', 'm.reference') "
        + $"AND target IN ({string.Join(", ", Enumerable.Range(4, Chunk).Select(i => $"${i}"))}) GROUP BY target, rel_type";

    /// <summary>The rows of a new event.</summary>
    public static void Add(WriteBatch batch, long room, TimelineEvent e, Relation relation)
    {
        batch.Insert(
            RoomsSchema.Relations, room, relation.Target, relation.Type, e.Position, e.Event.Type, e.Event.Sender.Value,
            e.Event.OriginServerTs);
        if (relation.Type == Relation.Thread)
        {
            batch.Insert(RoomsSchema.Threads, room, relation.Target, e.Position);
        }
    }

    /// <summary>A redacted event relates to nothing any more.</summary>
    public static void Remove(WriteBatch batch, long room, long position, Relation relation)
    {
        batch.Execute(
            "DELETE FROM relations WHERE room = $1 AND target = $2 AND rel_type = $3 AND position = $4",
            room, relation.Target, relation.Type, position);
        if (relation.Type == Relation.Thread)
        {
            const string others = "FROM relations WHERE room = $1 AND target = $2 AND rel_type = 'm.thread'";
            batch.Execute(
                $"DELETE FROM threads WHERE room = $1 AND root = $2 AND NOT EXISTS (SELECT 1 {others})", room, relation.Target);
            batch.Execute(
                $"UPDATE threads SET position = (SELECT max(position) {others}) WHERE room = $1 AND root = $2", room, relation.Target);
        }
    }

    /// <summary>For each of these events: how many edits, replies in a thread and references there are up to a position.</summary>
    public async ValueTask<List<RelationCount>> CountAsync(Room room, UserId user, IReadOnlyList<string> targets, long upTo)
    {
        var counts = new List<RelationCount>();
        if (targets.Count == 0)
        {
            return counts;
        }

        await using var session = await database.ReadAsync().ConfigureAwait(false);
        foreach (var chunk in targets.Chunk(Chunk))
        {
            var args = new object?[3 + Chunk];
            (args[0], args[1], args[2]) = (room.Nid, user.Value, upTo);
            for (var i = 0; i < Chunk; i++)
            {
                args[3 + i] = chunk[Math.Min(i, chunk.Length - 1)];
            }

            counts.AddRange(await session.QueryAsync(
                CountSql,
                r => new RelationCount(r.GetString(0), r.GetString(1), r.GetInt64(2), r.GetInt64(3), r.GetInt64(4) != 0),
                args).ConfigureAwait(false));
        }

        return counts;
    }

    /// <summary>Positions and senders of what relates to an event in one way, newest first.</summary>
    public async ValueTask<List<(long Position, string Sender)>> ListAsync(Room room, string target, string type, long upTo, int limit)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.QueryAsync(
            "SELECT position, sender FROM relations WHERE room = $1 AND target = $2 AND rel_type = $3 AND position <= $4 "
            + "ORDER BY position DESC LIMIT $5",
            r => (r.GetInt64(0), r.GetString(1)), room.Nid, target, type, upTo, (long)limit).ConfigureAwait(false);
    }

    /// <summary>Positions of one sender's events of a type that relate to an event in one way, the newest by its time first.</summary>
    public async ValueTask<List<long>> ListOfSenderAsync(
        Room room, string target, string type, UserId sender, string eventType, long upTo, int limit)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.QueryAsync(
            "SELECT position FROM relations WHERE room = $1 AND target = $2 AND rel_type = $3 AND sender = $4 AND type = $5 "
            + "AND position <= $6 ORDER BY ts DESC, position DESC LIMIT $7",
            r => r.GetInt64(0), room.Nid, target, type, sender.Value, eventType, upTo, (long)limit).ConfigureAwait(false);
    }

    /// <summary>The event ids of references, oldest first, with their positions and senders.</summary>
    public async ValueTask<List<(long Position, string Sender, string EventId)>> ListReferencesAsync(
        Room room, string target, long upTo, int limit)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.QueryAsync(
            "SELECT r.position, r.sender, l.key FROM relations r JOIN log l ON l.position = r.position "
            + "WHERE r.room = $1 AND r.target = $2 AND r.rel_type = 'm.reference' AND r.position <= $3 ORDER BY r.position LIMIT $4",
            r => (r.GetInt64(0), r.GetString(1), r.GetString(2)), room.Nid, target, upTo, (long)limit).ConfigureAwait(false);
    }

    /// <summary>Threads of a room by their newest reply, newest first, at or before a position.</summary>
    /// <param name="room">The room.</param>
    /// <param name="participant">Only those whose root or a reply this person sent; null = all.</param>
    /// <param name="upTo">The position.</param>
    /// <param name="limit">Most of them.</param>
    public async ValueTask<List<(string Root, long Newest)>> ListThreadsAsync(Room room, UserId? participant, long upTo, int limit)
    {
        await index.ReachAsync(room.Nid, upTo).ConfigureAwait(false);
        const string all = "SELECT t.root, t.position FROM threads t WHERE t.room = $1 AND t.position <= $2 ";
        const string mine =
            "AND (EXISTS (SELECT 1 FROM relations r WHERE r.room = t.room AND r.target = t.root AND r.rel_type = 'm.thread' AND r.sender = $4) "
            + "OR EXISTS (SELECT 1 FROM events e JOIN log l ON l.position = e.position "
            + "WHERE e.event_id = t.root AND e.room = t.room AND l.user_id = $4)) ";
        const string order = "ORDER BY t.position DESC LIMIT $3";
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return participant is { } user
            ? await session.QueryAsync(all + mine + order, Map, room.Nid, upTo, (long)limit, user.Value).ConfigureAwait(false)
            : await session.QueryAsync(all + order, Map, room.Nid, upTo, (long)limit).ConfigureAwait(false);

        static (string, long) Map(System.Data.Common.DbDataReader r) => (r.GetString(0), r.GetInt64(1));
    }
}
