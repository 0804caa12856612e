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

    /// <summary>A row of the log.</summary>
    public static BulkStatement Log { get; } = new(
        "log", 0, null,
        new("position", ColumnType.Integer), new("kind", ColumnType.Integer), new("room", ColumnType.Integer),
        new("user_id", ColumnType.Text), new("key", ColumnType.Text), new("body", ColumnType.Blob));

    /// <summary>Adds an entry's row to the batch.</summary>
    public static void AddRow(WriteBatch batch, LogEntry entry, byte[]? body = null) => batch.Insert(
        Log, entry.Position, (long)entry.Kind, entry.Room == 0 ? null : entry.Room, entry.User, entry.Key, body);
}
