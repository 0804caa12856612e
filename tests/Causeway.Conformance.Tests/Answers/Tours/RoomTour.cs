namespace Causeway.Conformance.Tests.Answers.Tours;

/// <summary>Making rooms, being in them, writing and reading.</summary>
internal static class RoomTour
{
    public static async Task MakingAsync(Tour t)
    {
        var alias = TestServer.Unique("tour");
        var (escaped, another) = (Requests.Escape(Requests.Alias(alias)), Requests.Escape(Requests.Alias(alias + "b")));
        await t.GoAsync(t.Alice, "POST v3/createRoom", "200", new { room_alias_name = alias });
        await t.GoAsync(t.Alice, "POST v3/createRoom", "400 M_ROOM_IN_USE", new { room_alias_name = alias });
        await t.GoAsync(t.Alice, "POST v3/createRoom", "400 M_UNSUPPORTED_ROOM_VERSION", new { room_version = "none" });
        await t.GoAsync(t.Alice, "POST v3/createRoom", "400 M_INVALID_ROOM_STATE", new { power_level_content_override = new { users = "no" } });
        await t.RawAsync(t.Alice, "POST v3/createRoom", "400 M_NOT_JSON", "{");
        await t.RawAsync(t.Alice, "POST v3/createRoom", "400 M_BAD_JSON", """{"name":5}""");
        var closed = await t.PersonAsync("closed");
        await closed.PutAsync($"v3/user/{t.User(closed)}/account_data/m.invite_permission_config", new { default_action = "block" });
        await t.GoAsync(t.Alice, "POST v3/createRoom", "403 M_INVITE_BLOCKED", new { invite = new[] { closed.UserId } });
        await t.GoAsync(t.Alice, "POST " + t.In("invite"), "403 M_INVITE_BLOCKED", new { user_id = closed.UserId });
        await t.GoAsync(t.Alice, $"PUT {t.In("state/m.room.member/")}{t.User(closed)}", "403 M_INVITE_BLOCKED", new { membership = "invite" });

        await t.GoAsync(t.Nobody, $"GET v3/directory/room/{escaped}", "200");
        await t.GoAsync(t.Nobody, $"GET v3/directory/room/{Requests.Escape("#none:localhost")}", "404 M_NOT_FOUND");
        await t.GoAsync(t.Nobody, "GET v3/directory/room/nonsense", "400 M_INVALID_PARAM");
        await t.GoAsync(t.Alice, $"PUT v3/directory/room/{escaped}", "409 M_UNKNOWN", new { room_id = t.Room });
        await t.GoAsync(t.Alice, "PUT v3/directory/room/nonsense", "400 M_INVALID_PARAM", new { room_id = t.Room });
        await t.GoAsync(t.Alice, $"PUT v3/directory/room/{another}", "200", new { room_id = t.Room });
        await t.GoAsync(t.Alice, $"PUT {t.In("state/m.room.canonical_alias")}", "200", new { alias = Requests.Alias(alias + "b") });
        await t.GoAsync(t.Alice, $"PUT {t.In("state/m.room.canonical_alias")}", "400 M_BAD_ALIAS", new { alias = Requests.Alias(alias) });
        await t.GoAsync(t.Alice, $"PUT {t.In("state/m.room.canonical_alias")}", "400 M_INVALID_PARAM", new { alias = "nonsense" });
        await t.GoAsync(t.Alice, "GET " + t.In("aliases"), "200");
        await t.GoAsync(t.Alice, "GET v3/rooms/nonsense/aliases", "400 M_INVALID_PARAM");
        await t.GoAsync(await t.PersonAsync("stranger"), "GET " + t.In("aliases"), "403 M_FORBIDDEN");
        await t.GoAsync(t.Alice, $"DELETE v3/directory/room/{another}", "200");
        await t.GoAsync(t.Alice, $"DELETE v3/directory/room/{another}", "404 M_NOT_FOUND");

        await t.GoAsync(t.Alice, $"PUT v3/directory/list/room/{Requests.Escape(t.Room)}", "200", new { visibility = "public" });
        await t.GoAsync(t.Nobody, $"GET v3/directory/list/room/{Requests.Escape(t.Room)}", "200");
        await t.GoAsync(t.Nobody, "GET v3/directory/list/room/!none:localhost", "404 M_NOT_FOUND");
        await t.GoAsync(t.Alice, "PUT v3/directory/list/room/!none:localhost", "404 M_NOT_FOUND", new { visibility = "public" });
        await t.GoAsync(t.Nobody, "GET v3/publicRooms?limit=2", "200");
        await t.GoAsync(t.Alice, "POST v3/publicRooms", "200", new { limit = 2, filter = new { room_types = new[] { (string?)null } } });
        await t.GoAsync(t.Nobody, $"GET v1/room_summary/{Requests.Escape(t.Room)}", "200");
        await t.GoAsync(t.Bob, $"GET v1/room_summary/{Requests.Escape(t.Room)}", "200");
        await t.GoAsync(t.Bob, "GET v1/room_summary/!none:localhost", "404 M_NOT_FOUND");

        var space = await t.Alice.CreateRoomAsync(new { preset = "public_chat", name = "Space", creation_content = new { type = "m.space" } });
        await t.Alice.SetStateAsync(space, "m.space.child", new { via = new[] { "localhost" }, order = "a", suggested = true }, t.Room);
        await t.GoAsync(t.Bob, "GET " + Requests.In(space, "hierarchy", "v1"), "200");
        await t.GoAsync(t.Bob, "GET " + Requests.In(space, "hierarchy?from=nonsense", "v1"), "400 M_INVALID_PARAM");
        await t.GoAsync(t.Bob, "GET " + Requests.In(await t.Alice.CreateRoomAsync(), "hierarchy", "v1"), "403 M_FORBIDDEN");

        await t.GoAsync(t.Alice, "POST " + Requests.In(await t.Alice.CreateRoomAsync(), "upgrade"), "200", new { new_version = "11" });
        await t.GoAsync(t.Alice, "POST " + t.In("upgrade"), "400 M_UNSUPPORTED_ROOM_VERSION", new { new_version = "none" });
        await t.GoAsync(t.Bob, "POST " + t.In("upgrade"), "403 M_FORBIDDEN", new { new_version = "11" });
    }

    public static async Task MembershipAsync(Tour t)
    {
        var (carol, secret) = (await t.PersonAsync("carol"), await t.Alice.CreateRoomAsync());
        await t.GoAsync(carol, $"POST v3/join/{Requests.Escape(t.Room)}", "200");
        await t.GoAsync(carol, $"POST v3/join/{Requests.Escape(secret)}", "403 M_FORBIDDEN");
        await t.GoAsync(carol, "POST " + t.In("join"), "200");
        await t.GoAsync(carol, "POST " + Requests.In(secret, "join"), "403 M_FORBIDDEN");
        await t.GoAsync(carol, "GET v3/joined_rooms", "200");
        await t.GoAsync(carol, "POST " + t.In("forget"), "400 M_UNKNOWN");
        await t.GoAsync(carol, "POST " + t.In("leave"), "200");
        await t.GoAsync(carol, "POST " + t.In("forget"), "200");
        await t.GoAsync(t.Alice, "POST " + Requests.In(secret, "invite"), "200", new { user_id = carol.UserId });
        await t.GoAsync(t.Alice, "POST " + t.In("invite"), "403 M_FORBIDDEN", new { user_id = t.Bob.UserId });
        await t.RawAsync(t.Alice, "POST " + t.In("invite"), "400 M_NOT_JSON", "{");
        await t.RawAsync(t.Alice, "POST " + t.In("invite"), "400 M_BAD_JSON", """{"user_id":5}""");
        await t.GoAsync(t.Alice, "POST " + t.In("kick"), "200", new { user_id = t.Bob.UserId });
        await t.Bob.JoinAsync(t.Room);
        foreach (var verb in new[] { "kick", "ban", "unban" })
        {
            await t.GoAsync(t.Bob, "POST " + t.In(verb), "403 M_FORBIDDEN", new { user_id = t.Alice.UserId });
        }

        await t.GoAsync(t.Alice, "POST " + t.In("ban"), "200", new { user_id = carol.UserId, reason = "r" });
        await t.GoAsync(t.Alice, "POST " + t.In("unban"), "200", new { user_id = carol.UserId });
        var door = await t.Alice.CreateRoomAsync(new { initial_state = new[] { Requests.State("m.room.join_rules", new { join_rule = "knock" }) } });
        await t.GoAsync(carol, $"POST v3/knock/{Requests.Escape(door)}", "200", new { reason = "please" });
        await t.GoAsync(carol, "GET v3/sync", "200");
        await t.GoAsync(carol, $"POST v3/knock/{Requests.Escape(t.Room)}", "403 M_FORBIDDEN");
        await t.GoAsync(carol, "POST v3/knock/!none:localhost", "404 M_NOT_FOUND");
    }

    public static async Task WritingAsync(Tour t)
    {
        await t.GoAsync(t.Alice, "PUT " + t.In("send/m.room.message/tour1"), "200", new { msgtype = "m.text", body = "x" });
        var reaction = new Dictionary<string, object> { ["m.relates_to"] = new { rel_type = "m.annotation", event_id = t.Message, key = "+" } };
        await t.GoAsync(t.Alice, "PUT " + t.In("send/m.reaction/tour2"), "200", reaction);
        await t.GoAsync(t.Alice, "PUT " + t.In("send/m.reaction/tour3"), "400 M_DUPLICATE_ANNOTATION", reaction);
        await t.GoAsync(t.Alice, "PUT " + t.In("state/m.room.topic/"), "200", new { topic = "x" });
        await t.GoAsync(t.Bob, "PUT " + t.In("state/m.room.topic/"), "403 M_FORBIDDEN", new { topic = "x" });
        var sent = await t.Alice.SendTextAsync(t.Room, "to be redacted");
        await t.GoAsync(t.Alice, $"PUT {t.In("redact/")}{Requests.Escape(sent)}/tour4", "200", new { reason = "r" });
        await t.GoAsync(t.Bob, $"PUT {t.In("redact/")}{Requests.Escape(t.Message)}/tour5", "403 M_FORBIDDEN");
        await t.GoAsync(t.Bob, "POST " + t.In("report"), "200", new { reason = "r" });
        await t.GoAsync(t.Bob, "POST v3/rooms/!none:localhost/report", "200", new { reason = "r" });
        await t.GoAsync(t.Bob, "POST " + t.In("report/") + Requests.Escape(t.Message), "200", new { reason = "r", score = -50 });
        await t.GoAsync(t.Bob, "POST " + t.In("report/$none"), "404 M_NOT_FOUND", new { reason = "r" });
        await t.GoAsync(t.Bob, "POST " + t.In("receipt/m.read/") + Requests.Escape(t.Message), "200");
        await t.GoAsync(t.Bob, "POST " + t.In("receipt/org.example.none/") + Requests.Escape(t.Message), "400 M_INVALID_PARAM");
        await t.GoAsync(t.Bob, "POST " + t.In("read_markers"), "200", new Dictionary<string, object> { ["m.fully_read"] = t.Message, ["m.read.private"] = t.Message });
        await t.GoAsync(t.Bob, $"PUT {t.In("typing/")}{t.User(t.Bob)}", "200", new { typing = true, timeout = 5000 });
        await t.GoAsync(t.Bob, $"PUT {t.In("typing/")}{t.User(t.Alice)}", "403 M_FORBIDDEN", new { typing = true });
    }

    public static async Task ReadingAsync(Tour t)
    {
        var message = Requests.Escape(t.Message);
        var reply = new Dictionary<string, object> { ["body"] = "in thread", ["msgtype"] = "m.text", ["m.relates_to"] = new { rel_type = "m.thread", event_id = t.Message } };
        await t.Bob.SendAsync(t.Room, "m.room.message", reply);
        var edit = new Dictionary<string, object> { ["body"] = "* b", ["msgtype"] = "m.text", ["m.new_content"] = new { body = "b", msgtype = "m.text" }, ["m.relates_to"] = new { rel_type = "m.replace", event_id = t.Message } };
        await t.Alice.SendAsync(t.Room, "m.room.message", edit);
        var stranger = await t.PersonAsync("stranger");
        var secret = await t.Alice.CreateRoomAsync();
        foreach (var (path, due) in new[]
        {
            ("state", "403 M_FORBIDDEN"), ("members", "403 M_FORBIDDEN"), ("joined_members", "403 M_FORBIDDEN"), ("messages?dir=b", "403 M_FORBIDDEN"),
            ("initialSync", "403 M_FORBIDDEN"), ("state/m.room.create/", "403 M_FORBIDDEN"),
        })
        {
            await t.GoAsync(t.Alice, "GET " + t.In(path), "200");
            await t.GoAsync(stranger, "GET " + Requests.In(secret, path), due);
        }

        await t.GoAsync(t.Alice, "GET " + t.In("state/m.room.topic"), "200");
        await t.GoAsync(t.Alice, "GET " + t.In("state/org.example.none/"), "404 M_NOT_FOUND");
        await t.GoAsync(t.Alice, "GET " + t.In("members?membership=join"), "200");
        await t.GoAsync(t.Alice, "GET " + t.In("context/") + message, "200");
        await t.GoAsync(t.Alice, "GET " + t.In("context/$none"), "404 M_NOT_FOUND");
        await t.GoAsync(t.Alice, "GET " + t.In("event/") + message, "200");
        await t.GoAsync(t.Alice, "GET " + t.In("event/$none"), "404 M_NOT_FOUND");
        await t.GoAsync(t.Alice, $"GET {t.In("timestamp_to_event", "v1")}?ts=0&dir=f", "200");
        await t.GoAsync(t.Alice, $"GET {t.In("timestamp_to_event", "v1")}?ts=0&dir=b", "404 M_NOT_FOUND");
        foreach (var kind in new[] { "", "/m.thread", "/m.thread/m.room.message" })
        {
            await t.GoAsync(t.Alice, $"GET {t.In("relations", "v1")}/{message}{kind}", "200");
            await t.GoAsync(t.Alice, $"GET {t.In("relations", "v1")}/$none{kind}", "404 M_NOT_FOUND");
        }

        await t.GoAsync(t.Alice, "GET " + t.In("threads", "v1"), "200");
        await t.GoAsync(t.Alice, "GET " + t.In("threads?from=nonsense", "v1"), "400 M_INVALID_PARAM");
        await t.GoAsync(stranger, "GET " + Requests.In(secret, "threads", "v1"), "403 M_FORBIDDEN");
        await t.GoAsync(t.Alice, $"GET v3/events?timeout=0&room_id={Requests.Escape(t.Room)}", "200");
        await t.GoAsync(t.Alice, "GET v3/events?from=nonsense", "400");
    }

    public static async Task SyncAsync(Tour t)
    {
        var first = await t.GoAsync(t.Bob, "GET v3/sync?full_state=true&set_presence=online", "200");
        await t.Alice.SendTextAsync(t.Room, $"for {t.Bob.UserId}");
        await t.Alice.SetTypingAsync(t.Room, true);
        await t.Alice.InviteAsync(await t.Alice.CreateRoomAsync(new { name = "n" }), t.Bob.UserId);
        var left = await t.Bob.CreateRoomAsync();
        await t.Bob.LeaveAsync(left);
        await t.GoAsync(t.Bob, "GET v3/sync?since=" + first.Text("next_batch"), "200");
        await t.GoAsync(t.Bob, "GET v3/sync?use_state_after=true", "200");
        await t.GoAsync(t.Bob, "GET v3/sync?filter=" + Requests.Escape("""{"room":{"include_leave":true}}"""), "200");
        await t.GoAsync(t.Bob, "GET v3/sync?since=nonsense", "400");
    }
}
