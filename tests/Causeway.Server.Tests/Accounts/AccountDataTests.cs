using Causeway.TestKit;
using Xunit;

namespace Causeway.Server.Tests.Accounts;

/// <summary>Client-server API, "Client config", "Room tagging", "Typing notifications", "Presence".</summary>
public sealed class AccountDataTests
{
    [DatabaseTheory]
    public async Task Account_data_is_kept_shown_in_sync_and_ones_own(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreateRoomAsync();
        var user = $"/_matrix/client/v3/user/{alice.UserId}/";
        foreach (var path in new[] { user + "account_data/org.example", user + $"rooms/{Uri.EscapeDataString(room)}/account_data/org.example" })
        {
            (await alice.RequestAsync("GET", path)).Refused(404, "M_NOT_FOUND");
            (await alice.RequestRawAsync("PUT", path, """{"deep":{"float":1.5}}""")).Ok();
            Assert.Equal("""{"deep":{"float":1.5}}""", (await alice.RequestAsync("GET", path)).Ok().Body.GetRawText());
            (await bob.RequestAsync("GET", path)).Refused(403, "M_FORBIDDEN");
            (await bob.RequestAsync("PUT", path, new { })).Refused(403, "M_FORBIDDEN");
        }

        foreach (var type in new[] { "m.fully_read", "m.push_rules" })
        {
            (await alice.RequestAsync("PUT", user + "account_data/" + type, new { })).Refused(405, "M_BAD_JSON");
        }

        Assert.DoesNotContain("causeway", (await alice.SyncAsync()).Body.ToString());
    }

    [DatabaseTheory]
    public async Task Tags_are_added_changed_and_removed_one_by_one(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var room = await alice.CreateRoomAsync();
        var tags = $"/_matrix/client/v3/user/{alice.UserId}/rooms/{Uri.EscapeDataString(room)}/tags";
        Assert.Equal("""{"tags":{}}""", (await alice.RequestAsync("GET", tags)).Ok().Body.GetRawText());
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async i => (await alice.RequestAsync("PUT", $"{tags}/u.tag{i}", new { order = 0.25 })).Ok()));
        Assert.Equal(8, (await alice.RequestAsync("GET", tags)).Ok()["tags"].EnumerateObject().Count());
        (await alice.RequestAsync("DELETE", $"{tags}/u.tag3")).Ok();
        Assert.Equal(7, (await alice.SyncAsync()).EventsOf(room, "account_data").Single().GetProperty("content").GetProperty("tags").EnumerateObject().Count());
        (await alice.RequestRawAsync("PUT", $"{tags}/u.x", """{"order":"x"}""")).Refused(400, "M_BAD_JSON");
    }

    [DatabaseTheory]
    public async Task Typing_is_seen_by_the_room_and_ends(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob, carol) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"), await server.RegisterAsync("carol"));
        var room = await alice.CreatePublicRoomAsync();
        await bob.JoinAsync(room);
        var since = (await bob.SyncAsync()).NextBatch;
        await alice.SetTypingAsync(room, true);
        var typing = await bob.SyncAsync(since);
        Assert.Equal([alice.UserId], Typing(typing));
        await alice.SetTypingAsync(room, false);
        Assert.Equal([], Typing(await bob.SyncAsync(typing.NextBatch)));
        (await carol.RequestAsync("PUT", MatrixClient.RoomPath(room, $"typing/{carol.UserId}"), new { typing = true })).Refused(403, "M_FORBIDDEN");
        (await bob.RequestAsync("PUT", MatrixClient.RoomPath(room, $"typing/{alice.UserId}"), new { typing = true })).Refused(403, "M_FORBIDDEN");
        await alice.SetTypingAsync(room, true, 1000);
        await bob.SyncUntilAsync(s => s.EventsOf(room, "ephemeral").Any(e => e.GetProperty("type").ValueEquals("m.typing") && Typing(s).Count == 0), typing.NextBatch);

        List<string?> Typing(SyncAnswer s) => [.. s.EventsOf(room, "ephemeral").Single(e => e.GetProperty("type").ValueEquals("m.typing"))
            .GetProperty("content").GetProperty("user_ids").EnumerateArray().Select(u => u.GetString())];
    }

    [DatabaseTheory]
    public async Task Presence_is_for_those_who_share_a_room(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob, carol) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"), await server.RegisterAsync("carol"));
        var room = await alice.CreatePublicRoomAsync();
        await bob.JoinAsync(room);
        var path = $"/_matrix/client/v3/presence/{alice.UserId}/status";
        (await alice.RequestAsync("PUT", path, new { presence = "unavailable", status_msg = "at lunch" })).Ok();
        Assert.Equal("at lunch", (await bob.RequestAsync("GET", path)).Ok().Text("status_msg"));
        (await carol.RequestAsync("GET", path)).Refused(403, "M_FORBIDDEN");
        (await bob.RequestAsync("PUT", path, new { presence = "online" })).Refused(403, "M_FORBIDDEN");
        (await alice.RequestAsync("PUT", path, new { presence = "asleep" })).Refused(400, "M_INVALID_PARAM");
        var seen = (await bob.SyncAsync()).Body.GetProperty("presence").ToString();
        Assert.Contains("at lunch", seen);
        Assert.DoesNotContain(carol.UserId, seen);
    }
}
