using System.Data.Common;
using System.Text;
using Causeway.Storage;

namespace Causeway.Search;

/// <summary>An indexed event that has all the tokens asked for.</summary>
/// <param name="Position">Where it stands in the log.</param>
/// <param name="Room">Its room's number.</param>
/// <param name="Kind">Which key of the content is searched.</param>
/// <param name="Shown">The event whose text is indexed: itself, or its newest edit.</param>
internal readonly record struct Match(long Position, long Room, TextKind Kind, long Shown)
{
    /// <summary>Who sent it; null where it was not asked for.</summary>
    public string? Sender { get; init; }

    /// <summary>The event that <see cref="Shown"/> names, as JSON; null where it was not asked for, or too much was read already.</summary>
    public byte[]? Body { get; init; }
}

/// <summary>The difference between the two full-text engines: SQLite's FTS5 and PostgreSQL's tsvector with GIN.</summary>
internal abstract class FullText
{
    /// <summary>Bytes of events read by one question: somebody may have written a thousand very long messages.</summary>
    private const int MaxBodies = 4 << 20;

    private const string Light = "e.position, e.room, e.kind, e.shown";
    private const string Whole = Light + ", o.user_id, s.body";
    private const string Joins = "JOIN log o ON o.position = e.position JOIN log s ON s.position = e.shown ";

    /// <summary>Adds an event's tokens to the index, or replaces them.</summary>
    public abstract void Put(WriteBatch batch, long position, long room, TextKind kind, long shown, string tokens);

    /// <summary>Takes an event out of the index.</summary>
    public abstract void Remove(WriteBatch batch, long position);

    /// <summary>Empties the index.</summary>
    public abstract ValueTask ClearAsync(DbSession session);

    /// <summary>The newest events before a position that have one token of each group.</summary>
    public async ValueTask<List<Match>> FindAsync(
        DbSession session, IEnumerable<IReadOnlyList<(string Token, bool IsPrefix)>> groups, long before, int limit, bool whole)
    {
        var left = MaxBodies;
        await PlanAsync(session, "force_custom_plan").ConfigureAwait(false);
        var found = await session.QueryAsync<Match>(
            whole ? WholeSql : LightSql, whole ? MapWhole : Map, Expression(groups), before, (long)limit).ConfigureAwait(false);
        await PlanAsync(session, "auto").ConfigureAwait(false);
        return found;

        Match MapWhole(DbDataReader r)
        {
            var body = left > 0 ? r.GetBytes(5) : null;
            left -= body?.Length ?? 0;
            return Map(r) with { Sender = r.GetString(4), Body = body };
        }
    }

    /// <summary>The engine of a store.</summary>
    public static FullText Of(Database database) => database.IsEmbedded ? new Fts5() : new TsVector();

    /// <summary>Says whether the next question is to be planned for its own words: few texts have a rare word, nearly all a frequent one.</summary>
    protected virtual ValueTask PlanAsync(DbSession session, string mode) => ValueTask.CompletedTask;

    protected abstract string LightSql { get; }

    protected abstract string WholeSql { get; }

    protected abstract string And { get; }

    protected abstract string Or { get; }

    /// <summary>Tokens hold letters, marks, numbers and signs for private use, so nothing in them could end the quotes.</summary>
    protected abstract string Quote(string token, bool isPrefix);

    private string Expression(IEnumerable<IReadOnlyList<(string Token, bool IsPrefix)>> groups)
    {
        var text = new StringBuilder();
        foreach (var group in groups)
        {
            text.Append(text.Length == 0 ? "(" : And + "(").AppendJoin(Or, group.Select(t => Quote(t.Token, t.IsPrefix))).Append(')');
        }

        return text.ToString();
    }

    private static Match Map(DbDataReader r) => new(r.GetInt64(0), r.GetInt64(1), (TextKind)r.GetInt64(2), r.GetInt64(3));

    /// <summary>A table without content or places of words: only which events have a token. Its own tokeniser parts at spaces.</summary>
    private sealed class Fts5 : FullText
    {
        private const string Where =
            "WHERE w.search_words MATCH $1 AND w.rowid < $2 ORDER BY w.rowid DESC LIMIT $3";

        protected override string LightSql => $"SELECT {Light} FROM search_words w JOIN search_events e ON e.position = w.rowid {Where}";

        protected override string WholeSql => $"SELECT {Whole} FROM search_words w JOIN search_events e ON e.position = w.rowid {Joins}{Where}";

        protected override string And => " AND ";

        protected override string Or => " OR ";

        public override void Put(WriteBatch batch, long position, long room, TextKind kind, long shown, string tokens)
        {
            batch.Execute(
                "INSERT INTO search_events (position, room, kind, shown) VALUES ($1, $2, $3, $4) ON CONFLICT (position) DO UPDATE SET shown = excluded.shown",
                position, room, (long)kind, shown);
            batch.Execute("INSERT OR REPLACE INTO search_words (rowid, words) VALUES ($1, $2)", position, tokens);
        }

        public override void Remove(WriteBatch batch, long position)
        {
            batch.Execute("DELETE FROM search_events WHERE position = $1", position);
            batch.Execute("DELETE FROM search_words WHERE rowid = $1", position);
        }

        public override async ValueTask ClearAsync(DbSession session)
        {
            await session.ExecuteAsync("DELETE FROM search_events").ConfigureAwait(false);
            await session.ExecuteAsync("INSERT INTO search_words (search_words) VALUES ('delete-all')").ConfigureAwait(false);
        }

        protected override string Quote(string token, bool isPrefix) => isPrefix ? $"\"{token}\"*" : $"\"{token}\"";
    }

    /// <summary>Lexemes made of an array, so that no parser and no dictionary of PostgreSQL has a part in it.</summary>
    private sealed class TsVector : FullText
    {
        private const string Where = "WHERE e.words @@ $1::tsquery AND e.position < $2 ORDER BY e.position DESC LIMIT $3";

        protected override string LightSql => $"SELECT {Light} FROM search_events e {Where}";

        protected override string WholeSql =>
            $"SELECT {Whole} FROM (SELECT {Light} FROM search_events e {Where}) e {Joins}ORDER BY e.position DESC";

        protected override string And => " & ";

        protected override string Or => " | ";

        public override void Put(WriteBatch batch, long position, long room, TextKind kind, long shown, string tokens) => batch.Execute(
            "INSERT INTO search_events (position, room, kind, shown, words) VALUES ($1, $2, $3, $4, array_to_tsvector(string_to_array($5, ' '))) "
            + "ON CONFLICT (position) DO UPDATE SET shown = excluded.shown, words = excluded.words",
            position, room, (long)kind, shown, tokens);

        public override void Remove(WriteBatch batch, long position) =>
            batch.Execute("DELETE FROM search_events WHERE position = $1", position);

        /// <summary>One plan for all words would walk through every event for a rare one (138 ms of 100,000 events instead of 1).</summary>
        protected override async ValueTask PlanAsync(DbSession session, string mode) =>
            await session.ExecuteAsync($"SET plan_cache_mode = {mode}").ConfigureAwait(false);

        public override async ValueTask ClearAsync(DbSession session) =>
            await session.ExecuteAsync("TRUNCATE search_events").ConfigureAwait(false);

        protected override string Quote(string token, bool isPrefix) => isPrefix ? $"'{token}':*" : $"'{token}'";
    }
}
