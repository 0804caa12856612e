using System.Text.Json;
using Causeway.TestKit;
using Xunit;

namespace Causeway.Server.Tests.Reading;

/// <summary>Client-server API, "Getting events for a room": /messages, /context, /members, /state.</summary>
public sealed class PaginationTests
{
    [DatabaseTheory]
    public async Task Pages_in_both_directions_hold_every_event_once_in_order(string database)
    {
        var (alice, room, sent) = await RoomOfAsync(database, 120);
        foreach (var limit in new[] { 1, 7, 10, 100, 1000 })
        {
            var forward = await AllAsync(alice, room, "f", limit);
            var backward = await AllAsync(alice, room, "b", limit);
            backward.Reverse();
            Assert.Equal(forward, backward);
            Assert.Equal(sent, forward.TakeLast(sent.Count));
        }
    }

    [DatabaseTheory]
    public async Task A_page_begins_at_a_sync_token_and_ends_at_another(string database)
    {
        var (alice, room, _) = await RoomOfAsync(database, 5);
        var from = (await alice.SyncAsync()).NextBatch;
        var between = new List<string> { await alice.SendTextAsync(room, "1"), await alice.SendTextAsync(room, "2") };
        var to = (await alice.SyncAsync()).NextBatch;
        await alice.SendTextAsync(room, "3");
        foreach (var direction in new[] { "f", "b" })
        {
            var (start, end) = direction == "f" ? (from, to) : (to, from);
            var page = (await alice.RequestAsync("GET", MatrixClient.RoomPath(room, $"messages?dir={direction}&from={start}&to={end}&limit=50"))).Ok();
            var ids = page["chunk"].EnumerateArray().Select(Id);
            Assert.Equal(between, direction == "f" ? ids : ids.Reverse());
            Assert.Null(page.Find("end"));
        }

        (await alice.RequestAsync("GET", MatrixClient.RoomPath(room, "messages"))).Refused(400, "M_MISSING_PARAM");
        (await alice.RequestAsync("GET", MatrixClient.RoomPath(room, "messages?dir=b&from=nonsense"))).Refused(400, "M_INVALID_PARAM");
    }

    [DatabaseTheory]
    public async Task A_filter_that_wants_little_still_finds_all_of_it(string database)
    {
        var (alice, room, _) = await RoomOfAsync(database, 10);
        var wanted = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            wanted.Add(await alice.SendAsync(room, "org.example.rare", new { i }));
            for (var j = 0; j < 30; j++)
            {
                await alice.SendTextAsync(room, "common");
            }
        }

