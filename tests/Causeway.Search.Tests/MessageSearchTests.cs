using System.Text.Json;
using Causeway.TestKit;

namespace Causeway.Search.Tests;

/// <summary>Client-server API, "Server Side Search": what is found, in which order, and what stands around it.</summary>
public sealed class MessageSearchTests
{
    [DatabaseTheory]
    public async Task A_message_is_found_within_a_second_of_being_sent(string database)
    {
        var alice = await (await TestServer.SharedAsync(database)).RegisterAsync("alice");
        var room = await alice.CreateRoomAsync();
        await alice.CatchUpAsync();
        var sent = await alice.SendTextAsync(room, "The quick brown fox");
        var begun = TimeProvider.System.GetTimestamp();
        await Wait.UntilAsync(async () => (await alice.SearchAsync("fox")).Ids().Contains(sent), TimeSpan.FromSeconds(10), "the fox");
        Assert.True(TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(2), $"{TimeProvider.System.GetElapsedTime(begun)}");
    }

    [DatabaseTheory]
    public async Task Words_phrases_and_signs_find_what_has_them(string database)
    {
        var alice = await (await TestServer.SharedAsync(database)).RegisterAsync("alice");
        var room = await alice.CreateRoomAsync();
        var fox = await alice.SendTextAsync(room, "The quick brown fox jumps");
        var dog = await alice.SendTextAsync(room, "The lazy dog, the quick dog: brown!");
        var tokyo = await alice.SendTextAsync(room, "明日は東京都に行きます");
        var korea = await alice.SendTextAsync(room, "회의는 내일입니다");
        var german = await alice.SendTextAsync(room, "Grüße aus Düsseldorf");
        Assert.Equal([dog, fox], await alice.FindAsync("quick BROWN"));
        Assert.Equal([fox], await alice.FindAsync("\"quick brown\""));
        Assert.Equal([dog, fox], await alice.FindAsync("brow"));
        Assert.Empty(await alice.FindAsync("brow "));
        Assert.Empty(await alice.FindAsync("quick cat"));
        Assert.Equal([tokyo], await alice.FindAsync("東京"));
        Assert.Equal([tokyo], await alice.FindAsync("東京都"));
        Assert.Equal([tokyo], await alice.FindAsync("都"));
        Assert.Empty(await alice.FindAsync("東都"));
        Assert.Equal([korea], await alice.FindAsync("내일"));
        Assert.Equal([german], await alice.FindAsync("grusse dusseldorf"));
        var found = await alice.SearchAsync("\"GRUSSE aus\" dussel");
        Assert.Equal(["düsseldorf", "grüße aus"], found.GetProperty("highlights").Strings().Order(StringComparer.Ordinal));
    }

    [DatabaseTheory]
    public async Task Names_and_topics_are_found_by_their_keys(string database)
    {
        var alice = await (await TestServer.SharedAsync(database)).RegisterAsync("alice");
        var room = await alice.CreateRoomAsync(new { name = "Gardening club", topic = "All about gardening" });
        var said = await alice.SendTextAsync(room, "gardening is fun");
        var newer = await alice.SetStateAsync(room, "m.room.topic", new Dictionary<string, object>
        {
            ["topic"] = "Roses", ["m.topic"] = new Dictionary<string, object> { ["m.text"] = new object[] { new { mimetype = "text/html", body = "<b>tulips</b>" }, new { body = "Roses and lilies" } } },
        });
        Assert.Equal(3, (await alice.FindAsync("gardening")).Count);
        Assert.Equal([said], await alice.FindAsync("gardening", new() { ["keys"] = new[] { "content.body" } }));
        Assert.Equal(2, (await alice.FindAsync("gardening", new() { ["keys"] = new[] { "content.name", "content.topic" } })).Count);
        Assert.Single(await alice.FindAsync("gardening", new() { ["keys"] = new[] { "content.name" } }));
        Assert.Equal([newer], await alice.FindAsync("lilies"));
        Assert.Empty(await alice.FindAsync("tulips"));
    }

