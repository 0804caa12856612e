using Causeway.Storage;

namespace Causeway.Streams;

/// <summary>A stretch of the log.</summary>
/// <param name="Entries">Its entries, oldest first.</param>
/// <param name="UpTo">Where the next stretch begins: there is no other entry up to here.</param>
public readonly record struct LogStretch(List<LogEntry> Entries, long UpTo);

/// <summary>
/// How a reader of the log goes on from its cursor, in order and without a gap: from memory while it keeps up, from the
/// store when it was left behind.
/// </summary>
public sealed class LogReader(Database database, LogTail tail)
{
    /// <summary>The entries after a position, up to the head, at most so many.</summary>
    public async ValueTask<LogStretch> ReadAsync(long since, int limit)
    {
        var head = tail.Head;
        var entries = new List<LogEntry>();
        if (tail.TryRead(since, Math.Min(head, since + limit), entries))
        {
            return new LogStretch(entries, Math.Min(head, since + limit));
        }

        // What is past the head may be committed already, but its effects in memory may not be there.
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        entries = await session.QueryAsync(
            "SELECT position, kind, room, user_id, key FROM log WHERE position > $1 AND position <= $2 ORDER BY position LIMIT $3",
            r => new LogEntry(r.GetInt64(0), (LogKind)r.GetInt64(1), r.FindInt64(2) ?? 0, r.FindString(3), r.FindString(4)),
            since, head, (long)limit).ConfigureAwait(false);
        return new LogStretch(entries, entries.Count < limit ? head : entries[^1].Position);
    }
}
