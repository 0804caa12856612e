using Causeway.TestKit;
using Xunit;

namespace Causeway.Server.Tests.Syncing.Sliding;

/// <summary>
/// What Element X asks, as matrix-rust-sdk builds it: the connection "room-list" with one list that grows, the connection
/// "encryption" with messages to the device and keys only.
/// </summary>
public sealed class ElementXTests
{
    private const string State = """
        [["m.room.name",""],["m.room.encryption",""],["m.room.member","$LAZY"],["m.room.member","$ME"],["m.room.topic",""],["m.room.avatar",""],
        ["m.room.canonical_alias",""],["m.room.power_levels",""],["org.matrix.msc3401.call.member","*"],["m.room.join_rules",""],["m.room.tombstone",""],
        ["m.room.create",""],["m.room.history_visibility",""],["io.element.functional_members",""],["m.space.parent","*"],["m.space.child","*"],
        ["org.matrix.msc3672.beacon_info","*"]]
        """;

    private const string Extensions = """{"account_data":{"enabled":true},"receipts":{"enabled":true,"rooms":["*"]},"typing":{"enabled":true},"io.element.msc4308.thread_subscriptions":{"enabled":true,"limit":10},"profiles":{"enabled":true}}""";

    private const string Encryption = "\"e2ee\":{\"enabled\":true}";

    [DatabaseTheory]
    public async Task The_room_list_grows_to_all_rooms_and_follows_them(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var rooms = new List<string>();
        for (var i = 0; i < 45; i++)
        {
            rooms.Add(await bob.CreateRoomAsync(new { name = $"Room {i}", preset = "public_chat" }));
            await alice.JoinAsync(rooms[i]);
        }

        var read = await bob.SendTextAsync(rooms[44], "hello");
        await alice.SendReceiptAsync(rooms[44], read);
        Assert.True((await alice.RequestAsync("GET", "/_matrix/client/versions"))["unstable_features"].GetProperty("org.matrix.simplified_msc3575").GetBoolean());

        var first = await alice.SlideAsync(RoomList(19));
        Assert.Equal(45, first.Count("all_rooms"));
        Assert.Equal(rooms.AsEnumerable().Reverse().Take(20), first.Rooms);
        Assert.Equal(["hello"], first.Texts(rooms[44]));
        Assert.Contains($"m.room.member|{bob.UserId}", first.State(rooms[44]));
        Assert.Contains($"m.room.member|{alice.UserId}", first.State(rooms[44]));
        Assert.Contains("m.room.create|", first.State(rooms[44]));
        Assert.Contains(first.Extension("account_data").GetProperty("global").EnumerateArray(), a => a.GetProperty("type").ValueEquals("m.push_rules"));
        Assert.True(first.Extension("receipts").GetProperty("rooms").GetProperty(rooms[44]).GetProperty("content").GetProperty(read).GetProperty("m.read").TryGetProperty(alice.UserId, out _));
        Assert.Equal(["account_data", "receipts"], first.Answer["extensions"].EnumerateObject().Select(e => e.Name));

        var second = await alice.SlideAsync(RoomList(99), first.Pos);
        Assert.Equal(rooms.AsEnumerable().Reverse().Skip(20), second.Rooms);
        Assert.Empty((await alice.SlideAsync(RoomList(99), second.Pos)).Rooms);

        // The open room: a subscription beside the list, with a history and one more kind of state.
        var open = RoomList(99, $$$$"""{"{{{{rooms[3]}}}}":{"timeline_limit":20,"required_state":{{{{State[..State.LastIndexOf(']')]}}}},["m.room.pinned_events",""]]}}""");
        await bob.SetStateAsync(rooms[3], "m.room.pinned_events", new { pinned = Array.Empty<string>() });
        var opened = await alice.SlideAsync(open, second.Pos);
        Assert.Equal([rooms[3]], opened.Rooms);
        Assert.Contains("m.room.pinned_events|", opened.State(rooms[3]));
        Assert.True(opened.Events(rooms[3], "timeline").Count > 5);
        var waiting = alice.SlideAsync(open, opened.Pos, 30_000);
        await bob.SetTypingAsync(rooms[3], true);
        Assert.Equal(bob.UserId, (await waiting).Extension("typing").GetProperty("rooms").GetProperty(rooms[3]).GetProperty("content").GetProperty("user_ids")[0].GetString());
        server.AssertNoFaults();
    }

