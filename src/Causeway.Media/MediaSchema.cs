using Causeway.Storage;

namespace Causeway.Media;

/// <summary>The tables of Media.</summary>
public static class MediaSchema
{
    /// <summary>All steps, in order.</summary>
    public static IReadOnlyList<Migration> Migrations { get; } =
    [
        new("media", 1, """
            CREATE TABLE media (
                organisation BIGINT NOT NULL,
                media_id TEXT NOT NULL,
                owner TEXT NOT NULL,
                created BIGINT NOT NULL,
                expires BIGINT,
                hash TEXT,
                size BIGINT NOT NULL,
                type TEXT NOT NULL,
                name TEXT,
                PRIMARY KEY (organisation, media_id)) WITHOUT ROWID;
            CREATE INDEX media_pending ON media (owner, expires) WHERE hash IS NULL;
            CREATE TABLE media_files (
                hash TEXT NOT NULL,
                size BIGINT NOT NULL,
                users BIGINT NOT NULL,
                PRIMARY KEY (hash)) WITHOUT ROWID;
            CREATE TABLE media_usage (
                owner TEXT NOT NULL,
                bytes BIGINT NOT NULL,
                PRIMARY KEY (owner)) WITHOUT ROWID;
            CREATE TABLE media_garbage (
                hash TEXT NOT NULL,
                PRIMARY KEY (hash)) WITHOUT ROWID;
            CREATE TABLE media_thumbnails (
                hash TEXT NOT NULL,
                variant TEXT NOT NULL,
                size BIGINT NOT NULL,
                type TEXT NOT NULL,
                PRIMARY KEY (hash, variant)) WITHOUT ROWID;
            CREATE TABLE media_quarantine (
                organisation BIGINT NOT NULL,
                hash TEXT NOT NULL,
                by_user TEXT NOT NULL,
                at BIGINT NOT NULL,
                PRIMARY KEY (organisation, hash)) WITHOUT ROWID;
            CREATE TABLE url_previews (
                organisation BIGINT NOT NULL,
                url_hash TEXT NOT NULL,
                json BLOB NOT NULL,
                media_id TEXT,
                fetched BIGINT NOT NULL,
                PRIMARY KEY (organisation, url_hash)) WITHOUT ROWID;
            CREATE INDEX url_previews_fetched ON url_previews (fetched);
            """),
    ];
}