    [DatabaseTheory]
    public async Task The_filter_narrows_the_search(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var (one, two) = (await alice.CreatePublicRoomAsync(), await alice.CreatePublicRoomAsync());
        await bob.JoinAsync(one);
        var (a1, a2, b1) = (await alice.SendTextAsync(one, "tea"), await alice.SendTextAsync(two, "tea"), await bob.SendTextAsync(one, "tea"));
        async Task<List<string>> Find(object filter) => await alice.FindAsync("tea", new() { ["filter"] = filter });
        Assert.Equal([b1, a2, a1], await Find(new { }));
        Assert.Equal([b1, a1], await Find(new { rooms = new[] { one } }));
        Assert.Equal([a2], await Find(new { not_rooms = new[] { one } }));
        Assert.Empty(await Find(new { rooms = new[] { one }, not_rooms = new[] { one } }));
        Assert.Empty(await Find(new { rooms = Array.Empty<string>() }));
        Assert.Equal([b1], await Find(new { senders = new[] { bob.UserId } }));
        Assert.Equal([a2, a1], await Find(new { not_senders = new[] { bob.UserId } }));
        Assert.Equal([b1, a2, a1], await Find(new { types = new[] { "m.room.*" } }));
        Assert.Empty(await Find(new { not_types = new[] { "m.*" } }));
        Assert.Empty((await alice.SearchAsync("tea", more: new() { ["filter"] = new { contains_url = true } })).Ids());
    }

    [DatabaseTheory]
    public async Task Pages_neither_repeat_nor_miss_while_others_write(string database)
    {
        var alice = await (await TestServer.SharedAsync(database)).RegisterAsync("alice");
        var room = await alice.CreateRoomAsync();
        var sent = new List<string>();
        for (var i = 0; i < 25; i++)
        {
            sent.Add(await alice.SendTextAsync(room, string.Concat(Enumerable.Repeat("apple ", 1 + (i % 7))) + i));
        }

        await alice.CatchUpAsync();
        foreach (var order in new[] { "recent", "rank" })
        {
            var all = new List<string>();
            var page = await alice.SearchAsync("apple", order, more: new() { ["filter"] = new { limit = 4 } });
            while (true)
            {
                Assert.Equal(25, page.Count());
                all.AddRange(page.Ids());
                if (page.Next() is not { } next)
                {
                    break;
                }

                Assert.Equal(4, page.Ids().Count);
                if (order == "recent")
                {
                    await alice.SendTextAsync(room, "apple, and later on");
                    await alice.CatchUpAsync();
                }

                page = await alice.SearchAsync("apple", order, next, new() { ["filter"] = new { limit = 4 } });
            }

            Assert.Equal(25, all.Count);
            Assert.Equal(sent.Order(), all.Order());
            if (order == "recent")
            {
                Assert.Equal(Enumerable.Reverse(sent), all);
                foreach (var id in (await alice.FindAsync("later")))
                {
                    await alice.RedactAsync(room, id);
                }

                await alice.CatchUpAsync();
            }
        }
    }

    [DatabaseTheory]
    public async Task The_best_match_comes_first_by_rank_and_that_is_the_default(string database)
    {
        var alice = await (await TestServer.SharedAsync(database)).RegisterAsync("alice");
        var room = await alice.CreateRoomAsync();
        var best = await alice.SendTextAsync(room, "budget meeting");
        var good = await alice.SendTextAsync(room, "there is a meeting soon about the budget of the whole department");
        await alice.CatchUpAsync();
        var answer = (await alice.RequestAsync("POST", Searching.Path, new { search_categories = new { room_events = new { search_term = "budget meeting" } } })).Ok();
        var found = answer["search_categories"].GetProperty("room_events");
        Assert.Equal([best, good], found.Ids());
        var ranks = found.GetProperty("results").EnumerateArray().Select(r => r.GetProperty("rank").GetDouble()).ToList();
        Assert.True(ranks[0] > ranks[1] && ranks[1] > 0);
    }