    [DatabaseTheory]
    public async Task Messages_to_a_device_are_kept_until_their_own_token_comes_back(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        for (var i = 0; i < 3; i++)
        {
            await SendAsync(bob, alice, i);
        }

        var first = await alice.SlideAsync(ToDevice());
        Assert.Equal([0, 1, 2], Numbers(first));
        Assert.Equal([0, 1, 2], Numbers(await alice.SlideAsync(ToDevice(), first.Pos)));
        var two = await alice.SlideAsync(ToDevice(limit: 2));
        Assert.Equal([0, 1], Numbers(two));
        var since = Next(two);
        Assert.Equal([2], Numbers(await alice.SlideAsync(ToDevice(since), two.Pos)));

        // The two were acknowledged: nobody gets them again, not even /v3/sync.
        await Wait.UntilAsync(
            async () => Numbers(await alice.SlideAsync(ToDevice())).SequenceEqual([2]), TimeSpan.FromSeconds(10), "the deletion of what was acknowledged");
        Assert.Equal(1, (await alice.SyncAsync()).Body.GetProperty("to_device").GetProperty("events").GetArrayLength());
        since = Next(await alice.SlideAsync(ToDevice(since), two.Pos));
        var waiting = alice.SlideAsync(ToDevice(since), two.Pos, 30_000);
        await SendAsync(bob, alice, 3);
        Assert.Equal([3], Numbers(await waiting));

        // A token of the future (another server's, or from after a restored backup) deletes nothing that is still to come.
        await alice.SlideAsync(ToDevice("t9000000000000"));
        await SendAsync(bob, alice, 4);
        Assert.Contains(4, Numbers(await alice.SlideAsync(ToDevice())));
    }

    [DatabaseTheory]
    public async Task The_encryption_connection_outlives_a_restart_and_misses_no_changed_device_list(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await bob.CreatePublicRoomAsync();
        await alice.JoinAsync(room);
        var first = await alice.SlideAsync(ToDevice());
        Assert.Equal(0, first.Extension("e2ee").GetProperty("device_one_time_keys_count").GetProperty("signed_curve25519").GetInt32());
        Assert.False(first.Extension("e2ee").TryGetProperty("device_lists", out _));
        var carol = await server.RegisterAsync("carol");
        await carol.JoinAsync(room);
        await server.RestartAsync();
        alice = server.Client().Become(alice);
        var second = await alice.SlideAsync(ToDevice(), first.Pos);
        Assert.Equal([carol.UserId], second.Extension("e2ee").GetProperty("device_lists").GetProperty("changed").EnumerateArray().Select(u => u.GetString()));
        carol = server.Client().Become(carol);
        await carol.LeaveAsync(room);

        // Asked without e2ee meanwhile, the change is told when it is asked for again.
        var without = await alice.SlideAsync("""{"conn_id":"encryption"}""", second.Pos);
        Assert.False(without.Answer["extensions"].TryGetProperty("e2ee", out _));
        var third = await alice.SlideAsync(ToDevice(), without.Pos);
        Assert.Equal([carol.UserId], third.Extension("e2ee").GetProperty("device_lists").GetProperty("left").EnumerateArray().Select(u => u.GetString()));
        Assert.False((await alice.SlideAsync(ToDevice(), third.Pos)).Extension("e2ee").TryGetProperty("device_lists", out _));
        server.AssertNoFaults();
    }

    private static string RoomList(int to, string subscriptions = "{}") =>
        $$$$"""{"conn_id":"room-list","lists":{"all_rooms":{"ranges":[[0,{{{{to}}}}]],"required_state":{{{{State}}}},"timeline_limit":1,"filters":{} }},"room_subscriptions":{{{{subscriptions}}}},"extensions":{{{{Extensions}}}} }""";

    private static string ToDevice(string? since = null, int? limit = null)
    {
        var (from, most) = (since is null ? "" : $",\"since\":\"{since}\"", limit is null ? "" : $",\"limit\":{limit}");
        return $$$$"""{"conn_id":"encryption","extensions":{"to_device":{"enabled":true{{{{from}}}}{{{{most}}}} },{{{{Encryption}}}} }}""";
    }

    private static IEnumerable<int> Numbers(SlidingAnswer answer) =>
        answer.Extension("to_device").GetProperty("events").EnumerateArray().Select(e => e.GetProperty("content").GetProperty("number").GetInt32());

    private static string Next(SlidingAnswer answer) => answer.Extension("to_device").GetProperty("next_batch").GetString()!;

    private static async Task SendAsync(MatrixClient from, MatrixClient to, int number)
    {
        var messages = new Dictionary<string, object> { [to.UserId] = new Dictionary<string, object> { ["*"] = new { number } } };
        (await from.RequestAsync("PUT", $"/_matrix/client/v3/sendToDevice/org.example/{number}-{from.DeviceId}", new { messages })).Ok();
    }
}
