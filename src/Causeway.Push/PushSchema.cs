using Causeway.Storage;

namespace Causeway.Push;

/// <summary>The tables of Push.</summary>
public static class PushSchema
{
    /// <summary>All steps, in order.</summary>
    public static IReadOnlyList<Migration> Migrations { get; } =
    [
        new("push", 1, """
            CREATE TABLE pushers (
                nid INTEGER PRIMARY KEY,
                organisation BIGINT NOT NULL,
                user_id TEXT NOT NULL,
                app_id TEXT NOT NULL,
                pushkey TEXT NOT NULL,
                pushkey_ts BIGINT NOT NULL,
                device BIGINT NOT NULL,
                device_id TEXT NOT NULL,
                app_name TEXT NOT NULL,
                device_name TEXT NOT NULL,
                profile_tag TEXT,
                lang TEXT NOT NULL,
                data BLOB NOT NULL,
                enabled BIGINT NOT NULL,
                own_gateway BIGINT NOT NULL);
            CREATE UNIQUE INDEX pushers_key ON pushers (user_id, app_id, pushkey);
            CREATE INDEX pushers_app ON pushers (app_id, pushkey);
            CREATE INDEX pushers_device ON pushers (device);
            CREATE TABLE push_queue (
                pusher BIGINT NOT NULL,
                position BIGINT NOT NULL,
                room_id TEXT NOT NULL,
                event_id TEXT NOT NULL,
                sound TEXT,
                highlight BIGINT NOT NULL,
                queued BIGINT NOT NULL,
                PRIMARY KEY (pusher, position)) WITHOUT ROWID;
            CREATE TABLE push_vapid (one BIGINT NOT NULL PRIMARY KEY, private_key BLOB NOT NULL);
            """),
    ];

    internal static BulkStatement Queue { get; } = new(
        "push_queue", 2, "(pusher, position) DO NOTHING",
        new("pusher", ColumnType.Integer), new("position", ColumnType.Integer), new("room_id", ColumnType.Text), new("event_id", ColumnType.Text),
        new("sound", ColumnType.Text), new("highlight", ColumnType.Integer), new("queued", ColumnType.Integer));
}
