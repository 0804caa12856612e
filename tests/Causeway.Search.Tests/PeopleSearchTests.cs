using System.Text.Json;
using Causeway.TestKit;

namespace Causeway.Search.Tests;

/// <summary>Client-server API, "User Directory": whom one finds by which words, and whom not.</summary>
public sealed class PeopleSearchTests
{
    [DatabaseTheory]
    public async Task People_are_found_by_words_beginnings_and_ids(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var asker = await server.RegisterAsync("asker");
        var ann = await NamedAsync(server, "ann.smith", "Ann Smith");
        var anna = await NamedAsync(server, "x1", "Anna Müller");
        var tanaka = await NamedAsync(server, "x2", "田中太郎");
        await asker.CatchUpAsync();
        Assert.Equal([ann.UserId, anna.UserId], await FindAsync(asker, "ann"));
        Assert.Equal([ann.UserId], await FindAsync(asker, "smith ann"));
        Assert.Equal([anna.UserId], await FindAsync(asker, "MULL"));
        Assert.Equal([tanaka.UserId], await FindAsync(asker, "田中"));
        Assert.Equal([tanaka.UserId], await FindAsync(asker, "太郎"));
        Assert.Equal([ann.UserId], await FindAsync(asker, ann.UserId));
        Assert.Equal([ann.UserId], await FindAsync(asker, "@ANN.s"));
        Assert.Empty(await FindAsync(asker, "nn"));
        Assert.Empty(await FindAsync(asker, "@ann.smith:elsewhere.example"));
        Assert.Empty(await FindAsync(asker, ""));
        var one = (await asker.RequestAsync("POST", Path, new { search_term = "ann", limit = 1 })).Ok();
        Assert.True(one["limited"].GetBoolean());
        var person = Assert.Single(one["results"].EnumerateArray());
        Assert.Equal("Ann Smith", person.GetProperty("display_name").GetString());
        Assert.False((await asker.RequestAsync("POST", Path, new { search_term = "ann", limit = 2 })).Ok()["limited"].GetBoolean());
    }

    [DatabaseTheory]
    public async Task Whole_names_come_first_then_words_then_whom_one_shares_a_room_with(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var asker = await server.RegisterAsync("asker");
        var begins = await NamedAsync(server, "a1", "Joanna");
        var beginsShared = await NamedAsync(server, "a9", "Joana");
        var word = await NamedAsync(server, "a3", "Big Jo");
        var whole = await NamedAsync(server, "a4", "Jo");
        var room = await asker.CreatePublicRoomAsync();
        await beginsShared.JoinAsync(room);
        await asker.CatchUpAsync();
        Assert.Equal([whole.UserId, word.UserId, beginsShared.UserId, begins.UserId], await FindAsync(asker, "jo"));
    }

    [DatabaseTheory]
    public async Task Names_follow_their_people_and_closed_accounts_and_guests_are_not_found(string database)
    {
        await using var server = await TestServer.StartAsync(database, o => o with { Guests = true });
        var asker = await server.RegisterAsync("asker");
        var pat = await NamedAsync(server, "y1", "Pat Old");
        var guest = (await new MatrixClient(server.Address).RequestAsync("POST", "/_matrix/client/v3/register?kind=guest", new { })).Ok();
        await asker.CatchUpAsync();
        Assert.Equal([pat.UserId], await FindAsync(asker, "old"));
        Assert.Empty(await FindAsync(asker, guest.Text("user_id")));
        await NameAsync(pat, "Pat New");
        await asker.CatchUpAsync();
        Assert.Empty(await FindAsync(asker, "old"));
        Assert.Equal([pat.UserId], await FindAsync(asker, "new"));
        var accounts = server.Get<Causeway.Accounts.AccountStore>();
        await accounts.SetLockedAsync(Causeway.Matrix.UserId.Parse(pat.UserId), true);
        await asker.CatchUpAsync();
        Assert.Empty(await FindAsync(asker, "new"));
        await accounts.SetLockedAsync(Causeway.Matrix.UserId.Parse(pat.UserId), false);
        await asker.CatchUpAsync();
        Assert.Equal([pat.UserId], await FindAsync(asker, "new"));
        (await pat.RequestAsync("POST", "/_matrix/client/v3/account/deactivate", new { auth = new { type = "m.login.password", password = MatrixClient.Password } })).Ok();
        await asker.CatchUpAsync();
        Assert.Empty(await FindAsync(asker, "new"));
        Assert.Empty(await FindAsync(asker, pat.UserId));
    }