    [DatabaseTheory]
    public async Task Context_profiles_state_and_groups_come_when_asked_for(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreatePublicRoomAsync("The room");
        await bob.JoinAsync(room);
        var before = new List<string> { await alice.SendTextAsync(room, "one"), await alice.SendTextAsync(room, "two") };
        var hit = await bob.SendTextAsync(room, "needle");
        var after = await alice.SendTextAsync(room, "three");
        await alice.CatchUpAsync();
        var found = await alice.SearchAsync("needle", more: new()
        {
            ["event_context"] = new { before_limit = 2, after_limit = 2, include_profile = true },
            ["include_state"] = true,
            ["groupings"] = new { group_by = new[] { new { key = "room_id" }, new { key = "sender" } } },
        });
        var result = Assert.Single(found.GetProperty("results").EnumerateArray());
        Assert.Equal(room, result.GetProperty("result").GetProperty("room_id").GetString());
        var context = result.GetProperty("context");
        Assert.Equal(before, Events(context.GetProperty("events_before")));
        Assert.Equal([after], Events(context.GetProperty("events_after")));
        Assert.Equal(
            new[] { alice.UserId, bob.UserId }.Order(StringComparer.Ordinal),
            context.GetProperty("profile_info").EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        Assert.StartsWith("bob", context.GetProperty("profile_info").GetProperty(bob.UserId).GetProperty("displayname").GetString());
        var older = await alice.MessagesAsync(room, "b", context.GetProperty("start").GetString(), 100);
        Assert.DoesNotContain(before[0], Events(older["chunk"]));
        var newer = await alice.MessagesAsync(room, "f", context.GetProperty("end").GetString(), 100);
        Assert.Empty(Events(newer["chunk"]));
        Assert.Contains(found.GetProperty("state").GetProperty(room).EnumerateArray(), e => e.GetProperty("type").ValueEquals("m.room.name"));
        var groups = found.GetProperty("groups");
        Assert.Equal([hit], groups.GetProperty("room_id").GetProperty(room).GetProperty("results").Strings());
        Assert.Equal([hit], groups.GetProperty("sender").GetProperty(bob.UserId).GetProperty("results").Strings());
    }

    [DatabaseTheory]
    public async Task A_groups_token_goes_on_within_the_group(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var (one, two) = (await alice.CreatePublicRoomAsync(), await alice.CreatePublicRoomAsync());
        await bob.JoinAsync(one);
        var inOne = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            inOne.Insert(0, await alice.SendTextAsync(one, "plum"));
            inOne.Insert(0, await bob.SendTextAsync(one, "plum"));
            await alice.SendTextAsync(two, "plum");
        }

        await alice.CatchUpAsync();
        var more = new Dictionary<string, object>
        {
            ["filter"] = new { limit = 3 }, ["groupings"] = new { group_by = new[] { new { key = "room_id" }, new { key = "sender" } } },
        };
        var groups = (await alice.SearchAsync("plum", more: more)).GetProperty("groups");
        var byRoom = await alice.SearchAsync("plum", from: groups.GetProperty("room_id").GetProperty(one).GetProperty("next_batch").GetString(), more: more);
        Assert.Equal(inOne[2..5], byRoom.Ids());
        var bySender = await alice.SearchAsync("plum", from: groups.GetProperty("sender").GetProperty(bob.UserId).GetProperty("next_batch").GetString(), more: more);
        Assert.Equal([inOne[2], inOne[4]], bySender.Ids());
        Assert.Null(bySender.Next());
    }

    [DatabaseTheory]
    public async Task An_edited_message_is_found_by_its_new_text_only(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreatePublicRoomAsync();
        await bob.JoinAsync(room);
        var sent = await alice.SendTextAsync(room, "walnut");
        var first = await EditAsync(alice, room, sent, "hazelnut");
        var second = await EditAsync(alice, room, sent, "chestnut");
        await EditAsync(bob, room, sent, "coconut");
        Assert.Empty(await alice.FindAsync("walnut"));
        Assert.Empty(await alice.FindAsync("hazelnut"));
        Assert.Empty(await alice.FindAsync("coconut"));
        Assert.Equal([sent], await alice.FindAsync("chestnut"));
        var shown = (await alice.SearchAsync("chestnut")).GetProperty("results")[0].GetProperty("result");
        Assert.Equal(second, shown.GetProperty("unsigned").GetProperty("m.relations").GetProperty("m.replace").GetProperty("event_id").GetString());

        await alice.RedactAsync(room, second);
        Assert.Empty(await alice.FindAsync("chestnut"));
        Assert.Equal([sent], await alice.FindAsync("hazelnut"));
        await alice.RedactAsync(room, first);
        Assert.Equal([sent], await alice.FindAsync("walnut"));
        await EditAsync(alice, room, sent, "peanut");
        await alice.RedactAsync(room, sent);
        Assert.Empty(await alice.FindAsync("peanut"));
        Assert.Empty(await alice.FindAsync("walnut"));
    }

    [DatabaseTheory]
    public async Task Encrypted_events_are_not_in_the_index(string database)
    {
        var alice = await (await TestServer.SharedAsync(database)).RegisterAsync("alice");
        var room = await alice.CreateRoomAsync();
        await alice.SendAsync(room, "m.room.encrypted", new { algorithm = "m.megolm.v1.aes-sha2", ciphertext = "secretword", body = "secretword" });
        await alice.SendAsync(room, "org.example.other", new { body = "secretword" });
        Assert.Empty(await alice.FindAsync("secretword"));
    }

    internal static Task<string> EditAsync(MatrixClient who, string room, string target, string text) => who.SendAsync(room, "m.room.message", new Dictionary<string, object>
    {
        ["msgtype"] = "m.text", ["body"] = "* " + text, ["m.new_content"] = new { msgtype = "m.text", body = text },
        ["m.relates_to"] = new { rel_type = "m.replace", event_id = target },
    });

    private static List<string> Events(JsonElement events) => [.. events.EnumerateArray().Select(e => e.GetProperty("event_id").GetString()!)];
}
