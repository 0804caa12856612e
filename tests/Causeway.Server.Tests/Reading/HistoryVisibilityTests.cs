using System.Text.Json;
using Causeway.TestKit;
using Xunit;

namespace Causeway.Server.Tests.Reading;

/// <summary>Client-server API, "Room history visibility": who sees what was sent when.</summary>
public sealed class HistoryVisibilityTests
{
    private static readonly string[] All = ["before", "invited", "joined", "left"];

    public static object[][] Matrix =>
    [
        // visibility, what is seen while joined, after leaving, by somebody who never was in
        ["world_readable", "before invited joined", "before invited joined left", "before invited joined left"],
        ["shared", "before invited joined", "before invited joined", ""],
        ["invited", "invited joined", "invited joined", ""],
        ["joined", "joined", "joined", ""],
    ];

    [DatabaseTheory]
    [MemberData(nameof(Matrix))]
    public async Task Each_visibility_shows_exactly_what_it_says(
        string database, string visibility, string whenJoined, string whenLeft, string toStrangers)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var bob = await server.RegisterAsync("bob");
        var carol = await server.RegisterAsync("carol");
        var room = await alice.CreateRoomAsync(new
        {
            preset = "public_chat",
            initial_state = new[] { new { type = "m.room.history_visibility", state_key = "", content = new { history_visibility = visibility } } },
        });
        var sent = new Dictionary<string, string> { ["before"] = await alice.SendTextAsync(room, "before") };
        await alice.InviteAsync(room, bob.UserId);
        sent["invited"] = await alice.SendTextAsync(room, "invited");
        await AssertSeesAsync(bob, room, sent, visibility == "world_readable" ? "before invited" : "");
        await bob.JoinAsync(room);
        sent["joined"] = await alice.SendTextAsync(room, "joined");
        await AssertSeesAsync(bob, room, sent, whenJoined);
        Assert.Equal(whenJoined, string.Join(' ', (await bob.SyncAsync(filter: Wide)).Texts(room)));
        await bob.LeaveAsync(room);
        sent["left"] = await alice.SendTextAsync(room, "left");
        await AssertSeesAsync(bob, room, sent, whenLeft);
        await AssertSeesAsync(carol, room, sent, toStrangers);
        Assert.Equal(
            string.Join(' ', whenLeft.Split(' ').Where(t => t != "left")),
            string.Join(' ', (await bob.SyncAsync(filter: Wide)).Texts(room)));
    }

    [DatabaseTheory]
    public async Task A_stricter_rule_does_not_hide_what_was_sent_before_it(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreatePublicRoomAsync();
        var sent = new Dictionary<string, string> { ["before"] = await alice.SendTextAsync(room, "before") };
        await alice.SetStateAsync(room, "m.room.history_visibility", new { history_visibility = "joined" });
        sent["invited"] = await alice.SendTextAsync(room, "invited");
        await bob.JoinAsync(room);
        sent["joined"] = await alice.SendTextAsync(room, "joined");
        await AssertSeesAsync(bob, room, sent, "before joined");
    }

    [DatabaseTheory]
    public async Task Who_was_banned_and_unbanned_learns_nothing_of_what_came_after_the_ban(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreatePublicRoomAsync("old name");
        await bob.JoinAsync(room);
        await alice.BanAsync(room, bob.UserId);
        var since = (await bob.SyncAsync()).NextBatch;
        await alice.SetStateAsync(room, "m.room.name", new { name = "new name" });
        (await alice.RequestAsync("POST", MatrixClient.RoomPath(room, "unban"), new { user_id = bob.UserId })).Ok();
        Assert.DoesNotContain("new name", (await bob.SyncAsync(since)).Body.ToString());
        Assert.DoesNotContain("new name", (await bob.SyncAsync(filter: Wide)).Body.ToString());
        Assert.DoesNotContain("new name", (await bob.SyncAsync(since, filter: Wide, fullState: true)).Body.ToString());
        foreach (var path in new[] { "state", "members", "messages?dir=b&limit=50", "state/m.room.name" })
        {
            var answer = await bob.RequestAsync("GET", MatrixClient.RoomPath(room, path));
            Assert.DoesNotContain("new name", answer.Ok().Body.ToString());
        }
    }

    [DatabaseTheory]
    public async Task A_refused_invitation_opens_no_door(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreateRoomAsync(new { topic = "secret topic" });
        var sent = await alice.SendTextAsync(room, "secret");
        await alice.InviteAsync(room, bob.UserId);
        await bob.LeaveAsync(room);
        foreach (var path in new[] { "state", "members", "joined_members", "messages?dir=b", "state/m.room.topic", "aliases", $"context/{sent}" })
        {
            (await bob.RequestAsync("GET", MatrixClient.RoomPath(room, path))).Refused(403, "M_FORBIDDEN");
        }

        (await bob.RequestAsync("GET", MatrixClient.RoomPath(room, $"event/{sent}"))).Refused(404, "M_NOT_FOUND");
        Assert.DoesNotContain("secret", (await bob.SyncAsync(filter: Wide)).Body.ToString());
    }

    private const string Wide = """{"room":{"include_leave":true,"timeline":{"limit":50}}}""";

    private static async Task AssertSeesAsync(MatrixClient who, string room, Dictionary<string, string> sent, string expected)
    {
        var names = expected.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var page = await who.RequestAsync("GET", MatrixClient.RoomPath(room, "messages?dir=f&limit=100"));
        var seen = page.Status == 200
            ? page["chunk"].EnumerateArray().Where(e => e.GetProperty("type").ValueEquals("m.room.message")).Select(Body).ToList()
            : [];
        Assert.Equal(names, seen);
        foreach (var (name, id) in sent)
        {
            var (one, context) = (await who.RequestAsync("GET", MatrixClient.RoomPath(room, $"event/{id}")),
                await who.RequestAsync("GET", MatrixClient.RoomPath(room, $"context/{id}?limit=20")));
            if (!names.Contains(name))
            {
                one.Refused(404, "M_NOT_FOUND");
                Assert.Contains(context.Status, new[] { 403, 404 });
                continue;
            }

            Assert.Equal(name, Body(one.Ok().Body));
            var around = context.Ok()["events_before"].EnumerateArray().Concat(context["events_after"].EnumerateArray())
                .Where(e => e.GetProperty("type").ValueEquals("m.room.message")).Select(Body);
            Assert.Equal(names.Where(n => n != name), around.OrderBy(n => Array.IndexOf(All, n)));
        }
    }

    private static string Body(JsonElement e) => e.GetProperty("content").GetProperty("body").GetString()!;
}
