using System.Diagnostics;
using System.Text.Json;
using Causeway.TestKit;
using Xunit;

namespace Causeway.Server.Tests.Syncing;

/// <summary>Client-server API, "Syncing".</summary>
public sealed class SyncTests
{
    [DatabaseTheory]
    public async Task A_waiting_sync_wakes_for_what_concerns_the_person(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreatePublicRoomAsync();
        await bob.JoinAsync(room);
        await bob.SyncAsync();
        var quiet = """{"presence":{"not_types":["*"]}}""";
        (Func<Task> Act, Func<SyncAnswer, bool> Seen)[] wakers =
        [
            (() => alice.SendTextAsync(room, "hi"), s => s.Texts(room).Contains("hi")),
            (() => alice.SetTypingAsync(room, true), s => s.EventsOf(room, "ephemeral").Count > 0),
            (async () => await alice.SendReceiptAsync(room, await alice.SendTextAsync(room, "read me")), s => s.EventsOf(room, "timeline").Count > 0),
            (() => bob.RequestAsync("PUT", $"/_matrix/client/v3/user/{bob.UserId}/account_data/x", new { a = 1 }), s => s.Body.TryGetProperty("account_data", out _)),
            (async () => await alice.CreateRoomAsync(new { invite = new[] { bob.UserId } }), s => s.Body.GetProperty("rooms").TryGetProperty("invite", out _)),
            (() => alice.KickAsync(room, bob.UserId), s => s.Left(room) is not null),
        ];
        foreach (var (act, seen) in wakers)
        {
            var since = (await bob.SyncAsync(filter: quiet)).NextBatch;
            var waiting = bob.SyncAsync(since, timeout: 20_000, filter: quiet);
            Assert.False(waiting.IsCompleted);
            var clock = Stopwatch.StartNew();
            await act();
            Assert.True(seen(await waiting));
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10));
        }
    }

    [DatabaseTheory]
    public async Task Without_news_the_answer_comes_when_the_time_is_over_and_its_token_goes_on(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var since = (await alice.SyncAsync()).NextBatch;
        var clock = Stopwatch.StartNew();
        var answer = await alice.SyncAsync(since, timeout: 300, filter: """{"presence":{"not_types":["*"]}}""");
        Assert.True(clock.ElapsedMilliseconds >= 290);
        Assert.Equal("{}", answer.Body.GetProperty("rooms").ToString());
        var room = await alice.CreateRoomAsync();
        Assert.NotNull((await alice.SyncAsync(answer.NextBatch)).Joined(room));
    }

    [DatabaseTheory]
    public async Task A_limited_timeline_holds_the_newest_and_prev_batch_leads_into_the_gap(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var room = await alice.CreateRoomAsync();
        var since = (await alice.SyncAsync()).NextBatch;
        for (var i = 0; i < 6; i++)
        {
            await alice.SendTextAsync(room, $"{i}");
        }

        const string filter = """{"room":{"timeline":{"limit":2}}}""";
        var limited = await alice.SyncAsync(since, filter: filter);
        var timeline = limited.Joined(room)!.Value.GetProperty("timeline");
        Assert.True(timeline.GetProperty("limited").GetBoolean());
        Assert.Equal(["4", "5"], limited.Texts(room));
        var gap = await alice.MessagesAsync(room, "b", timeline.GetProperty("prev_batch").GetString(), 4);
        Assert.Equal(["3", "2", "1", "0"], gap["chunk"].EnumerateArray().Select(e => e.GetProperty("content").GetProperty("body").GetString()));
        await alice.SendTextAsync(room, "6");
        Assert.False((await alice.SyncAsync(limited.NextBatch, filter: filter)).Joined(room)!.Value.GetProperty("timeline").GetProperty("limited").GetBoolean());
    }

    [DatabaseTheory]
    public async Task Full_state_brings_the_state_again(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var room = await alice.CreateRoomAsync(new { name = "Name" });
        var since = (await alice.SyncAsync()).NextBatch;
        Assert.Null((await alice.SyncAsync(since)).Joined(room));
        var full = await alice.SyncAsync(since, fullState: true);
        Assert.Empty(full.Timeline(room));
        Assert.Contains(full.EventsOf(room, "state"), e => e.GetProperty("type").ValueEquals("m.room.name"));
    }

    [DatabaseTheory]
    [InlineData("use_state_after", "state_after")]
    [InlineData("org.matrix.msc4222.use_state_after", "org.matrix.msc4222.state_after")]
    public async Task State_after_is_the_state_at_the_end_of_the_timeline(string database, string parameter, string name)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var room = await alice.CreateRoomAsync(new { name = "First" });
        var initial = (await alice.RequestAsync("GET", $"/_matrix/client/v3/sync?{parameter}=true")).Ok();
        var joined = initial["rooms"].GetProperty("join").GetProperty(room);
        Assert.False(joined.TryGetProperty("state", out _));
        Assert.Equal("First", Name(joined));
        await alice.SetStateAsync(room, "m.room.name", new { name = "Second" });
        var next = (await alice.RequestAsync("GET", $"/_matrix/client/v3/sync?{parameter}=true&since={initial.Text("next_batch")}")).Ok();
        Assert.Equal("Second", Name(next["rooms"].GetProperty("join").GetProperty(room)));

        string? Name(JsonElement part) => part.GetProperty(name).GetProperty("events").EnumerateArray()
            .Single(e => e.GetProperty("type").ValueEquals("m.room.name")).GetProperty("content").GetProperty("name").GetString();
    }

    [DatabaseTheory]
    public async Task Left_rooms_come_when_they_are_left_and_initially_only_when_asked_for(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var room = await alice.CreateRoomAsync();
        var since = (await alice.SyncAsync()).NextBatch;
        await alice.LeaveAsync(room);
        var left = await alice.SyncAsync(since);
        Assert.NotNull(left.Left(room));
        Assert.Null((await alice.SyncAsync(left.NextBatch)).Left(room));
        Assert.Null((await alice.SyncAsync()).Left(room));
        Assert.NotNull((await alice.SyncAsync(filter: """{"room":{"include_leave":true}}""")).Left(room));
    }

    [DatabaseTheory]
    public async Task A_device_learns_of_a_room_that_another_left_and_forgot(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var phone = await server.AnotherDeviceAsync(alice);
        var room = await alice.CreateRoomAsync();
        var since = (await phone.SyncAsync()).NextBatch;
        await alice.LeaveAsync(room);
        (await alice.RequestAsync("POST", MatrixClient.RoomPath(room, "forget"), new { })).Ok();
        var told = await phone.SyncAsync(since);
        Assert.NotNull(told.Left(room));
        Assert.Null((await phone.SyncAsync(told.NextBatch)).Left(room));
    }

    [DatabaseTheory]
    public async Task A_filter_works_inline_and_by_its_id_and_is_ones_own(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var (room, other) = (await alice.CreateRoomAsync(), await alice.CreateRoomAsync());
        await alice.SendTextAsync(room, "text");
        var filter = $$$$"""{"room":{"rooms":["{{{{room}}}}"],"timeline":{"types":["m.room.message"]},"state":{"not_types":["*"]}}}""";
        var path = $"/_matrix/client/v3/user/{alice.UserId}/filter";
        var id = (await alice.RequestRawAsync("POST", path, filter)).Ok().Text("filter_id");
        Assert.Equal(id, (await alice.RequestRawAsync("POST", path, filter)).Ok().Text("filter_id"));
        foreach (var asked in new[] { filter, id })
        {
            var answer = await alice.SyncAsync(filter: asked);
            Assert.Null(answer.Joined(other));
            Assert.Single(answer.Timeline(room));
            Assert.Empty(answer.EventsOf(room, "state"));
        }

        Assert.Equal(filter, (await alice.RequestAsync("GET", $"{path}/{id}")).Ok().Body.GetRawText());
        (await alice.RequestAsync("GET", $"{path}/999")).Refused(404, "M_NOT_FOUND");
        (await alice.RequestRawAsync("POST", path, """{"room":{"timeline":{"limit":"x"}}}""")).Refused(400, "M_BAD_JSON");
        (await bob.RequestAsync("GET", $"/_matrix/client/v3/sync?filter={id}")).Refused(400, "M_INVALID_PARAM");
        (await alice.RequestAsync("GET", "/_matrix/client/v3/sync?since=x12")).Refused(400, "M_INVALID_PARAM");
    }

    [DatabaseTheory]
    public async Task A_token_of_the_future_does_not_go_back_and_loses_nothing_afterwards(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var answer = await alice.SyncAsync("s9000000000_1");
        Assert.StartsWith("s9000000000_", answer.NextBatch);
    }
}
