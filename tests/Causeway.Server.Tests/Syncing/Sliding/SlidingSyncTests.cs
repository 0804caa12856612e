using System.Diagnostics;
using Causeway.TestKit;
using Xunit;
using static Causeway.Server.Tests.Syncing.Sliding.SlidingRequests;

namespace Causeway.Server.Tests.Syncing.Sliding;

/// <summary>MSC4186: windows, rooms, connections.</summary>
public sealed class SlidingSyncTests
{
    [DatabaseTheory]
    public async Task The_window_holds_the_rooms_with_the_newest_events_first(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var rooms = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            rooms.Add(await alice.CreateRoomAsync(new { name = $"Room {i}" }));
        }

        await alice.SendTextAsync(rooms[1], "newest");
        var first = await alice.SlideAsync(List(to: 1));
        Assert.Equal([rooms[1], rooms[4]], first.Rooms);
        Assert.Equal(5, first.Count("all"));
        var room = first.Room(rooms[1])!.Value;
        Assert.True(room.GetProperty("initial").GetBoolean());
        Assert.Equal("Room 1", room.GetProperty("name").GetString());
        Assert.Equal("join", room.GetProperty("membership").GetString());
        Assert.Equal(1, room.GetProperty("joined_count").GetInt32());
        Assert.Equal(["m.room.name|"], first.State(rooms[1]));

