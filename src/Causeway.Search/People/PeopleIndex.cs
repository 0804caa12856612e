using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Matrix;
using Causeway.Rooms;
using Causeway.Storage;

namespace Causeway.Search;

/// <summary>
/// The words by which people are found, and through which rooms organisations may know each other's people. Guests, locked and
/// closed accounts are not in it, nor is the one that speaks for the organisation.
/// </summary>
internal sealed class PeopleIndex(
    AccountStore accounts, ProfileStore profiles, OrganisationStore organisations, IOrganisationResolver resolver, RoomRegistry rooms)
{
    private const int Step = 200;

    /// <summary>Empties the index.</summary>
    public static async ValueTask ClearAsync(DbSession session)
    {
        foreach (var table in (string[])["directory_people", "directory_words", "directory_rooms", "directory_public"])
        {
            await session.ExecuteAsync($"DELETE FROM {table}").ConfigureAwait(false);
        }
    }

    /// <summary>All people there are, some in each unit.</summary>
    public async IAsyncEnumerable<IndexUnit> BuildAsync()
    {
        foreach (var organisation in organisations.All)
        {
            foreach (var some in (await accounts.ListAsync(organisation).ConfigureAwait(false)).Chunk(Step))
            {
                var unit = new IndexUnit();
                foreach (var account in some)
                {
                    await PutAsync(unit, account).ConfigureAwait(false);
                }

                yield return unit;
            }
        }
    }

    /// <summary>Looks at a person again, who was made, closed or named.</summary>
    public async ValueTask RefreshAsync(IndexUnit unit, UserId user)
    {
        if (await accounts.FindAsync(user).ConfigureAwait(false) is { } account)
        {
            await PutAsync(unit, account).ConfigureAwait(false);
        }
    }

    /// <summary>Takes note of an event that makes a room known to an organisation, or public.</summary>
    public async ValueTask SeeAsync(IndexUnit unit, long room, EventText e)
    {
        if (e.Joined is { } user && resolver.Find(user.ServerName) is { } organisation)
        {
            unit.Execute(
                "INSERT INTO directory_rooms (organisation, room) VALUES ($1, $2) ON CONFLICT (organisation, room) DO NOTHING",
                organisation.Id, room);
        }

        if (e is { ChangesAccess: true, Room: { } id } && await rooms.FindAsync(id).ConfigureAwait(false) is { } found && found.Nid == room)
        {
            unit.Execute(
                IsPublic(found.Committed)
                    ? "INSERT INTO directory_public (room) VALUES ($1) ON CONFLICT (room) DO NOTHING"
                    : "DELETE FROM directory_public WHERE room = $1",
                room);
        }
    }

    private static bool IsPublic(RoomSnapshot state) =>
        state.Text("m.room.join_rules", "join_rule") == "public" || state.Text(EventTypes.HistoryVisibility, "history_visibility") == "world_readable";

    private async ValueTask PutAsync(IndexUnit unit, Account account)
    {
        var user = account.User.Value;
        unit.Execute("DELETE FROM directory_words WHERE user_id = $1", user);
        if (account.IsDeactivated || account.IsLocked || account.IsGuest || account.User.Localpart == AccountStore.NoticesLocalpart
            || await profiles.FindAsync(account.User).ConfigureAwait(false) is not { } profile)
        {
            unit.Execute("DELETE FROM directory_people WHERE user_id = $1", user);
            return;
        }

        unit.Execute(
            "INSERT INTO directory_people (user_id, organisation, display_name, avatar_url) VALUES ($1, $2, $3, $4) "
            + "ON CONFLICT (user_id) DO UPDATE SET display_name = excluded.display_name, avatar_url = excluded.avatar_url",
            user, account.Organisation, profile.DisplayName, profile.AvatarUrl);
        var words = Tokeniser.IndexTokens(Tokeniser.Read(profile.DisplayName));
        words.UnionWith(Tokeniser.IndexTokens(Tokeniser.Read(account.User.Localpart)));
        foreach (var word in words)
        {
            unit.Execute("INSERT INTO directory_words (organisation, word, user_id) VALUES ($1, $2, $3)", account.Organisation, word, user);
        }
    }
}
