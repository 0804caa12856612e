using Causeway.TestKit;
using Xunit;

namespace Causeway.Server.Tests.Rooms;

/// <summary>Client-server API, "Discovering rooms within spaces" and "Room Summaries".</summary>
public sealed class SpaceTests
{
    [DatabaseTheory]
    public async Task A_space_is_walked_depth_first_in_the_order_of_its_children(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var root = await SpaceAsync(alice);
        var sub = await SpaceAsync(alice);
        var leaf = await alice.CreatePublicRoomAsync("leaf");
        var first = await alice.CreatePublicRoomAsync("first");
        var last = await alice.CreatePublicRoomAsync("last");
        var hidden = await alice.CreateRoomAsync(new { name = "hidden" });
        await ChildAsync(alice, root, last, new { via = new[] { "localhost" }, order = "\n bad order" });
        await ChildAsync(alice, root, sub, new { via = new[] { "localhost" }, order = "b", suggested = true });
        await ChildAsync(alice, root, first, new { via = new[] { "localhost" }, order = "a" });
        await ChildAsync(alice, root, hidden, new { via = new[] { "localhost" }, order = "c" });
        await ChildAsync(alice, root, "!gone:localhost", new { via = new[] { "localhost" } });
        await ChildAsync(alice, root, "!removed:localhost", new { });
        await ChildAsync(alice, sub, leaf, new { via = new[] { "localhost" }, suggested = true });
        await ChildAsync(alice, sub, root, new { via = new[] { "localhost" } });

        Assert.Equal([root, first, sub, leaf, last], Ids(await WalkAsync(bob, root)));
        Assert.Equal([root, first, sub, leaf, hidden, last], Ids(await WalkAsync(alice, root)));
        Assert.Equal([root, sub, leaf], Ids(await WalkAsync(bob, root, "?suggested_only=true")));
        Assert.Equal([root], Ids(await WalkAsync(bob, root, "?max_depth=0")));
        Assert.Equal([root, first, sub, last], Ids(await WalkAsync(bob, root, "?max_depth=1")));
        var children = (await WalkAsync(bob, root))["rooms"][0].GetProperty("children_state").EnumerateArray().ToList();
        Assert.Equal([first, sub, hidden, last, "!gone:localhost"], children.Select(c => c.GetProperty("state_key").GetString()));
        Assert.All(children, c => Assert.True(c.GetProperty("origin_server_ts").GetInt64() > 0));

        var page = await WalkAsync(bob, root, "?limit=2");
        Assert.Equal([root, first], Ids(page));
        page = await WalkAsync(bob, root, $"?limit=2&from={page.Text("next_batch")}");
        Assert.Equal([sub, leaf], Ids(page));
        page = await WalkAsync(bob, root, $"?limit=2&from={page.Text("next_batch")}");
        Assert.Equal([last], Ids(page));
        Assert.Null(page.Find("next_batch"));

        foreach (var query in new[] { "?limit=0", "?max_depth=-1", "?from=x", "?from=h3a1", "?suggested_only=x" })
        {
            (await bob.RequestAsync("GET", Path(root, query))).Refused(400, "M_INVALID_PARAM");
        }

        (await bob.RequestAsync("GET", Path(hidden, ""))).Refused(403, "M_FORBIDDEN");
        (await bob.RequestAsync("GET", Path("!gone:localhost", ""))).Refused(403, "M_FORBIDDEN");
    }

    [DatabaseTheory]
    public async Task A_summary_is_for_those_who_could_join(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob, nobody) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"), server.Client());
        var space = await SpaceAsync(alice);
        var open = await alice.CreateRoomAsync(new
        {
            preset = "public_chat", name = "Open", topic = "talk", room_version = "11", room_alias_name = TestServer.Unique("open"),
            initial_state = new[] { new { type = "m.room.encryption", state_key = "", content = new { algorithm = "m.megolm.v1.aes-sha2" } } },
        });
        var restricted = await WithRuleAsync(alice, new { join_rule = "restricted", allow = new[] { new { type = "m.room_membership", room_id = space } } });
        var knock = await WithRuleAsync(alice, new { join_rule = "knock" });
        var closed = await WithRuleAsync(alice, new { join_rule = "invite" });

        foreach (var path in new[] { "/v1/room_summary/{0}", "/unstable/im.nheko.summary/summary/{0}", "/unstable/im.nheko.summary/rooms/{0}/summary" })
        {
            var summary = (await bob.RequestAsync("GET", "/_matrix/client" + string.Format(null, path, Uri.EscapeDataString(open)))).Ok();
            Assert.Equal(("Open", "talk", "11", "public", "leave", "m.megolm.v1.aes-sha2"), (
                summary.Text("name"), summary.Text("topic"), summary.Text("room_version"), summary.Text("join_rule"), summary.Text("membership"), summary.Text("encryption")));
            Assert.Equal(1, summary["num_joined_members"].GetInt32());
        }

        var alias = (await alice.GetStateAsync(open, "m.room.canonical_alias")).GetProperty("alias").GetString()!;
        Assert.Equal(open, (await SummaryAsync(nobody, alias)).Ok().Text("room_id"));
        Assert.Null((await SummaryAsync(nobody, open)).Ok().Find("membership"));
        (await SummaryAsync(nobody, knock)).Ok();
        (await SummaryAsync(bob, knock)).Ok();
        (await SummaryAsync(bob, restricted)).Refused(404, "M_NOT_FOUND");
        (await SummaryAsync(bob, closed)).Refused(404, "M_NOT_FOUND");
        await bob.JoinAsync(space);
        Assert.Equal([space], (await SummaryAsync(bob, restricted)).Ok()["allowed_room_ids"].EnumerateArray().Select(r => r.GetString()));
        (await SummaryAsync(nobody, restricted)).Refused(404, "M_NOT_FOUND");
        await alice.InviteAsync(closed, bob.UserId);
        Assert.Equal("invite", (await SummaryAsync(bob, closed)).Ok().Text("membership"));
        await alice.BanAsync(open, bob.UserId);
        (await SummaryAsync(bob, open)).Refused(404, "M_NOT_FOUND");
        (await SummaryAsync(bob, "!gone:localhost")).Refused(404, "M_NOT_FOUND");
    }

    private static Task<string> SpaceAsync(MatrixClient who) =>
        who.CreateRoomAsync(new { preset = "public_chat", creation_content = new { type = "m.space" } });

    private static Task<string> WithRuleAsync(MatrixClient who, object rule) =>
        who.CreateRoomAsync(new { initial_state = new[] { new { type = "m.room.join_rules", state_key = "", content = rule } } });

    private static Task ChildAsync(MatrixClient who, string space, string room, object content) =>
        who.SetStateAsync(space, "m.space.child", content, room);

    private static async Task<MatrixAnswer> WalkAsync(MatrixClient who, string room, string query = "") =>
        (await who.RequestAsync("GET", Path(room, query))).Ok();

    private static Task<MatrixAnswer> SummaryAsync(MatrixClient who, string room) =>
        who.RequestAsync("GET", $"/_matrix/client/v1/room_summary/{Uri.EscapeDataString(room)}");

    private static string Path(string room, string query) => $"/_matrix/client/v1/rooms/{Uri.EscapeDataString(room)}/hierarchy{query}";

    private static IEnumerable<string?> Ids(MatrixAnswer answer) =>
        answer["rooms"].EnumerateArray().Select(r => r.GetProperty("room_id").GetString());
}
