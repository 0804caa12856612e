using Causeway.TestKit;

namespace Causeway.Search.Tests;

/// <summary>Nobody finds, or is told the number of, what they may not see.</summary>
public sealed class PermissionTests
{
    public static object[][] Visibilities =>
    [
        // visibility, what is found while joined, after leaving
        ["world_readable", "before invited joined", "before invited joined left"],
        ["shared", "before invited joined", "before invited joined"],
        ["invited", "invited joined", "invited joined"],
        ["joined", "joined", "joined"],
    ];

    [DatabaseTheory]
    [MemberData(nameof(Visibilities))]
    public async Task Each_history_visibility_is_kept_to(string database, string visibility, string whenJoined, string whenLeft)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob, carol) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"), await server.RegisterAsync("carol"));
        var room = await alice.CreateRoomAsync(new
        {
            preset = "public_chat",
            initial_state = new[] { new { type = "m.room.history_visibility", state_key = "", content = new { history_visibility = visibility } } },
        });
        var sent = new Dictionary<string, string> { [await alice.SendTextAsync(room, "mango before")] = "before" };
        await alice.InviteAsync(room, bob.UserId);
        sent[await alice.SendTextAsync(room, "mango invited")] = "invited";

        // Invited and never joined: nothing, whatever the room's rule.
        Assert.Empty(await bob.FindAsync("mango"));
        await bob.JoinAsync(room);
        sent[await alice.SendTextAsync(room, "mango joined")] = "joined";
        await AssertFindsAsync(bob, whenJoined);
        await bob.LeaveAsync(room);
        sent[await alice.SendTextAsync(room, "mango left")] = "left";
        await AssertFindsAsync(bob, whenLeft);
        await AssertFindsAsync(alice, "before invited joined left");
        Assert.Empty(await carol.FindAsync("mango"));
        Assert.Empty(await carol.FindAsync("mango", new() { ["filter"] = new { rooms = new[] { room } } }));
        (await bob.RequestAsync("POST", MatrixClient.RoomPath(room, "forget"), new { })).Ok();
        Assert.Empty(await bob.FindAsync("mango"));

        async Task AssertFindsAsync(MatrixClient who, string what)
        {
            Assert.Equal(what, string.Join(' ', Enumerable.Reverse(await who.FindAsync("mango")).Select(id => sent[id])));
            var byRank = await who.SearchAsync("mango", "rank");
            Assert.Equal(what.Split(' ').Length, byRank.Count());
            Assert.Equal(what.Split(' ').Order(), byRank.Ids().Select(id => sent[id]).Order());
        }
    }

    [DatabaseTheory]
    [InlineData("kick")]
    [InlineData("ban")]
    public async Task Who_was_removed_finds_what_was_said_until_then(string database, string how)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreatePublicRoomAsync();
        await bob.JoinAsync(room);
        var heard = await alice.SendTextAsync(room, "papaya");
        await (how == "kick" ? alice.KickAsync(room, bob.UserId) : alice.BanAsync(room, bob.UserId));
        var missed = await alice.SendTextAsync(room, "papaya");
        Assert.Equal([heard], await bob.FindAsync("papaya"));
        Assert.Equal([missed, heard], await alice.FindAsync("papaya"));
        if (how == "ban")
        {
            (await alice.RequestAsync("POST", MatrixClient.RoomPath(room, "unban"), new { user_id = bob.UserId })).Ok();
            await alice.InviteAsync(room, bob.UserId);
            Assert.Equal([heard], await bob.FindAsync("papaya"));
        }
    }

    [DatabaseTheory]
    public async Task An_edit_that_came_after_one_left_gives_nothing_away(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreatePublicRoomAsync();
        await bob.JoinAsync(room);
        var sent = await alice.SendTextAsync(room, "lychee");
        await bob.LeaveAsync(room);
        await MessageSearchTests.EditAsync(alice, room, sent, "durian");
        Assert.Equal([sent], await alice.FindAsync("durian"));
        Assert.Empty(await bob.FindAsync("durian"));
        Assert.Equal(0, (await bob.SearchAsync("durian", "rank")).Count());
    }

    [DatabaseTheory]
    public async Task What_ignored_people_say_is_neither_found_nor_counted(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreatePublicRoomAsync();
        await bob.JoinAsync(room);
        var own = await alice.SendTextAsync(room, "guava");
        var ignored = await bob.SendTextAsync(room, "guava");
        Assert.Equal([ignored, own], await alice.FindAsync("guava"));
        (await alice.RequestAsync("PUT", $"/_matrix/client/v3/user/{Uri.EscapeDataString(alice.UserId)}/account_data/m.ignored_user_list", new
        {
            ignored_users = new Dictionary<string, object> { [bob.UserId] = new { } },
        })).Ok();
        Assert.Equal([own], await alice.FindAsync("guava"));
        Assert.Equal(1, (await alice.SearchAsync("guava", "rank")).Count());
        var around = (await alice.SearchAsync("guava", more: new() { ["event_context"] = new { } })).GetProperty("results")[0].GetProperty("context");
        Assert.DoesNotContain(around.GetProperty("events_after").EnumerateArray(), e => e.GetProperty("event_id").ValueEquals(ignored));
    }

    [DatabaseTheory]
    public async Task A_redacted_message_is_gone_at_once(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var room = await alice.CreateRoomAsync();
        var sent = await alice.SendTextAsync(room, "quince");
        Assert.Equal([sent], await alice.FindAsync("quince"));
        await alice.RedactAsync(room, sent);

        // Whatever the index still says, the result is not shown.
        Assert.Empty((await alice.SearchAsync("quince")).Ids());
        Assert.Empty((await alice.SearchAsync("quince", "rank")).Ids());
        Assert.Empty(await alice.FindAsync("quince"));
    }

    [DatabaseTheory]
    public async Task Naming_an_upgraded_room_searches_those_it_replaced(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var old = await alice.CreatePublicRoomAsync();
        var inOld = await alice.SendTextAsync(old, "fig");
        var replacement = (await alice.RequestAsync("POST", MatrixClient.RoomPath(old, "upgrade"), new { new_version = "12" })).Ok().Text("replacement_room");
        await bob.JoinAsync(replacement);
        var inNew = await alice.SendTextAsync(replacement, "fig");
        var filter = new Dictionary<string, object> { ["filter"] = new { rooms = new[] { replacement } } };
        Assert.Equal([inNew, inOld], await alice.FindAsync("fig", filter));
        Assert.Equal([inNew], await bob.FindAsync("fig", filter));
        Assert.Equal([inNew], await alice.FindAsync("fig", new() { ["filter"] = new { rooms = new[] { replacement }, not_rooms = new[] { old } } }));
    }

    [DatabaseTheory]
    public async Task Another_organisations_words_are_found_in_shared_rooms_only(string database)
    {
        await using var server = await TestServer.StartAsync(database, o => o with { ServerName = "a.example" });
        await server.Get<Causeway.Accounts.OrganisationStore>().AddAsync("b.example", "B");
        var (sam, kim) = (await server.RegisterAtAsync("a.example", "sam"), await server.RegisterAtAsync("b.example", "kim"));
        var (own, shared) = (await kim.CreateRoomAsync(), await kim.CreateRoomAsync(new { invite = new[] { sam.UserId } }));
        await sam.JoinAsync(shared);
        await kim.SendTextAsync(own, "kumquat");
        var sent = await kim.SendTextAsync(shared, "kumquat");
        Assert.Equal([sent], await sam.FindAsync("kumquat"));
        Assert.Empty(await sam.FindAsync("kumquat", new() { ["filter"] = new { rooms = new[] { own } } }));
    }

    [DatabaseTheory]
    public async Task A_token_of_somebody_else_or_a_made_up_one_opens_nothing(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, mallory) = (await server.RegisterAsync("alice"), await server.RegisterAsync("mallory"));
        var room = await alice.CreateRoomAsync();
        for (var i = 0; i < 12; i++)
        {
            await alice.SendTextAsync(room, "raisin");
        }

        await alice.CatchUpAsync();
        var more = new Dictionary<string, object> { ["groupings"] = new { group_by = new[] { new { key = "room_id" } } } };
        var found = await alice.SearchAsync("raisin", more: more);
        foreach (var token in new[] { found.Next()!, found.GetProperty("groups").GetProperty("room_id").GetProperty(room).GetProperty("next_batch").GetString()! })
        {
            Assert.Equal(2, (await alice.SearchAsync("raisin", from: token)).Ids().Count);
            Assert.Empty((await mallory.SearchAsync("raisin", from: token)).Ids());
        }
    }
}