        // A larger window brings the others only.
        var more = await alice.SlideAsync(List(to: 9), first.Pos);
        Assert.Equal([rooms[3], rooms[2], rooms[0]], more.Rooms);
        Assert.Empty((await alice.SlideAsync(List(to: 9), more.Pos)).Rooms);
        await alice.SendTextAsync(rooms[0], "now this");
        var next = await alice.SlideAsync(List(to: 9), more.Pos);
        Assert.Equal([rooms[0]], next.Rooms);
        Assert.Equal(["now this"], next.Texts(rooms[0]));
        Assert.False(next.Room(rooms[0])!.Value.TryGetProperty("initial", out _));
        Assert.Equal(1, next.Room(rooms[0])!.Value.GetProperty("num_live").GetInt32());
        Assert.False(next.Room(rooms[0])!.Value.TryGetProperty("name", out _));
    }

    [DatabaseTheory]
    public async Task A_request_that_is_repeated_gets_again_what_the_lost_answer_held(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var room = await alice.CreateRoomAsync();
        var start = await alice.SlideAsync(List());
        await alice.SendTextAsync(room, "one");
        var lost = await alice.SlideAsync(List(), start.Pos);
        Assert.Equal(["one"], lost.Texts(room));
        await alice.SendTextAsync(room, "two");
        var again = await alice.SlideAsync(List(), start.Pos);
        Assert.Equal(["one", "two"], again.Texts(room));
        await alice.SendTextAsync(room, "three");
        Assert.Equal(["three"], (await alice.SlideAsync(List(), again.Pos)).Texts(room));

        // With the later answer in hand the earlier ones are gone.
        (await alice.TrySlideAsync(List(), lost.Pos)).Refused(400, "M_UNKNOWN_POS");
        (await alice.TrySlideAsync(List(), start.Pos)).Refused(400, "M_UNKNOWN_POS");
    }

    [DatabaseTheory]
    public async Task A_position_is_ones_own_and_its_connections(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreateRoomAsync();
        var first = await alice.SlideAsync(List(more: "\"conn_id\":\"a\",\"txn_id\":\"mine\""));
        Assert.Equal("mine", first.Answer.Text("txn_id"));
        (await bob.TrySlideAsync(List(more: "\"conn_id\":\"a\""), first.Pos)).Refused(400, "M_UNKNOWN_POS");
        (await (await server.AnotherDeviceAsync(alice)).TrySlideAsync(List(more: "\"conn_id\":\"a\""), first.Pos)).Refused(400, "M_UNKNOWN_POS");
        (await alice.TrySlideAsync(List(more: "\"conn_id\":\"b\""), first.Pos)).Refused(400, "M_UNKNOWN_POS");
        (await alice.TrySlideAsync(List(), "nonsense")).Refused(400, "M_UNKNOWN_POS");
        Assert.Equal([room], (await alice.SlideAsync(List(more: "\"conn_id\":\"b\""))).Rooms);
        Assert.Empty((await alice.SlideAsync(List(more: "\"conn_id\":\"a\""), first.Pos)).Rooms);
    }

    [DatabaseTheory]
    public async Task A_device_keeps_sixteen_connections_and_loses_the_one_unused_longest(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        await alice.CreateRoomAsync();
        var pos = new List<string>();
        for (var i = 0; i < 17; i++)
        {
            pos.Add((await alice.SlideAsync(List(more: $"\"conn_id\":\"{i}\""))).Pos);
        }

        (await alice.TrySlideAsync(List(more: "\"conn_id\":\"0\""), pos[0])).Refused(400, "M_UNKNOWN_POS");
        Assert.Empty((await alice.SlideAsync(List(more: "\"conn_id\":\"1\""), pos[1])).Rooms);
    }

    [DatabaseTheory]
    public async Task After_a_restart_a_client_begins_anew(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var alice = await server.RegisterAsync("alice");
        var room = await alice.CreateRoomAsync();
        var pos = (await alice.SlideAsync(List())).Pos;
        await server.RestartAsync();
        alice = server.Client().Become(alice);
        (await alice.TrySlideAsync(List(), pos)).Refused(400, "M_UNKNOWN_POS");
        Assert.Equal([room], (await alice.SlideAsync(List())).Rooms);
        server.AssertNoFaults();
    }

    [DatabaseTheory]
    public async Task A_waiting_request_wakes_for_what_is_in_its_window(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreatePublicRoomAsync();
        await bob.JoinAsync(room);
        const string extensions = "\"extensions\":{\"typing\":{\"enabled\":true},\"receipts\":{\"enabled\":true},\"account_data\":{\"enabled\":true}}";
        var pos = (await bob.SlideAsync(List(more: extensions))).Pos;
        (Func<Task> Act, Func<SlidingAnswer, bool> Seen)[] wakers =
        [
            (() => alice.SendTextAsync(room, "hi"), s => s.Texts(room).Contains("hi")),
            (() => alice.SetTypingAsync(room, true), s => s.Extension("typing").GetProperty("rooms").TryGetProperty(room, out _)),
            (() => alice.SetTypingAsync(room, false), s => s.Extension("typing").GetProperty("rooms").GetProperty(room).GetProperty("content").GetProperty("user_ids").GetArrayLength() == 0),
            (() => bob.RequestAsync("PUT", $"/_matrix/client/v3/user/{bob.UserId}/account_data/x", new { a = 1 }), s => s.Extension("account_data").GetProperty("global").GetArrayLength() == 1),
            (async () => await alice.CreateRoomAsync(new { invite = new[] { bob.UserId } }), s => s.Events(s.Rooms[0], "invite_state").Count > 0),
            (() => alice.KickAsync(room, bob.UserId), s => s.Room(room)!.Value.GetProperty("membership").GetString() == "leave"),
        ];
        foreach (var (act, seen) in wakers)
        {
            var clock = Stopwatch.StartNew();
            var waiting = bob.SlideAsync(List(more: extensions), pos, 20_000);
            await act();
            var answer = await waiting;
            Assert.True(seen(answer), answer.Answer.ToString());
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10));
            pos = answer.Pos;
        }

        var quiet = Stopwatch.StartNew();
        Assert.Empty((await bob.SlideAsync(List(more: extensions), pos, 300)).Rooms);
        Assert.True(quiet.ElapsedMilliseconds >= 290);
    }

    [DatabaseTheory]
    public async Task More_required_state_brings_what_was_not_sent_at_once(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var room = await alice.CreateRoomAsync(new { name = "Name", topic = "Topic" });
        var first = await alice.SlideAsync(List(state: """["m.room.name",""]"""));
        var more = await alice.SlideAsync(List(state: """["m.room.name",""],["m.room.topic",""],["m.room.member","$ME"]"""), first.Pos);
        Assert.Equal([$"m.room.member|{alice.UserId}", "m.room.topic|"], more.State(room));
        Assert.Empty(more.Texts(room));
        Assert.Empty((await alice.SlideAsync(List(state: """["m.room.name",""],["m.room.topic",""],["m.room.member","$ME"]"""), more.Pos)).Rooms);
        var all = await alice.SlideAsync(List(state: """["*","*"]"""), more.Pos);
        Assert.DoesNotContain("m.room.topic|", all.State(room));
        Assert.Contains("m.room.power_levels|", all.State(room));

        // What was not wanted for a while and changed then comes when it is wanted again.
        var none = await alice.SlideAsync(List(state: ""), all.Pos);
        await alice.SetStateAsync(room, "m.room.topic", new { topic = "Changed" });
        var changed = await alice.SlideAsync(List(state: ""), none.Pos);
        Assert.Empty(changed.State(room));
        Assert.Contains("m.room.topic|", (await alice.SlideAsync(List(state: """["m.room.topic","*"]"""), changed.Pos)).State(room));
    }

    [DatabaseTheory]
    public async Task A_larger_timeline_limit_brings_the_older_events(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var room = await alice.CreateRoomAsync();
        for (var i = 0; i < 30; i++)
        {
            await alice.SendTextAsync(room, $"{i}");
        }

        var first = await alice.SlideAsync(List(limit: 1));
        Assert.Equal(["29"], first.Texts(room));
        Assert.True(first.Room(room)!.Value.GetProperty("limited").GetBoolean());
        var subscribed = $$$$$$"""{"room_subscriptions":{"{{{{{{room}}}}}}":{"timeline_limit":20,"required_state":[]}}}""";
        var expanded = await alice.SlideAsync(subscribed, first.Pos);
        Assert.Equal(Enumerable.Range(10, 20).Select(i => $"{i}"), expanded.Texts(room));
        Assert.True(expanded.Room(room)!.Value.GetProperty("unstable_expanded_timeline").GetBoolean());
        Assert.Equal(0, expanded.Room(room)!.Value.GetProperty("num_live").GetInt32());
        var older = await alice.MessagesAsync(room, "b", expanded.Room(room)!.Value.GetProperty("prev_batch").GetString(), 2);
        Assert.Equal(["9", "8"], older["chunk"].EnumerateArray().Select(e => e.GetProperty("content").GetProperty("body").GetString()));

        // Away and back without a gap: the client has them.
        var away = await alice.SlideAsync(List(limit: 1), expanded.Pos);
        Assert.Empty((await alice.SlideAsync(subscribed, away.Pos)).Rooms);

        // With a gap it does not.
        await alice.SendTextAsync(room, "30");
        await alice.SendTextAsync(room, "31");
        var gap = await alice.SlideAsync(List(limit: 1), away.Pos);
        Assert.Equal(["31"], gap.Texts(room));
        Assert.Equal(20, (await alice.SlideAsync(subscribed, gap.Pos)).Texts(room).Count);
    }

    [DatabaseTheory]
    public async Task A_room_that_was_in_no_window_for_a_while_misses_nothing(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var (away, busy) = (await alice.CreateRoomAsync(new { name = "away" }), await alice.CreateRoomAsync());
        var old = await alice.SendTextAsync(away, "old");
        const string extensions = "\"extensions\":{\"receipts\":{\"enabled\":true},\"account_data\":{\"enabled\":true}}";
        var pos = (await alice.SlideAsync(List(more: extensions))).Pos;

        // The window shows another room while this one gets a name, a message, a receipt and a tag.
        var narrow = $$$"""{"room_subscriptions":{"{{{busy}}}":{"timeline_limit":1}},{{{extensions}}}}""";
        await alice.SetStateAsync(away, "m.room.name", new { name = "still away" });
        await alice.SendTextAsync(away, "meanwhile");
        await alice.SendReceiptAsync(away, old);
        (await alice.RequestAsync("PUT", $"/_matrix/client/v3/user/{alice.UserId}/rooms/{Uri.EscapeDataString(away)}/tags/u.x", new { })).Ok();
        var meanwhile = await alice.SlideAsync(narrow, pos);
        Assert.Empty(meanwhile.Rooms);
        Assert.Empty(meanwhile.Extension("account_data").GetProperty("rooms").EnumerateObject());
        await alice.SendTextAsync(busy, "x");
        meanwhile = await alice.SlideAsync(narrow, meanwhile.Pos);
        var back = await alice.SlideAsync(List(more: extensions), meanwhile.Pos);
        Assert.Equal(["meanwhile"], back.Texts(away));
        Assert.Equal("still away", back.Room(away)!.Value.GetProperty("name").GetString());
        Assert.Equal(["m.room.name|"], back.State(away));
        Assert.False(back.Room(away)!.Value.TryGetProperty("initial", out _));
        Assert.True(back.Extension("receipts").GetProperty("rooms").GetProperty(away).GetProperty("content").TryGetProperty(old, out _));
        Assert.Equal("m.tag", back.Extension("account_data").GetProperty("rooms").GetProperty(away)[0].GetProperty("type").GetString());
        Assert.Empty((await alice.SlideAsync(List(more: extensions), back.Pos)).Rooms);
    }

    [DatabaseTheory]
    public async Task Lazy_members_come_with_the_events_that_need_them_and_once(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob, carol) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"), await server.RegisterAsync("carol"));
        var room = await alice.CreatePublicRoomAsync("Name");
        await bob.JoinAsync(room);
        await carol.JoinAsync(room);
        await bob.SendTextAsync(room, "from bob");
        const string lazy = """["m.room.member","$LAZY"],["m.room.member","$ME"]""";
        var first = await alice.SlideAsync(List(limit: 1, state: lazy));
        Assert.Equal(Sorted(alice, bob), first.State(room));
        await bob.SendTextAsync(room, "again");
        var second = await alice.SlideAsync(List(limit: 5, state: lazy), first.Pos);
        Assert.Equal(["from bob", "again"], second.Texts(room).TakeLast(2));
        Assert.Equal(Sorted(carol), second.State(room));
        await carol.SendTextAsync(room, "from carol");
        var third = await alice.SlideAsync(List(limit: 5, state: lazy), second.Pos);
        Assert.Empty(third.State(room));
        await carol.LeaveAsync(room);
        Assert.Equal(Sorted(carol), (await alice.SlideAsync(List(limit: 5, state: lazy), third.Pos)).State(room));

        static IEnumerable<string> Sorted(params MatrixClient[] who) => who.Select(w => $"m.room.member|{w.UserId}").Order(StringComparer.Ordinal);
    }

    [DatabaseTheory]
    public async Task Leaving_kicks_and_bans_are_told_once_and_nothing_from_afterwards(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var rooms = new Dictionary<string, string>();
        foreach (var way in new[] { "leave", "kick", "ban" })
        {
            rooms[way] = await alice.CreatePublicRoomAsync(way);
            await bob.JoinAsync(rooms[way]);
        }

        const string state = """["m.room.name",""],["m.room.member","$ME"]""";
        var pos = (await bob.SlideAsync(List(state: state))).Pos;
        await bob.LeaveAsync(rooms["leave"]);
        await alice.KickAsync(rooms["kick"], bob.UserId);
        await alice.BanAsync(rooms["ban"], bob.UserId);
        foreach (var room in rooms.Values)
        {
            await alice.SendTextAsync(room, "secret");
            await alice.SetStateAsync(room, "m.room.name", new { name = "secret" });
        }

        var told = await bob.SlideAsync(List(state: state), pos);
        Assert.Equal(3, told.Rooms.Count);
        Assert.DoesNotContain("secret", told.Answer.Body.GetRawText());
        foreach (var (way, room) in rooms)
        {
            Assert.Equal(way == "ban" ? "ban" : "leave", told.Room(room)!.Value.GetProperty("membership").GetString());
            Assert.Equal([$"m.room.member|{bob.UserId}"], told.State(room));
        }

        Assert.Empty((await bob.SlideAsync(List(state: state), told.Pos)).Rooms);

        // To a new connection only those that the person did not leave themselves.
        var fresh = await bob.SlideAsync(List(state: state));
        Assert.Equal([rooms["ban"], rooms["kick"]], fresh.Rooms);
        Assert.DoesNotContain("secret", fresh.Answer.Body.GetRawText());
        Assert.Equal("kick", fresh.Events(rooms["kick"], "required_state").Single(e => e.GetProperty("type").ValueEquals("m.room.name")).GetProperty("content").GetProperty("name").GetString());
    }

    [DatabaseTheory]
    public async Task Invitations_and_knocks_come_stripped_and_a_join_makes_the_room_new(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var pos = (await bob.SlideAsync(List())).Pos;
        var room = await alice.CreateRoomAsync(new { name = "Private", invite = new[] { bob.UserId } });
        await alice.SendTextAsync(room, "before");
        var invited = await bob.SlideAsync(List(), pos);
        Assert.Contains(invited.Events(room, "invite_state"), e => e.GetProperty("type").ValueEquals("m.room.name"));
        Assert.Empty(invited.Events(room, "timeline"));
        Assert.Empty(invited.State(room));
        Assert.Equal(1, (await bob.SlideAsync(List(filters: """{"is_invite":true}"""))).Count("all"));
        Assert.Equal(0, (await bob.SlideAsync(List(filters: """{"is_invite":false}"""))).Count("all"));
        Assert.Empty((await bob.SlideAsync(List(), invited.Pos)).Rooms);
        await bob.JoinAsync(room);
        var joined = await bob.SlideAsync(List(), invited.Pos);
        Assert.True(joined.Room(room)!.Value.GetProperty("initial").GetBoolean());
        Assert.Contains("before", joined.Texts(room));
        var knocked = await alice.CreateRoomAsync(new { name = "Knock", room_version = "11", initial_state = new[] { new { type = "m.room.join_rules", state_key = "", content = new { join_rule = "knock" } } } });
        (await bob.RequestAsync("POST", $"/_matrix/client/v3/knock/{Uri.EscapeDataString(knocked)}", new { })).Ok();
        var knock = await bob.SlideAsync(List(), joined.Pos);
        Assert.Equal("knock", knock.Room(knocked)!.Value.GetProperty("membership").GetString());
        Assert.NotEmpty(knock.Events(knocked, "invite_state"));
    }

    [DatabaseTheory]
    public async Task A_room_left_and_joined_again_between_two_answers_begins_anew(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreatePublicRoomAsync("Name");
        await bob.JoinAsync(room);
        var pos = (await bob.SlideAsync(List())).Pos;
        (await bob.RequestAsync("PUT", $"/_matrix/client/v3/profile/{bob.UserId}/displayname", new { displayname = "Bobby" })).Ok();
        var renamed = await bob.SlideAsync(List(), pos);
        Assert.False(renamed.Room(room)!.Value.TryGetProperty("initial", out _));
        await bob.LeaveAsync(room);
        await bob.JoinAsync(room);
        var back = await bob.SlideAsync(List(), renamed.Pos);
        Assert.True(back.Room(room)!.Value.GetProperty("initial").GetBoolean());
        Assert.Equal(["m.room.name|"], back.State(room));
    }

    [DatabaseTheory]
    public async Task A_room_one_was_never_in_is_not_shown_whatever_is_asked(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, mallory) = (await server.RegisterAsync("alice"), await server.RegisterAsync("mallory"));
        var room = await alice.CreateRoomAsync(new { name = "Private", invite = new[] { mallory.UserId } });
        var other = await alice.CreateRoomAsync(new { name = "Private too" });
        await mallory.LeaveAsync(room);
        var answer = await mallory.SlideAsync($$$$$$"""{"room_subscriptions":{"{{{{{{room}}}}}}":{"timeline_limit":50,"required_state":[["*","*"]]},"{{{{{{other}}}}}}":{"timeline_limit":50,"required_state":[["*","*"]]}},"lists":{"l":{"timeline_limit":5,"filters":{"spaces":["{{{{{{other}}}}}}"]}}}}""");
        Assert.DoesNotContain("Private", answer.Answer.Body.GetRawText());
        Assert.Null(answer.Room(other));
        Assert.Equal([$"m.room.member|{mallory.UserId}"], answer.State(room));
    }

    [DatabaseTheory]
    public async Task What_ignored_people_say_is_left_out_and_an_event_carries_its_aggregations(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreatePublicRoomAsync();
        await bob.JoinAsync(room);
        var root = await alice.SendTextAsync(room, "root");
        var thread = new Dictionary<string, object> { ["body"] = "reply", ["m.relates_to"] = new { rel_type = "m.thread", event_id = root } };
        await alice.SendAsync(room, "m.room.message", thread);
        await bob.SendTextAsync(room, "ignored");
        (await alice.RequestAsync("PUT", $"/_matrix/client/v3/user/{alice.UserId}/account_data/m.ignored_user_list",
            new { ignored_users = new Dictionary<string, object> { [bob.UserId] = new { } } })).Ok();
        var answer = await alice.SlideAsync(List());
        Assert.Equal(["root", "reply"], answer.Texts(room));
        var shown = answer.Events(room, "timeline").Single(e => e.GetProperty("event_id").ValueEquals(root));
        Assert.Equal(1, shown.GetProperty("unsigned").GetProperty("m.relations").GetProperty("m.thread").GetProperty("count").GetInt32());
    }

    [DatabaseTheory]
    public async Task A_transaction_id_is_shown_to_the_sending_device_only(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var phone = await server.AnotherDeviceAsync(alice);
        var room = await alice.CreateRoomAsync();
        await alice.SendAsync(room, "m.room.message", new { body = "x" }, "my-txn");
        Assert.Contains("my-txn", (await alice.SlideAsync(List())).Answer.Body.GetRawText());
        Assert.DoesNotContain("my-txn", (await phone.SlideAsync(List())).Answer.Body.GetRawText());
    }

    [DatabaseTheory]
    public async Task Counts_move_with_messages_and_with_the_own_receipt(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreatePublicRoomAsync();
        await bob.JoinAsync(room);
        var pos = (await bob.SlideAsync(List())).Pos;
        var sent = await alice.SendTextAsync(room, "one");
        var one = await bob.SlideAsync(List(), pos);
        Assert.Equal(1, one.Room(room)!.Value.GetProperty("notification_count").GetInt32());
        await bob.SendReceiptAsync(room, sent);
        var read = await bob.SlideAsync(List(), one.Pos);
        Assert.Equal(0, read.Room(room)!.Value.GetProperty("notification_count").GetInt32());
        Assert.False(read.Room(room)!.Value.TryGetProperty("timeline", out _));
    }

    [DatabaseTheory]
    public async Task The_bump_stamp_follows_messages_and_not_what_is_no_activity(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var room = await alice.CreateRoomAsync();
        var sent = await alice.SendTextAsync(room, "message");
        var first = await alice.SlideAsync(List());
        for (var i = 0; i < 12; i++)
        {
            await alice.SetStateAsync(room, "m.room.topic", new { topic = $"{i}" });
            await alice.SendAsync(room, "m.reaction", new Dictionary<string, object> { ["m.relates_to"] = new { rel_type = "m.annotation", event_id = sent, key = $"{i}" } });
        }

        var quiet = await alice.SlideAsync(List(), first.Pos);
        Assert.Equal(Stamp(first), Stamp(quiet));
        Assert.Equal(Stamp(first), Stamp(await alice.SlideAsync(List())));
        await alice.SendTextAsync(room, "another");
        Assert.True(Stamp(await alice.SlideAsync(List(), quiet.Pos)) > Stamp(first));

        long Stamp(SlidingAnswer answer) => answer.Room(room)!.Value.GetProperty("bump_stamp").GetInt64();
    }

    [DatabaseTheory]
    public async Task A_name_that_is_taken_away_makes_the_room_be_sent_anew_with_heroes(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreatePublicRoomAsync("Name");
        await bob.JoinAsync(room);
        var first = await alice.SlideAsync(List());
        Assert.False(first.Room(room)!.Value.TryGetProperty("heroes", out _));
        await alice.SetStateAsync(room, "m.room.name", new { });
        var second = (await alice.SlideAsync(List(), first.Pos)).Room(room)!.Value;
        Assert.True(second.GetProperty("initial").GetBoolean());
        Assert.False(second.TryGetProperty("name", out _));
        Assert.Equal(bob.UserId, second.GetProperty("heroes")[0].GetProperty("user_id").GetString());
    }
}