    [DatabaseTheory]
    public async Task Another_organisations_people_are_found_through_shared_and_public_rooms_only(string database)
    {
        await using var server = await TestServer.StartAsync(database, o => o with { ServerName = "a.example" });
        await server.Get<Causeway.Accounts.OrganisationStore>().AddAsync("b.example", "B");
        var (sam, max) = (await server.RegisterAtAsync("a.example", "sam"), await server.RegisterAtAsync("a.example", "max"));
        var kims = new List<MatrixClient>();
        foreach (var n in new[] { "kim-alone", "kim-shared", "kim-public", "kim-hidden" })
        {
            kims.Add(await server.RegisterAtAsync("b.example", n));
        }

        var shared = await sam.CreateRoomAsync(new { invite = new[] { kims[1].UserId } });
        await kims[1].JoinAsync(shared);
        var open = await max.CreatePublicRoomAsync();
        await kims[2].JoinAsync(open);

        // Public, but nobody of A knows it.
        await kims[3].CreatePublicRoomAsync();
        await sam.CatchUpAsync();
        Assert.Equal([kims[1].UserId, kims[2].UserId], await FindAsync(sam, "kim"));
        Assert.Equal([kims[2].UserId], await FindAsync(max, "kim"));
        Assert.Equal(3, (await FindAsync(kims[0], "kim")).Count);
        Assert.Empty(await FindAsync(sam, kims[0].UserId));

        // The room is public no longer, and the shared one is left.
        await max.SetStateAsync(open, "m.room.join_rules", new { join_rule = "invite" });
        await sam.LeaveAsync(shared);
        await sam.CatchUpAsync();
        Assert.Empty(await FindAsync(sam, "kim"));
        Assert.Equal([kims[2].UserId], await FindAsync(max, "kim"));
    }

    [DatabaseTheory]
    public async Task Set_to_shared_rooms_the_directory_shows_nobody_else(string database)
    {
        await using var server = await TestServer.StartAsync(database, o => o with { UserDirectory = DirectoryScope.SharedRooms });
        var asker = await server.RegisterAsync("asker");
        var (mate, stranger, inPublic) = (await NamedAsync(server, "z1", "Lou"), await NamedAsync(server, "z2", "Lou"), await NamedAsync(server, "z3", "Lou"));
        await mate.JoinAsync(await asker.CreatePublicRoomAsync());
        await inPublic.CreatePublicRoomAsync();
        await stranger.CreateRoomAsync();
        await asker.CatchUpAsync();
        Assert.Equal([mate.UserId, inPublic.UserId], await FindAsync(asker, "lou"));
    }

    private const string Path = "/_matrix/client/v3/user_directory/search";

    private static async Task<MatrixClient> NamedAsync(TestServer server, string localpart, string name)
    {
        var person = await new MatrixClient(server.Address).RegisterAsync(localpart);
        await NameAsync(person, name);
        return person;
    }

    private static async Task NameAsync(MatrixClient person, string name) =>
        (await person.RequestAsync("PUT", $"/_matrix/client/v3/profile/{Uri.EscapeDataString(person.UserId)}/displayname", new { displayname = name })).Ok();

    private static async Task<List<string>> FindAsync(MatrixClient who, string term)
    {
        var answer = (await who.RequestAsync("POST", Path, new { search_term = term })).Ok();
        Assert.Equal(JsonValueKind.False, answer["limited"].ValueKind);
        return [.. answer["results"].EnumerateArray().Select(p => p.GetProperty("user_id").GetString()!)];
    }
}
