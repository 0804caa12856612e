using Causeway.TestKit;
using Xunit;

namespace Causeway.Server.Tests.Rooms;

/// <summary>MSC4140, in its three request forms.</summary>
public sealed class DelayedEventTests
{
    private const string Base = "/_matrix/client/unstable/org.matrix.msc4140";

    [DatabaseTheory]
    public async Task A_delayed_message_comes_when_its_time_has_come_and_not_before(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var room = await alice.CreateRoomAsync();
        var before = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var id = (await alice.RequestAsync(
            "PUT", MatrixClient.RoomPath(room, "send/m.room.message/t1?org.matrix.msc4140.delay=1500"), new { body = "later" })).Ok().Text("delay_id");
        Assert.Equal(id, (await alice.RequestAsync(
            "PUT", MatrixClient.RoomPath(room, "send/m.room.message/t1?org.matrix.msc4140.delay=1500"), new { body = "later" })).Ok().Text("delay_id"));
        var listed = Assert.Single((await alice.RequestAsync("GET", Base + "/delayed_events")).Ok()["delayed_events"].EnumerateArray().ToList());
        Assert.Equal(id, listed.GetProperty("delay_id").GetString());
        Assert.Equal(1500, listed.GetProperty("delay").GetInt64());
        Assert.Empty((await alice.SyncAsync()).Texts(room));

        var told = await alice.SyncUntilAsync(answer => answer.Texts(room).Contains("later"));
        var e = told.Timeline(room).Single(x => x.GetProperty("type").ValueEquals("m.room.message"));
        Assert.True(e.GetProperty("origin_server_ts").GetInt64() >= before + 1500);
        Assert.Equal(id, e.GetProperty("unsigned").GetProperty("org.matrix.msc4140.delay_id").GetString());
        Assert.False(e.GetProperty("unsigned").TryGetProperty("transaction_id", out _));
        MatrixAnswer done = null!;
        await Wait.UntilAsync(
            async () => (done = (await alice.RequestAsync("GET", $"{Base}/delayed_events/{id}")).Ok()).Find("event_id") is not null,
            TimeSpan.FromSeconds(20), "its outcome, which is written after the event");
        Assert.Equal(e.GetProperty("event_id").GetString(), done.Text("event_id"));
        Assert.True(done["finalised_ts"].GetInt64() >= before + 1500);
        Assert.Empty((await alice.RequestAsync("GET", Base + "/delayed_events")).Ok()["delayed_events"].EnumerateArray());
    }

    [DatabaseTheory]
    public async Task It_is_sent_restarted_or_cancelled_by_whoever_has_its_id_and_has_one_outcome(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var room = await alice.CreateRoomAsync();
        var nobody = server.Client();
        var bob = await server.RegisterAsync("bob");

        var left = await ScheduleStateAsync("leave");
        (await nobody.RequestAsync("POST", $"{Base}/delayed_events/{left}/restart", new { })).Ok();
        (await bob.RequestAsync("POST", $"{Base}/delayed_events/{left}/send", new { })).Refused(404, "M_NOT_FOUND");
        (await bob.RequestAsync("GET", $"{Base}/delayed_events/{left}")).Refused(404, "M_NOT_FOUND");
        (await nobody.RequestAsync("POST", $"{Base}/delayed_events/{left}/send", new { })).Ok();
        (await alice.RequestAsync("POST", $"{Base}/delayed_events/{left}/send", new { })).Ok();
        Assert.Equal("leave", (await alice.GetStateAsync(room, "org.example.call", "alice")).GetProperty("what").GetString());
        (await alice.RequestAsync("POST", $"{Base}/delayed_events/{left}/cancel", new { })).Refused(409, "M_UNKNOWN");
        (await alice.RequestAsync("POST", $"{Base}/delayed_events/{left}/restart", new { })).Refused(409, "M_UNKNOWN");

        var cancelled = await ScheduleStateAsync("other");
        (await alice.RequestAsync("POST", $"{Base}/delayed_events/{cancelled}", new { action = "cancel" })).Ok();
        (await alice.RequestAsync("POST", $"{Base}/delayed_events/{cancelled}/cancel", new { })).Ok();
        (await alice.RequestAsync("POST", $"{Base}/delayed_events/{cancelled}/send", new { })).Refused(409, "M_UNKNOWN");
        Assert.Equal("leave", (await alice.GetStateAsync(room, "org.example.call", "alice")).GetProperty("what").GetString());

        (await alice.RequestAsync("POST", $"{Base}/delayed_events/none/send", new { })).Refused(404, "M_NOT_FOUND");
        (await alice.RequestAsync("POST", $"{Base}/delayed_events/{left}/explode", new { })).Refused(404, "M_UNRECOGNIZED");
        (await alice.RequestAsync("POST", $"{Base}/delayed_events/{left}", new { action = "explode" })).Refused(400, "M_INVALID_PARAM");

        async Task<string> ScheduleStateAsync(string what) => (await alice.RequestAsync(
            "PUT", MatrixClient.RoomPath(room, "state/org.example.call/alice?org.matrix.msc4140.delay=3600000"), new { what })).Ok().Text("delay_id");
    }

