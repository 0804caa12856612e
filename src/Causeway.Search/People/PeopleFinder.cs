using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Matrix;
using Causeway.Rooms;
using Causeway.Storage;

namespace Causeway.Search;

/// <summary>Somebody whom the directory shows.</summary>
internal sealed record Person(string User, long Organisation, string? DisplayName, string? AvatarUrl);

/// <summary>
/// Finds people whom a person may know: those of the same organisation (as set), those in a room with them, and those in public
/// rooms that somebody of the organisation is or was in.
/// </summary>
internal sealed class PeopleFinder(
    Database database, EventStore store, UserRoomsCache userRooms, OrganisationStore organisations, SearchOptions options)
{
    /// <summary>Of so many whose words match best the answer is made; more cannot be ranked in time.</summary>
    private const int MostLooked = 200;

    private const int MostTokens = 3;

    private static readonly string[] OwnSql = [.. Enumerable.Range(1, MostTokens).Select(n => Sql("=", n))];
    private static readonly string[] OthersSql = [.. Enumerable.Range(1, MostTokens).Select(n => Sql("<>", n))];

    /// <summary>The best matches; one more than the limit where there are more.</summary>
    public async Task<List<Person>> FindAsync(Requester requester, PeopleQuery query, int limit)
    {
        if (query.Tokens.Count == 0)
        {
            return [];
        }

        var found = await ListAsync(requester, query).ConfigureAwait(false);
        found.RemoveAll(p => p.User == requester.User.Value);
        var mine = await userRooms.LoadAsync(requester.User.Value).ConfigureAwait(false);
        var places = await store.ListJoinedAsync(found.Select(p => p.User)).ConfigureAwait(false);
        var shared = places.Where(p => mine.TryGetValue(p.Room, out var my) && my.Membership == Membership.Join)
            .Select(p => p.User).ToHashSet(StringComparer.Ordinal);
        var hidden = found.FindAll(p => !IsOpen(requester, p) && !shared.Contains(p.User));
        if (hidden.Count > 0)
        {
            var rooms = await ListPublicAsync(requester.Organisation).ConfigureAwait(false);
            var inPublic = places.Where(p => rooms.Contains(p.Room)).Select(p => p.User).ToHashSet(StringComparer.Ordinal);
            hidden.RemoveAll(p => inPublic.Contains(p.User));
        }

        return
        [
            .. found.Except(hidden)
                .Select(p => (Person: p, Rank: query.Rank(p.User, p.DisplayName)))
                .Where(p => p.Rank > 0)
                .OrderByDescending(p => p.Rank)
                .ThenByDescending(p => shared.Contains(p.Person.User))
                .ThenByDescending(p => p.Person.DisplayName is not null)
                .ThenBy(p => p.Person.User, StringComparer.Ordinal)
                .Select(p => p.Person)
                .Take(limit + 1),
        ];
    }

    private bool IsOpen(Requester requester, Person person) =>
        person.Organisation == requester.Organisation.Id && options.UserDirectory == DirectoryScope.Organisation;

    private async Task<List<Person>> ListAsync(Requester requester, PeopleQuery query)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        var tokens = await RarestFirstAsync(session, requester, query.Tokens.Take(MostTokens)).ConfigureAwait(false);
        List<object?> args = [requester.Organisation.Id, (long)MostLooked];
        foreach (var token in tokens)
        {
            args.Add(token);
            args.Add(Behind(token));
        }

        var found = await session.QueryAsync(OwnSql[tokens.Count - 1], Map, [.. args]).ConfigureAwait(false);
        if (organisations.All.Count > 1)
        {
            found.AddRange(await session.QueryAsync(OthersSql[tokens.Count - 1], Map, [.. args]).ConfigureAwait(false));
        }

        return [.. found.DistinctBy(p => p.User)];

        static Person Map(System.Data.Common.DbDataReader r) => new(r.GetString(0), r.GetInt64(1), r.FindString(2), r.FindString(3));
    }

    /// <summary>The words of the fewest people are looked for first.</summary>
    private static async Task<List<string>> RarestFirstAsync(DbSession session, Requester requester, IEnumerable<string> tokens)
    {
        var counted = new List<(string Token, long People)>();
        foreach (var token in tokens)
        {
            counted.Add((token, await session.FindAsync(
                "SELECT count(*) FROM (SELECT 1 FROM directory_words WHERE organisation = $1 AND word >= $2 AND word < $3 LIMIT 2000) w",
                r => r.GetInt64(0), requester.Organisation.Id, token, Behind(token)).ConfigureAwait(false)));
        }

        return [.. counted.OrderBy(c => c.People).Select(c => c.Token)];
    }

    /// <summary>Behind every word that begins with it: nothing is greater than the greatest code point.</summary>
    private static string Behind(string token) => token + "\U0010FFFF";

    private async Task<HashSet<long>> ListPublicAsync(Organisation organisation)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return [.. await session.QueryAsync(
            "SELECT r.room FROM directory_rooms r JOIN directory_public p ON p.room = r.room WHERE r.organisation = $1",
            r => r.GetInt64(0), organisation.Id).ConfigureAwait(false)];
    }

    private static string Sql(string organisation, int tokens)
    {
        var more = Enumerable.Range(1, tokens - 1).Select(i =>
            $"AND EXISTS (SELECT 1 FROM directory_words x WHERE x.user_id = w.user_id AND x.word >= ${3 + (2 * i)} AND x.word < ${4 + (2 * i)}) ");
        return "SELECT p.user_id, p.organisation, p.display_name, p.avatar_url FROM (SELECT w.user_id FROM directory_words w "
            + $"WHERE w.organisation {organisation} $1 AND w.word >= $3 AND w.word < $4 {string.Concat(more)}"
            + "ORDER BY w.word LIMIT $2) f JOIN directory_people p ON p.user_id = f.user_id";
    }
}