        var filter = Uri.EscapeDataString("""{"types":["org.example.*"]}""");
        Assert.Equal(wanted, await AllAsync(alice, room, "f", 2, $"&filter={filter}"));
        var picture = await alice.SendAsync(room, "m.room.message", new { url = "mxc://localhost/a", body = "picture" });
        Assert.Equal([picture], await AllAsync(alice, room, "b", 5, "&filter=" + Uri.EscapeDataString("""{"contains_url":true}""")));
        Assert.DoesNotContain(picture, await AllAsync(alice, room, "b", 50, "&filter=" + Uri.EscapeDataString("""{"contains_url":false}""")));
        Assert.Empty(await AllAsync(alice, room, "b", 50, "&filter=" + Uri.EscapeDataString($$"""{"not_senders":["{{alice.UserId}}"]}""")));
    }

    [DatabaseTheory]
    public async Task Lazy_loading_brings_the_senders_of_the_page(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob, carol) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"), await server.RegisterAsync("carol"));
        var room = await alice.CreatePublicRoomAsync();
        await bob.JoinAsync(room);
        await carol.JoinAsync(room);
        var sent = await bob.SendTextAsync(room, "hi");
        var filter = Uri.EscapeDataString("""{"lazy_load_members":true,"types":["m.room.message"]}""");
        var page = (await alice.RequestAsync("GET", MatrixClient.RoomPath(room, $"messages?dir=b&filter={filter}"))).Ok();
        Assert.Equal([bob.UserId], page["state"].EnumerateArray().Select(e => e.GetProperty("state_key").GetString()));
        var context = (await alice.RequestAsync("GET", MatrixClient.RoomPath(room, $"context/{sent}?limit=0&filter={filter}"))).Ok();
        Assert.Equal(
            [bob.UserId],
            context["state"].EnumerateArray().Where(e => e.GetProperty("type").ValueEquals("m.room.member")).Select(e => e.GetProperty("state_key").GetString()));
    }

    [DatabaseTheory]
    public async Task Context_stands_around_its_event_and_leads_on_both_ways(string database)
    {
        var (alice, room, sent) = await RoomOfAsync(database, 30);
        var context = (await alice.RequestAsync("GET", MatrixClient.RoomPath(room, $"context/{Uri.EscapeDataString(sent[15])}?limit=6"))).Ok();
        Assert.Equal(sent[15], context["event"].GetProperty("event_id").GetString());
        Assert.Equal([sent[14], sent[13], sent[12]], context["events_before"].EnumerateArray().Select(Id));
        Assert.Equal([sent[16], sent[17], sent[18]], context["events_after"].EnumerateArray().Select(Id));
        var earlier = await alice.MessagesAsync(room, "b", context.Text("start"), 2);
        Assert.Equal([sent[11], sent[10]], earlier["chunk"].EnumerateArray().Select(Id));
        var later = await alice.MessagesAsync(room, "f", context.Text("end"), 2);
        Assert.Equal([sent[19], sent[20]], later["chunk"].EnumerateArray().Select(Id));
    }

    [DatabaseTheory]
    public async Task Who_left_reads_state_and_members_as_they_were_then(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreatePublicRoomAsync("Then");
        await bob.JoinAsync(room);
        var at = (await bob.SyncAsync()).NextBatch;
        await bob.LeaveAsync(room);
        await alice.SetStateAsync(room, "m.room.name", new { name = "Now" });
        await (await server.RegisterAsync("carol")).JoinAsync(room);
        Assert.Equal("Then", (await bob.GetStateAsync(room, "m.room.name")).GetProperty("name").GetString());
        Assert.DoesNotContain("Now", (await bob.RequestAsync("GET", MatrixClient.RoomPath(room, "state"))).Ok().Body.ToString());
        Assert.Equal(2, (await bob.RequestAsync("GET", MatrixClient.RoomPath(room, "members"))).Ok()["chunk"].GetArrayLength());
        (await bob.RequestAsync("GET", MatrixClient.RoomPath(room, "joined_members"))).Refused(403, "M_FORBIDDEN");
        var then = (await alice.RequestAsync("GET", MatrixClient.RoomPath(room, $"members?at={at}&membership=join"))).Ok()["chunk"];
        Assert.Equal(new[] { alice.UserId, bob.UserId }.Order(), then.EnumerateArray().Select(e => e.GetProperty("state_key").GetString()).Order());
    }

    private static string Id(JsonElement e) => e.GetProperty("event_id").GetString()!;

    private static async Task<(MatrixClient Alice, string Room, List<string> Sent)> RoomOfAsync(string database, int messages)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var room = await alice.CreateRoomAsync();
        var sent = new List<string>();
        for (var i = 0; i < messages; i++)
        {
            sent.Add(await alice.SendTextAsync(room, $"message {i}"));
        }

        return (alice, room, sent);
    }

    private static async Task<List<string>> AllAsync(MatrixClient who, string room, string direction, int limit, string more = "")
    {
        var found = new List<string>();
        for (string? from = ""; from is not null;)
        {
            var page = (await who.RequestAsync("GET", MatrixClient.RoomPath(room, $"messages?dir={direction}&limit={limit}{more}{from}"))).Ok();
            var ids = page["chunk"].EnumerateArray().Select(Id).ToList();
            Assert.InRange(ids.Count, 0, limit);
            found.AddRange(ids);
            from = page.Find("end") is { } end ? $"&from={end.GetString()}" : null;
        }

        return found;
    }
}
