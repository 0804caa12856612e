using Causeway.Storage;

namespace Causeway.Encryption;

/// <summary>The tables of Encryption. A key is stored without its signatures; those are rows of their own.</summary>
public static class EncryptionSchema
{
    /// <summary>All steps, in order.</summary>
    public static IReadOnlyList<Migration> Migrations { get; } =
    [
        new("encryption", 1, """
            CREATE TABLE device_keys (
                user_id TEXT NOT NULL,
                device_id TEXT NOT NULL,
                json BLOB NOT NULL,
                PRIMARY KEY (user_id, device_id)) WITHOUT ROWID;
            CREATE TABLE one_time_keys (
                user_id TEXT NOT NULL,
                device_id TEXT NOT NULL,
                algorithm TEXT NOT NULL,
                key_id TEXT NOT NULL,
                json BLOB NOT NULL,
                position BIGINT NOT NULL,
                claimed BIGINT,
                PRIMARY KEY (user_id, device_id, algorithm, key_id)) WITHOUT ROWID;
            CREATE INDEX one_time_keys_free ON one_time_keys (user_id, device_id, algorithm, position) WHERE claimed IS NULL;
            CREATE TABLE fallback_keys (
                user_id TEXT NOT NULL,
                device_id TEXT NOT NULL,
                algorithm TEXT NOT NULL,
                key_id TEXT NOT NULL,
                json BLOB NOT NULL,
                used BIGINT NOT NULL,
                PRIMARY KEY (user_id, device_id, algorithm)) WITHOUT ROWID;
            CREATE TABLE cross_signing_keys (
                user_id TEXT NOT NULL,
                usage TEXT NOT NULL,
                public_key TEXT NOT NULL,
                json BLOB NOT NULL,
                PRIMARY KEY (user_id, usage)) WITHOUT ROWID;
            CREATE TABLE key_signatures (
                user_id TEXT NOT NULL,
                target TEXT NOT NULL,
                signer TEXT NOT NULL,
                signer_key TEXT NOT NULL,
                signature TEXT NOT NULL,
                PRIMARY KEY (user_id, target, signer, signer_key)) WITHOUT ROWID;
            CREATE TABLE device_list_changes (
                user_id TEXT NOT NULL,
                viewer TEXT NOT NULL,
                position BIGINT NOT NULL,
                PRIMARY KEY (user_id, viewer)) WITHOUT ROWID;
            CREATE INDEX device_list_changes_position ON device_list_changes (position);
            CREATE TABLE to_device (
                device BIGINT NOT NULL,
                position BIGINT NOT NULL,
                sender TEXT NOT NULL,
                type TEXT NOT NULL,
                content BLOB NOT NULL,
                PRIMARY KEY (device, position)) WITHOUT ROWID;
            CREATE TABLE to_device_transactions (
                device BIGINT NOT NULL,
                type TEXT NOT NULL,
                txn TEXT NOT NULL,
                PRIMARY KEY (device, type, txn)) WITHOUT ROWID;
            CREATE TABLE key_backups (
                user_id TEXT NOT NULL,
                version BIGINT NOT NULL,
                algorithm TEXT NOT NULL,
                auth_data BLOB NOT NULL,
                etag BIGINT NOT NULL,
                sessions BIGINT NOT NULL,
                deleted BIGINT NOT NULL,
                PRIMARY KEY (user_id, version)) WITHOUT ROWID;
            CREATE TABLE key_backup_sessions (
                user_id TEXT NOT NULL,
                version BIGINT NOT NULL,
                room_id TEXT NOT NULL,
                session_id TEXT NOT NULL,
                first_message_index BIGINT NOT NULL,
                forwarded_count BIGINT NOT NULL,
                is_verified BIGINT NOT NULL,
                data BLOB NOT NULL,
                PRIMARY KEY (user_id, version, room_id, session_id)) WITHOUT ROWID;
            """),
        new("encryption", 2, """
            CREATE TABLE dehydrated_devices (
                user_id TEXT NOT NULL PRIMARY KEY,
                device_id TEXT NOT NULL,
                data BLOB NOT NULL);
            """),
    ];

    internal static BulkStatement ToDevice { get; } = new(
        "to_device", 0, null,
        new("device", ColumnType.Integer), new("position", ColumnType.Integer), new("sender", ColumnType.Text),
        new("type", ColumnType.Text), new("content", ColumnType.Blob));

    internal static BulkStatement ToDeviceTransactions { get; } = new(
        "to_device_transactions", 3, "(device, type, txn) DO NOTHING",
        new("device", ColumnType.Integer), new("type", ColumnType.Text), new("txn", ColumnType.Text));
}
