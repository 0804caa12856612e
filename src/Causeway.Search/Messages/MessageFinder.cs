using Causeway.Hosting;
using Causeway.Matrix;
using Causeway.Rooms;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Search;

/// <summary>A result.</summary>
internal sealed record Hit(RoomReader Reader, TimelineEvent Event, double Rank);

/// <summary>A candidate that this person may see.</summary>
/// <param name="Match">What the index says.</param>
/// <param name="Reader">The room as the person may read it.</param>
/// <param name="Score">How well its text matches, in millionths; 0 where the text was not compared yet.</param>
internal readonly record struct Seen(Match Match, RoomReader Reader, long Score);

/// <summary>A page of results.</summary>
internal sealed record Page(List<Hit> Hits, HashSet<string> Highlights, long Count, SearchToken? Next);

/// <summary>
/// Finds messages. The index gives candidates, newest first, a thousand at a time; each is judged for the person before it is
/// counted, compared or shown, so neither results nor counts tell of what they may not see.
/// </summary>
internal sealed class MessageFinder(
    Database database, MessageIndex index, EventStore store, IgnoredUsers ignoredUsers, LogTail tail)
{
    /// <summary>Candidates read at once; by rank only so many are compared, and no count is greater.</summary>
    private const int Window = 1000;

    /// <summary>A page that is not full after so many windows ends; the client may ask on.</summary>
    private const int MaxWindows = 5;

    /// <summary>Rooms named in one question to the index.</summary>
    private const int RoomsAtOnce = 200;

    public async Task<Page> FindAsync(Requester requester, SearchRequest wish, SearchScope scope)
    {
        if (wish.Query.IsEmpty || scope.Rooms.Count == 0 || wish.Limit == 0)
        {
            return new Page([], [], 0, null);
        }

        // Whoever ignores nobody sees by position alone; that spares reading the senders.
        var whole = wish.IsRanked || wish.Query.NeedsText || wish.Senders is not null || wish.From?.Sender is not null
            || !wish.Filter.IsOpen || (await ignoredUsers.OfAsync(requester.User).ConfigureAwait(false)).Count > 0;
        var page = await FindAsync(wish).ConfigureAwait(false);

        // Longer words cost more to look up and mean less: they are asked for only where the words as they stand find too little.
        return wish.From is null && wish.Query.IsOpen && page.Hits.Count < wish.Limit
            ? await FindAsync(wish.Widely()).ConfigureAwait(false)
            : page;

        Task<Page> FindAsync(SearchRequest wish) => wish.IsRanked ? ByRankAsync(wish, scope) : ByTimeAsync(wish, scope, whole);
    }

    private async Task<Page> ByTimeAsync(SearchRequest wish, SearchScope scope, bool whole)
    {
        var page = new Page([], new HashSet<string>(StringComparer.Ordinal), 0, null);
        var anchor = wish.From?.Anchor ?? tail.Head;
        var before = wish.From?.Position ?? long.MaxValue;
        var count = wish.From?.Count ?? 0;
        for (var round = 0; round < MaxWindows; round++)
        {
            var window = await ReadAsync(wish, scope, before, whole).ConfigureAwait(false);
            var seen = await JudgeAsync(wish, scope, window).ConfigureAwait(false);
            count += wish.From is null && round == 0 ? seen.Count : 0;
            foreach (var (match, reader, _) in seen)
            {
                if (page.Hits.Count == wish.Limit)
                {
                    return page with { Count = count, Next = new SearchToken(anchor, count, before, 0, wish.IsWide) };
                }

                before = match.Position;
                if (await HitAsync(wish, match, reader, page.Highlights).ConfigureAwait(false) is { } hit)
                {
                    page.Hits.Add(hit);
                }
            }

            if (window.Count < Window)
            {
                return page with { Count = count };
            }

            before = window[^1].Position;
        }

        return page with { Count = count, Next = new SearchToken(anchor, count, before, 0, wish.IsWide) };
    }

    private async Task<Page> ByRankAsync(SearchRequest wish, SearchScope scope)
    {
        var anchor = wish.From?.Anchor ?? tail.Head;
        var window = await ReadAsync(wish, scope, anchor == long.MaxValue ? anchor : anchor + 1, whole: true).ConfigureAwait(false);
        var seen = await JudgeAsync(wish, scope, window).ConfigureAwait(false);
        var ranked = seen.Where(s => s.Score > 0).OrderByDescending(s => s.Score).ThenByDescending(s => s.Match.Position).ToList();
        var count = wish.From?.Count ?? ranked.Count;
        var page = new Page([], new HashSet<string>(StringComparer.Ordinal), count, null);
        SearchToken? last = wish.From;
        foreach (var (match, reader, score) in ranked)
        {
            if (wish.From is { } from && (score > from.Score || (score == from.Score && match.Position >= from.Position)))
            {
                continue;
            }

            if (page.Hits.Count == wish.Limit)
            {
                return page with { Next = last };
            }

            last = new SearchToken(anchor, count, match.Position, score, wish.IsWide);
            if (await HitAsync(wish, match, reader, page.Highlights).ConfigureAwait(false) is { } hit)
            {
                page.Hits.Add(hit);
            }
        }

        return page;
    }

    /// <summary>The newest candidates before a position, newest first.</summary>
    private async Task<List<Match>> ReadAsync(SearchRequest wish, SearchScope scope, long before, bool whole)
    {
        List<IReadOnlyList<(string Token, bool IsPrefix)>> groups = [.. wish.Query.Tokens.Select(t => new[] { t })];
        if (wish.From?.Sender is { } sender)
        {
            groups.Add([(Tokens.Sender(sender), false)]);
        }
        else if (wish.Senders is { Count: > 0 and <= RoomsAtOnce } senders)
        {
            groups.Add([.. senders.Select(s => (Tokens.Sender(s), false))]);
        }

        if (wish.Kinds is { } kinds && !kinds.Contains(TextKind.Message))
        {
            groups.Add([.. kinds.Select(k => (Tokens.Kind(k), false))]);
        }

        // All rooms first: a word that few have, or that is said in this person's rooms as in others, needs no more. Looking for
        // the rooms as well costs as much as there are messages in them.
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        var found = await index.Engine.FindAsync(session, groups, before, Window, whole).ConfigureAwait(false);
        if (found.Count < Window || found.Count(m => scope.Has(m.Room)) > Window / 4)
        {
            return found;
        }

        found.Clear();
        foreach (var rooms in scope.Rooms.Chunk(RoomsAtOnce))
        {
            found.AddRange(await index.Engine.FindAsync(
                session, groups.Append([.. rooms.Select(r => (Tokens.Room(r), false))]), before, Window, whole).ConfigureAwait(false));
        }

        return [.. found.OrderByDescending(m => m.Position).Take(Window)];
    }

    /// <summary>Those that this person may see and wants, in the same order; where texts were read, those that match.</summary>
    private static async Task<List<Seen>> JudgeAsync(SearchRequest wish, SearchScope scope, List<Match> window)
    {
        var seen = new List<Seen>();
        foreach (var match in window)
        {
            if (wish.Kinds?.Contains(match.Kind) == false
                || (match.Sender is { } sender && (!wish.Filter.Wants(TypeOf(match.Kind), sender) || (wish.From?.Sender ?? sender) != sender))
                || await scope.FindAsync(match.Room).ConfigureAwait(false) is not { } reader || !SearchScope.MaySee(reader, match))
            {
                continue;
            }

            long score = 0;
            if (match.Body is not null)
            {
                score = (long)(wish.Query.Score(EventText.Read(match.Body).Text ?? "") * 1_000_000);
                if (score == 0)
                {
                    continue;
                }
            }

            seen.Add(new Seen(match, reader, score));
        }

        return seen;
    }

    /// <summary>The result, unless what is in the store by now is no longer what was indexed.</summary>
    private async Task<Hit?> HitAsync(SearchRequest wish, Match match, RoomReader reader, HashSet<string> highlights)
    {
        (string Id, byte[] Body)? row;
        await using (var session = await database.ReadAsync().ConfigureAwait(false))
        {
            row = await session.FindAsync<(string, byte[])?>(
                "SELECT o.key, s.body FROM log o JOIN log s ON s.position = $2 WHERE o.position = $1",
                r => (r.GetString(0), r.GetBytes(1)), match.Position, match.Shown).ConfigureAwait(false);
        }

        if (row is not { } found || EventText.Read(found.Body).Text is not { } text
            || await store.FindAsync(reader.Room, EventId.Parse(found.Id)).ConfigureAwait(false) is not { RedactedBy: null } e
            || !reader.View.MaySee(e) || !wish.Filter.Wants(e.Event))
        {
            return null;
        }

        var score = wish.Query.Score(text, highlights);
        return score > 0 ? new Hit(reader, e, score) : null;
    }

    private static string TypeOf(TextKind kind) => kind switch
    {
        TextKind.Message => "m.room.message",
        TextKind.Name => "m.room.name",
        TextKind.Topic => "m.room.topic",
    };
}
