using System.Text.Json;
using Causeway.TestKit;

namespace Causeway.Push.Tests;

public sealed class NotificationTests
{
    [DatabaseTheory]
    public async Task One_is_shown_what_one_was_told_of_in_all_rooms_newest_first(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var (one, two) = (await alice.CreatePublicRoomAsync(), await TestServer.RoomOfAsync(alice, bob));
        await alice.SendTextAsync(one, "before bob came");
        await bob.JoinAsync(one);
        var first = await alice.SendTextAsync(one, "1");
        var second = await alice.SendTextAsync(two, "2");
        await bob.SendTextAsync(two, "my own");
        await alice.SendAsync(two, "m.reaction", new { });
        await alice.RedactAsync(one, await alice.SendTextAsync(one, "redacted"));
        var third = await alice.SendAsync(one, "m.room.message", Mention(bob));
        await bob.SendReceiptAsync(one, first);

        var all = await PageAsync(bob, "limit=100");

        Assert.Equal([third, second, first], Ids(all));
        Assert.False(all.TryGetProperty("next_token", out _));
        Assert.Equal([false, false, true], all.GetProperty("notifications").EnumerateArray().Select(n => n.GetProperty("read").GetBoolean()));
        var newest = all.GetProperty("notifications")[0];
        Assert.Equal("""["notify",{"set_tweak":"sound","value":"default"},{"set_tweak":"highlight"}]""", newest.GetProperty("actions").GetRawText());
        Assert.Equal((one, alice.UserId), (newest.GetProperty("room_id").GetString(), newest.GetProperty("event").GetProperty("sender").GetString()));
        Assert.False(newest.GetProperty("event").TryGetProperty("room_id", out _));
        Assert.True(newest.GetProperty("ts").GetInt64() > 1_700_000_000_000);
        Assert.Equal([third], Ids(await PageAsync(bob, "only=highlight")));
        Assert.Empty(Ids(await PageAsync(await server.RegisterAsync("other"), "")));
    }

    [DatabaseTheory]
    public async Task Pages_follow_each_other_without_a_gap(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var rooms = new[] { await TestServer.RoomOfAsync(alice, bob), await TestServer.RoomOfAsync(alice, bob) };
        var sent = new List<string>();
        for (var i = 0; i < 11; i++)
        {
            sent.Insert(0, await alice.SendTextAsync(rooms[i % 2], $"{i}"));
        }

        var seen = new List<string>();
        var from = "";
        do
        {
            var page = await PageAsync(bob, "limit=4" + from);
            seen.AddRange(Ids(page));
            Assert.InRange(Ids(page).Count, 0, 4);
            from = page.TryGetProperty("next_token", out var next) ? $"&from={next.GetString()}" : "";
        }
        while (from.Length > 0);

        Assert.Equal(sent, seen);
        (await bob.RequestAsync("GET", "/_matrix/client/v3/notifications?from=x")).Refused(400, "M_INVALID_PARAM");
        (await bob.RequestAsync("GET", "/_matrix/client/v3/notifications?limit=x")).Refused(400, "M_INVALID_PARAM");
    }

    [DatabaseTheory]
    public async Task A_room_one_left_and_people_one_ignores_are_not_shown(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob, mallory) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"), await server.RegisterAsync("mallory"));
        var (kept, left) = (await TestServer.RoomOfAsync(alice, bob, mallory), await TestServer.RoomOfAsync(alice, bob));
        await alice.SendTextAsync(left, "x");
        await mallory.SendTextAsync(kept, "y");
        var shown = await alice.SendTextAsync(kept, "z");
        await bob.LeaveAsync(left);
        (await bob.RequestAsync("PUT", $"/_matrix/client/v3/user/{bob.UserId}/account_data/m.ignored_user_list", new { ignored_users = new Dictionary<string, object> { [mallory.UserId] = new { } } })).Ok();

        Assert.Equal([shown], Ids(await PageAsync(bob, "")));
    }

    [DatabaseTheory]
    public async Task A_page_looks_at_so_many_events_and_the_next_goes_on(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await TestServer.RoomOfAsync(alice, bob);
        var wanted = await alice.SendAsync(room, "m.room.message", Mention(bob));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            for (var i = 0; i < 110; i++)
            {
                await alice.SendAsync(room, "org.example.noise", new { });
            }
        }));

        var first = await PageAsync(bob, "");
        Assert.Empty(Ids(first));
        var second = await PageAsync(bob, $"from={first.GetProperty("next_token").GetString()}");

        Assert.Equal([wanted], Ids(second));
    }

    private static Dictionary<string, object> Mention(MatrixClient of) => new()
    {
        ["msgtype"] = "m.text", ["body"] = "you", ["m.mentions"] = new { user_ids = new[] { of.UserId } },
    };

    private static async Task<JsonElement> PageAsync(MatrixClient client, string query) =>
        (await client.RequestAsync("GET", $"/_matrix/client/v3/notifications?{query}")).Ok().Body;

    private static List<string> Ids(JsonElement page) =>
        [.. page.GetProperty("notifications").EnumerateArray().Select(n => n.GetProperty("event").GetProperty("event_id").GetString()!)];
}
