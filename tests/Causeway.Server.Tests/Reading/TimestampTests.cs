using Causeway.TestKit;
using Xunit;

namespace Causeway.Server.Tests.Reading;

/// <summary>GET /_matrix/client/v1/rooms/{roomId}/timestamp_to_event.</summary>
public sealed class TimestampTests
{
    [DatabaseTheory]
    public async Task The_event_nearest_to_a_time_is_found_in_both_directions(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, mallory) = (await server.RegisterAsync("alice"), await server.RegisterAsync("mallory"));
        var (room, other) = (await alice.CreateRoomAsync(), await alice.CreateRoomAsync());
        for (var i = 0; i < 6; i++)
        {
            await alice.SendTextAsync(room, $"{i}");
            await alice.SendTextAsync(other, $"{i}");
        }

        var events = (await alice.MessagesAsync(room, "f"))["chunk"].EnumerateArray()
            .Select(e => (Id: e.GetProperty("event_id").GetString(), Ts: e.GetProperty("origin_server_ts").GetInt64())).ToList();
        foreach (var time in events.Select(e => e.Ts).Distinct())
        {
            Assert.Equal(events.First(e => e.Ts >= time), await FindAsync(alice, room, time, "f"));
            Assert.Equal(events.Last(e => e.Ts <= time), await FindAsync(alice, room, time, "b"));
            if (time < events[^1].Ts)
            {
                Assert.Equal(events.First(e => e.Ts > time), await FindAsync(alice, room, time + 1, "f"));
            }
        }

        Assert.Equal(events[0], await FindAsync(alice, room, 0, "f"));
        Assert.Equal(events[^1], await FindAsync(alice, room, events[^1].Ts + 1_000_000, "b"));
        (await AskAsync(alice, room, events[^1].Ts + 1_000_000, "f")).Refused(404, "M_NOT_FOUND");
        (await AskAsync(alice, room, 0, "b")).Refused(404, "M_NOT_FOUND");
        (await AskAsync(alice, room, 0, "x")).Refused(400, "M_INVALID_PARAM");
        (await AskAsync(mallory, room, 0, "f")).Refused(403, "M_FORBIDDEN");
    }

    [DatabaseTheory]
    public async Task What_one_may_not_see_is_passed_over(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreateRoomAsync(new
        {
            preset = "public_chat",
            initial_state = new[] { new { type = "m.room.history_visibility", state_key = "", content = new { history_visibility = "joined" } } },
        });
        var before = await alice.SendTextAsync(room, "before");
        var time = (await alice.RequestAsync("GET", MatrixClient.RoomPath(room, $"event/{before}"))).Ok()["origin_server_ts"].GetInt64();
        await bob.JoinAsync(room);
        foreach (var direction in new[] { "f", "b" })
        {
            var found = (await FindAsync(bob, room, time, direction)).Id;
            Assert.NotEqual(before, found);
            (await bob.RequestAsync("GET", MatrixClient.RoomPath(room, $"event/{found}"))).Ok();
        }
    }

    private static async Task<(string? Id, long Ts)> FindAsync(MatrixClient who, string room, long time, string direction)
    {
        var answer = (await AskAsync(who, room, time, direction)).Ok();
        return (answer.Text("event_id"), answer["origin_server_ts"].GetInt64());
    }

    private static Task<MatrixAnswer> AskAsync(MatrixClient who, string room, long time, string direction) =>
        who.RequestAsync("GET", $"/_matrix/client/v1/rooms/{Uri.EscapeDataString(room)}/timestamp_to_event?ts={time}&dir={direction}");
}
