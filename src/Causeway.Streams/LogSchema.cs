using Causeway.Storage;

namespace Causeway.Streams;

/// <summary>The log's tables.</summary>
public static class LogSchema
{
    /// <summary>All steps, in order.</summary>
    public static IReadOnlyList<Migration> Migrations { get; } =
    [
        new("log", 1, """
            CREATE TABLE log (
                position INTEGER PRIMARY KEY,
                kind BIGINT NOT NULL,
                room BIGINT,
                user_id TEXT,
                key TEXT,
                body BLOB);
            CREATE TABLE log_head (one BIGINT NOT NULL PRIMARY KEY, position BIGINT NOT NULL);
            INSERT INTO log_head (one, position) VALUES (1, 0);
            """),
        new("log", 2, """
            ALTER TABLE log ADD COLUMN aside TEXT;
            CREATE TABLE log_cursors (reader TEXT NOT NULL PRIMARY KEY, position BIGINT NOT NULL);
            INSERT INTO log_cursors (reader, position) SELECT 'events', max(position) FROM log_head;
            """),
    ];

    /// <summary>
    /// Moves the head past every position that was given out after the copy this store was restored from, so that a sync
    /// token of that time misses nothing new.
    /// </summary>
    public static async Task SkipLostPositionsAsync(Database database)
    {
        await using var writer = await database.OpenWriterAsync().ConfigureAwait(false);
        await writer.BeginAsync().ConfigureAwait(false);
        await writer.Session.ExecuteAsync("UPDATE log_head SET position = position + 1000000000").ConfigureAwait(false);
        await writer.CommitAsync().ConfigureAwait(false);
    }

    /// <summary>Moves a reader's cursor: $1 = its name, $2 = the position up to which it has read.</summary>
    public const string MoveCursorSql =
        "INSERT INTO log_cursors (reader, position) VALUES ($1, $2) ON CONFLICT (reader) DO UPDATE SET position = excluded.position";

    /// <summary>Moves a reader's cursor to the head: $1 = its name.</summary>
    public const string MoveCursorToHeadSql =
        "INSERT INTO log_cursors (reader, position) SELECT $1, position FROM log_head WHERE one = 1 "
        + "ON CONFLICT (reader) DO UPDATE SET position = excluded.position";

    /// <summary>The position up to which a reader has read; 0 for one that never read.</summary>
    public static async ValueTask<long> ReadCursorAsync(DbSession session, string reader) =>
        await session.FindAsync(
            "SELECT position FROM log_cursors WHERE reader = $1", r => r.GetInt64(0), reader).ConfigureAwait(false);

    /// <summary>A row of the log.</summary>
    public static BulkStatement Log { get; } = new(
        "log", 0, null,
        new("position", ColumnType.Integer), new("kind", ColumnType.Integer), new("room", ColumnType.Integer),
        new("user_id", ColumnType.Text), new("key", ColumnType.Text), new("body", ColumnType.Blob),
        new("aside", ColumnType.Text));

    /// <summary>Adds an entry's row to the batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="entry">What its readers see in memory.</param>
    /// <param name="body">For an event its canonical JSON.</param>
    /// <param name="aside">What the writing room of the house keeps beside the body.</param>
    public static void AddRow(WriteBatch batch, LogEntry entry, byte[]? body = null, string? aside = null) => batch.Insert(
        Log, entry.Position, (long)entry.Kind, entry.Room == 0 ? null : entry.Room, entry.User, entry.Key, body, aside);
}
