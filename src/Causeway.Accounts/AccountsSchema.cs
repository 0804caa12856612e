using Causeway.Storage;

namespace Causeway.Accounts;

/// <summary>The tables of Accounts. Every account belongs to an organisation (D4).</summary>
public static class AccountsSchema
{
    /// <summary>Reads the hosted server names, the first made first.</summary>
    public const string ServerNamesSql = "SELECT server_name FROM organisations ORDER BY id";

    /// <summary>All steps, in order.</summary>
    public static IReadOnlyList<Migration> Migrations { get; } =
    [
        new("accounts", 1, """
            CREATE TABLE organisations (
                id INTEGER PRIMARY KEY,
                server_name TEXT NOT NULL,
                display_name TEXT NOT NULL,
                key_id TEXT NOT NULL,
                key_seed BLOB NOT NULL);
            CREATE UNIQUE INDEX organisations_name ON organisations (server_name);
            CREATE TABLE accounts (
                user_id TEXT NOT NULL PRIMARY KEY,
                organisation BIGINT NOT NULL,
                password TEXT,
                is_admin BIGINT NOT NULL,
                is_guest BIGINT NOT NULL,
                deactivated BIGINT NOT NULL,
                created BIGINT NOT NULL,
                display_name TEXT,
                avatar_url TEXT);
            CREATE INDEX accounts_organisation ON accounts (organisation, user_id);
            CREATE TABLE devices (
                nid INTEGER PRIMARY KEY,
                user_id TEXT NOT NULL,
                device_id TEXT NOT NULL,
                display_name TEXT,
                last_seen BIGINT NOT NULL,
                last_address TEXT);
            CREATE UNIQUE INDEX devices_id ON devices (user_id, device_id);
            CREATE TABLE tokens (
                hash BLOB NOT NULL PRIMARY KEY,
                device BIGINT NOT NULL,
                kind TEXT NOT NULL,
                generation BIGINT NOT NULL,
                expires BIGINT);
            CREATE INDEX tokens_device ON tokens (device);
            CREATE TABLE registration_tokens (
                token TEXT NOT NULL PRIMARY KEY,
                organisation BIGINT NOT NULL,
                uses_left BIGINT,
                expires BIGINT);
            CREATE TABLE account_data (
                user_id TEXT NOT NULL,
                room_id TEXT NOT NULL,
                type TEXT NOT NULL,
                content BLOB NOT NULL,
                position BIGINT NOT NULL,
                PRIMARY KEY (user_id, room_id, type)) WITHOUT ROWID;
            CREATE INDEX account_data_position ON account_data (user_id, position);
            CREATE TABLE filters (
                user_id TEXT NOT NULL,
                id BIGINT NOT NULL,
                json BLOB NOT NULL,
                PRIMARY KEY (user_id, id)) WITHOUT ROWID;
            """),
        new("accounts", 2, """
            CREATE TABLE profile_fields (
                user_id TEXT NOT NULL,
                key TEXT NOT NULL,
                value BLOB NOT NULL,
                PRIMARY KEY (user_id, key)) WITHOUT ROWID;
            ALTER TABLE accounts ADD COLUMN locked BIGINT NOT NULL DEFAULT 0;
            ALTER TABLE accounts ADD COLUMN suspended BIGINT NOT NULL DEFAULT 0;
            """),
    ];
}
