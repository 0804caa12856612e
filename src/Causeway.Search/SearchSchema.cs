using Causeway.Storage;

namespace Causeway.Search;

/// <summary>The tables of Search: all of them copies of what the log tells, built anew whenever they are lost.</summary>
public static class SearchSchema
{
    private const string Events = """
        CREATE TABLE search_events (
            position INTEGER PRIMARY KEY,
            room BIGINT NOT NULL,
            kind BIGINT NOT NULL,
            shown BIGINT NOT NULL);
        CREATE INDEX search_edits ON search_events (shown) WHERE shown <> position;
        """;

    /// <summary>All steps, in order.</summary>
    public static IReadOnlyList<Migration> Migrations { get; } =
    [
        new(
            "search", 1,
            Events + """

            CREATE VIRTUAL TABLE search_words USING fts5(words, content='', contentless_delete=1, detail=none, tokenize='ascii');
            """,
            Events + """

            ALTER TABLE search_events ADD COLUMN words TSVECTOR NOT NULL;
            CREATE INDEX search_words ON search_events USING gin (words);
            """),
        new("search", 2, """
            CREATE TABLE directory_people (
                user_id TEXT NOT NULL PRIMARY KEY,
                organisation BIGINT NOT NULL,
                display_name TEXT,
                avatar_url TEXT) WITHOUT ROWID;
            CREATE TABLE directory_words (
                organisation BIGINT NOT NULL,
                word TEXT NOT NULL,
                user_id TEXT NOT NULL,
                PRIMARY KEY (organisation, word, user_id)) WITHOUT ROWID;
            CREATE INDEX directory_words_person ON directory_words (user_id, word);
            CREATE INDEX directory_words_all ON directory_words (word);
            CREATE TABLE directory_rooms (
                organisation BIGINT NOT NULL,
                room BIGINT NOT NULL,
                PRIMARY KEY (organisation, room)) WITHOUT ROWID;
            CREATE TABLE directory_public (room INTEGER PRIMARY KEY);
            """),
    ];
}
