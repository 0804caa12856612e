using System.Text.Json;
using Causeway.Storage;
using Causeway.TestKit;
using Xunit;

namespace Causeway.Server.Tests.Faults;

/// <summary>
/// The Nth storage call fails, for every N of a short scenario: what was acknowledged is there once and in order, a
/// transaction tried again gives one event, and the server goes on working.
/// </summary>
public sealed class StorageFaultTests
{
    private const int Bound = 70;

    [DatabaseTheory]
    public async Task Whatever_storage_call_fails_nothing_acknowledged_is_lost_doubled_or_reordered(string database)
    {
        var faults = new StorageFaults();
        await using var server = await TestServer.StartAsync(database, faults: faults);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreatePublicRoomAsync();
        await bob.JoinAsync(room);
        var since = (await bob.SyncAsync()).NextBatch;
        var acknowledged = new List<string>();
        var seen = new List<string>();
        for (var n = 1; n <= Bound; n++)
        {
            faults.FailAfter(n);
            var message = MatrixClient.RoomPath(room, $"send/m.room.message/t{n}");
            var id = await UntilDoneAsync(alice, "PUT", message, new { msgtype = "m.text", body = $"message {n}" });
            Assert.Equal(id, (await UntilDoneAsync(alice, "PUT", message, new { msgtype = "m.text", body = "again" })));
            acknowledged.Add(id!);
            await Task.WhenAll(
                UntilDoneAsync(alice, "PUT", MatrixClient.RoomPath(room, "state/m.room.topic"), new { topic = $"topic {n}" }),
                UntilDoneAsync(bob, "PUT", $"/_matrix/client/v3/user/{bob.UserId}/account_data/org.example", new { n }),
                UntilDoneAsync(bob, "POST", MatrixClient.RoomPath(room, $"receipt/m.read/{Uri.EscapeDataString(id!)}"), new { }));
            (since, var events) = await FollowAsync(bob, room, since);
            seen.AddRange(events);
        }

        faults.FailAfter(long.MaxValue / 2);
        (_, var last) = await FollowAsync(bob, room, since);
        seen.AddRange(last);
        Assert.Equal(acknowledged, seen);
        await AssertStoredAsync(alice, room, acknowledged);
        Assert.Equal($"topic {Bound}", (await alice.GetStateAsync(room, "m.room.topic")).GetProperty("topic").GetString());
        Assert.Equal(Bound, (await bob.RequestAsync("GET", $"/_matrix/client/v3/user/{bob.UserId}/account_data/org.example"))["n"].GetInt32());

        await server.RestartAsync();
        await AssertStoredAsync(server.Client().Become(alice), room, acknowledged);
    }

    [DatabaseTheory]
    public async Task Whatever_storage_call_fails_a_room_is_made_whole_or_not_at_all(string database)
    {
        var faults = new StorageFaults();
        await using var server = await TestServer.StartAsync(database, faults: faults);
        var alice = await server.RegisterAsync("alice");
        var made = new HashSet<string>();
        for (var n = 1; n <= 30; n++)
        {
            faults.FailAfter(n);
            var answer = await alice.RequestAsync("POST", "/_matrix/client/v3/createRoom", new { room_alias_name = $"room{n}", visibility = "public", name = $"Room {n}" });
            if (answer.Status == 200)
            {
                made.Add(answer.Text("room_id"));
            }
            else
            {
                answer.Refused(503, "M_UNKNOWN");
            }
        }

        faults.FailAfter(long.MaxValue / 2);
        for (var n = 1; n <= 30; n++)
        {
            var alias = await alice.RequestAsync("GET", "/_matrix/client/v3/directory/room/" + Uri.EscapeDataString($"#room{n}:localhost"));
            if (alias.Status == 200)
            {
                var name = await alice.GetStateAsync(alias.Text("room_id"), "m.room.name");
                Assert.Equal($"Room {n}", name.GetProperty("name").GetString());
                made.Remove(alias.Text("room_id"));
            }
            else
            {
                alias.Refused(404, "M_NOT_FOUND");
            }
        }

        Assert.Empty(made);
    }

    /// <summary>Tries again while the server says that it cannot store, as clients do; the event id, if the answer has one.</summary>
    private static async Task<string?> UntilDoneAsync(MatrixClient who, string method, string path, object body)
    {
        for (var attempt = 0; ; attempt++)
        {
            var answer = await who.RequestAsync(method, path, body);
            if (answer.Status != 503 || attempt == 5)
            {
                return answer.Ok().Find("event_id")?.GetString();
            }

            answer.Refused(503, "M_UNKNOWN");
        }
    }

    private static async Task<(string Since, List<string> Messages)> FollowAsync(MatrixClient who, string room, string since)
    {
        for (var attempt = 0; ; attempt++)
        {
            var answer = await who.RequestAsync("GET", $"/_matrix/client/v3/sync?since={since}");
            if (answer.Status != 503 || attempt == 5)
            {
                return (answer.Ok().Text("next_batch"), Messages(new SyncAnswer(answer).Timeline(room)));
            }
        }
    }

    private static async Task AssertStoredAsync(MatrixClient who, string room, List<string> acknowledged)
    {
        var page = await who.MessagesAsync(room, "f", limit: 1000);
        Assert.Equal(acknowledged, Messages([.. page["chunk"].EnumerateArray()]));
    }

    private static List<string> Messages(IEnumerable<JsonElement> events) =>
        [.. events.Where(e => e.GetProperty("type").ValueEquals("m.room.message")).Select(e => e.GetProperty("event_id").GetString()!)];
}