    [DatabaseTheory]
    public async Task What_became_due_while_the_server_was_down_is_sent_after_the_start(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var alice = await server.RegisterAsync("alice");
        var room = await alice.CreateRoomAsync();
        foreach (var (body, delay) in new[] { ("second", 60), ("first", 30), ("far", 3_600_000) })
        {
            (await alice.RequestAsync(
                "PUT", $"{Base}/rooms/{Uri.EscapeDataString(room)}/delayed_event/m.room.message/{body}",
                new { delay_ms = delay, content = new { body } })).Ok();
        }

        await server.RestartAsync();
        alice = server.Client().Become(alice);
        await Wait.UntilAsync(async () => (await alice.SyncAsync()).Texts(room).Count == 2, TimeSpan.FromSeconds(20), "both");
        Assert.Equal(["first", "second"], (await alice.SyncAsync()).Texts(room));
        Assert.Single((await alice.RequestAsync("GET", Base + "/delayed_events")).Ok()["delayed_events"].EnumerateArray());
    }

    [DatabaseTheory]
    public async Task Whether_it_may_be_sent_is_judged_when_it_is_sent(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var bob = await server.RegisterAsync("bob");
        var room = await alice.CreateRoomAsync(new { preset = "public_chat" });
        await bob.JoinAsync(room);
        var path = MatrixClient.RoomPath(room, "send/m.room.message/t?org.matrix.msc4140.delay=");
        var id = (await bob.RequestAsync("PUT", path + "200", new { body = "x" })).Ok().Text("delay_id");
        (await alice.RequestAsync("POST", MatrixClient.RoomPath(room, "kick"), new { user_id = bob.UserId })).Ok();
        MatrixAnswer? found = null;
        await Wait.UntilAsync(
            async () => (found = (await bob.RequestAsync("GET", $"{Base}/delayed_events/{id}")).Ok()).Find("finalised_ts") is not null,
            TimeSpan.FromSeconds(20), "an outcome");
        Assert.Equal("M_FORBIDDEN", found!["error"].GetProperty("errcode").GetString());
        (await bob.RequestAsync("PUT", MatrixClient.RoomPath(room, "send/m.room.message/t2?org.matrix.msc4140.delay=200"), new { body = "x" })).Refused(403, "M_FORBIDDEN");

        var late = (await alice.RequestAsync("PUT", path + "90000000", new { body = "x" })).Refused(400, "M_UNKNOWN");
        Assert.Equal("M_MAX_DELAY_EXCEEDED", late.Text("org.matrix.msc4140.errcode"));
        Assert.Equal(86_400_000, late["org.matrix.msc4140.max_delay"].GetInt64());
        (await alice.RequestAsync("PUT", path + "0", new { body = "x" })).Refused(400, "M_INVALID_PARAM");
        (await alice.RequestAsync("PUT", path + "-5", new { body = "x" })).Refused(400, "M_INVALID_PARAM");
        (await alice.RequestAsync("PUT", path + "soon", new { body = "x" })).Refused(400, "M_INVALID_PARAM");
        server.AssertNoFaults();
    }

    [DatabaseTheory]
    public async Task One_person_may_have_only_so_many(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var room = await alice.CreateRoomAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 110).Select(i => alice.RequestAsync(
            "PUT", MatrixClient.RoomPath(room, $"send/m.room.message/m{i}?org.matrix.msc4140.delay=3600000"), new { body = "x" })));
        Assert.Equal(100, answers.Count(a => a.Status == 200));
        Assert.All(answers.Where(a => a.Status != 200), a => a.Refused(429, "M_LIMIT_EXCEEDED"));
    }
}
