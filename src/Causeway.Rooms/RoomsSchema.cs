using Causeway.Storage;

namespace Causeway.Rooms;

/// <summary>
/// The tables of Rooms. State is the log itself (ADR 0003): a message event adds no state row; a state event adds one
/// row to state_history (state at any position is answerable) and replaces one in current_state.
/// </summary>
public static class RoomsSchema
{
    /// <summary>All steps, in order.</summary>
    public static IReadOnlyList<Migration> Migrations { get; } =
    [
        new("rooms", 1, """
            CREATE TABLE rooms (
                nid INTEGER PRIMARY KEY,
                room_id TEXT NOT NULL,
                version TEXT NOT NULL);
            CREATE UNIQUE INDEX rooms_id ON rooms (room_id);
            CREATE TABLE events (
                room BIGINT NOT NULL,
                position BIGINT NOT NULL,
                event_id TEXT NOT NULL,
                device BIGINT,
                txn TEXT,
                replaces BIGINT,
                redacted_by BIGINT,
                PRIMARY KEY (room, position)) WITHOUT ROWID;
            CREATE UNIQUE INDEX events_id ON events (event_id);
            CREATE UNIQUE INDEX events_txn ON events (device, txn, room) WHERE txn IS NOT NULL;
            CREATE TABLE state_history (
                room BIGINT NOT NULL,
                type TEXT NOT NULL,
                state_key TEXT NOT NULL,
                position BIGINT NOT NULL,
                PRIMARY KEY (room, type, state_key, position)) WITHOUT ROWID;
            CREATE INDEX state_history_position ON state_history (room, position);
            CREATE TABLE current_state (
                room BIGINT NOT NULL,
                type TEXT NOT NULL,
                state_key TEXT NOT NULL,
                position BIGINT NOT NULL,
                PRIMARY KEY (room, type, state_key)) WITHOUT ROWID;
            CREATE TABLE memberships (
                user_id TEXT NOT NULL,
                room BIGINT NOT NULL,
                membership TEXT NOT NULL,
                position BIGINT NOT NULL,
                forgotten BIGINT NOT NULL,
                PRIMARY KEY (user_id, room)) WITHOUT ROWID;
            CREATE TABLE receipts (
                room BIGINT NOT NULL,
                user_id TEXT NOT NULL,
                type TEXT NOT NULL,
                thread TEXT NOT NULL,
                event_id TEXT NOT NULL,
                event_position BIGINT NOT NULL,
                ts BIGINT NOT NULL,
                position BIGINT NOT NULL,
                PRIMARY KEY (room, user_id, type, thread)) WITHOUT ROWID;
            CREATE INDEX receipts_position ON receipts (room, position);
            CREATE TABLE aliases (
                alias TEXT NOT NULL PRIMARY KEY,
                organisation BIGINT NOT NULL,
                room BIGINT NOT NULL,
                creator TEXT NOT NULL);
            CREATE INDEX aliases_room ON aliases (room);
            CREATE TABLE published_rooms (
                organisation BIGINT NOT NULL,
                room BIGINT NOT NULL,
                PRIMARY KEY (organisation, room));
            """),
        new("rooms", 2, """
            CREATE TABLE relations (
                room BIGINT NOT NULL,
                target TEXT NOT NULL,
                rel_type TEXT NOT NULL,
                position BIGINT NOT NULL,
                type TEXT NOT NULL,
                sender TEXT NOT NULL,
                ts BIGINT NOT NULL,
                PRIMARY KEY (room, target, rel_type, position)) WITHOUT ROWID;
            CREATE TABLE threads (
                room BIGINT NOT NULL,
                root TEXT NOT NULL,
                position BIGINT NOT NULL,
                PRIMARY KEY (room, root)) WITHOUT ROWID;
            CREATE INDEX threads_position ON threads (room, position);
            """),
        new("rooms", 3, """
            CREATE TABLE notice_rooms (
                user_id TEXT NOT NULL PRIMARY KEY,
                room BIGINT NOT NULL);
            CREATE TABLE reports (
                organisation BIGINT NOT NULL,
                id BIGINT NOT NULL,
                received BIGINT NOT NULL,
                reporter TEXT NOT NULL,
                room_id TEXT,
                event_id TEXT,
                reported TEXT,
                reason TEXT,
                PRIMARY KEY (organisation, id)) WITHOUT ROWID;
            """),
        .. DelayedEvent.Migrations,
    ];

    internal static BulkStatement Rooms { get; } = new(
        "rooms", 0, null,
        new("nid", ColumnType.Integer), new("room_id", ColumnType.Text), new("version", ColumnType.Text));

    internal static BulkStatement Events { get; } = new(
        "events", 2, "(room, position) DO NOTHING",
        new("room", ColumnType.Integer), new("position", ColumnType.Integer), new("event_id", ColumnType.Text),
        new("device", ColumnType.Integer), new("txn", ColumnType.Text), new("replaces", ColumnType.Integer));

    internal static BulkStatement StateHistory { get; } = new(
        "state_history", 0, null,
        new("room", ColumnType.Integer), new("type", ColumnType.Text), new("state_key", ColumnType.Text),
        new("position", ColumnType.Integer));

    internal static BulkStatement CurrentState { get; } = new(
        "current_state", 3, "(room, type, state_key) DO UPDATE SET position = excluded.position",
        new("room", ColumnType.Integer), new("type", ColumnType.Text), new("state_key", ColumnType.Text),
        new("position", ColumnType.Integer));

    internal static BulkStatement Memberships { get; } = new(
        "memberships", 2,
        "(user_id, room) DO UPDATE SET membership = excluded.membership, position = excluded.position, forgotten = 0",
        new("user_id", ColumnType.Text), new("room", ColumnType.Integer), new("membership", ColumnType.Text),
        new("position", ColumnType.Integer), new("forgotten", ColumnType.Integer));

    internal static BulkStatement Relations { get; } = new(
        "relations", 0, null,
        new("room", ColumnType.Integer), new("target", ColumnType.Text), new("rel_type", ColumnType.Text),
        new("position", ColumnType.Integer), new("type", ColumnType.Text), new("sender", ColumnType.Text),
        new("ts", ColumnType.Integer));

    internal static BulkStatement Threads { get; } = new(
        "threads", 2, "(room, root) DO UPDATE SET position = excluded.position",
        new("room", ColumnType.Integer), new("root", ColumnType.Text), new("position", ColumnType.Integer));

    internal static BulkStatement Receipts { get; } = new(
        "receipts", 4,
        "(room, user_id, type, thread) DO UPDATE SET event_id = excluded.event_id, "
        + "event_position = excluded.event_position, ts = excluded.ts, position = excluded.position "
        + "WHERE receipts.event_position <= excluded.event_position",
        new("room", ColumnType.Integer), new("user_id", ColumnType.Text), new("type", ColumnType.Text),
        new("thread", ColumnType.Text), new("event_id", ColumnType.Text), new("event_position", ColumnType.Integer),
        new("ts", ColumnType.Integer), new("position", ColumnType.Integer)) { GreatestColumn = 5 };
}
