using Causeway.TestKit;
using Xunit;

namespace Causeway.Server.Tests.Rooms;

/// <summary>Client-server API, "Creation".</summary>
public sealed class CreateRoomTests
{
    private const string Create = "/_matrix/client/v3/createRoom";

    [DatabaseTheory]
    [InlineData("1")]
    [InlineData("2")]
    [InlineData("3")]
    [InlineData("4")]
    [InlineData("5")]
    [InlineData("6")]
    [InlineData("7")]
    [InlineData("8")]
    [InlineData("9")]
    [InlineData("10")]
    [InlineData("11")]
    [InlineData("12")]
    public async Task Every_room_version_is_made_joined_written_and_redacted(string database, string version)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreateRoomAsync(new { room_version = version, preset = "public_chat" });
        var create = (await alice.RequestAsync("GET", MatrixClient.RoomPath(room, "state/m.room.create?format=event"))).Ok();
        Assert.Equal(version, create["content"].GetProperty("room_version").GetString());
        Assert.Equal(version is not ("11" or "12"), create["content"].TryGetProperty("creator", out _));
        Assert.Equal(version == "12" ? "!" + create.Text("event_id")[1..] : room, room);
        Assert.Equal(version != "12", room.Contains(':'));
        await bob.JoinAsync(room);
        var sent = await bob.SendTextAsync(room, "hello");
        Assert.Equal(version is "1" or "2", sent.Contains(':'));
        await alice.RedactAsync(room, sent, "why not");
        var redacted = (await alice.RequestAsync("GET", MatrixClient.RoomPath(room, $"event/{Uri.EscapeDataString(sent)}"))).Ok();
        Assert.Equal("{}", redacted["content"].ToString());
        Assert.Equal(sent, redacted["unsigned"].GetProperty("redacted_because").GetProperty("redacts").GetString());
        await server.AnotherDeviceAsync(alice);
    }

    [DatabaseTheory]
    [InlineData("private_chat", "invite", "can_join", false)]
    [InlineData("trusted_private_chat", "invite", "can_join", true)]
    [InlineData("public_chat", "public", "forbidden", false)]
    public async Task A_preset_sets_what_it_says(string database, string preset, string joinRule, string guests, bool equals)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreateRoomAsync(new { preset, room_version = "11", invite = new[] { bob.UserId } });
        Assert.Equal(joinRule, (await alice.GetStateAsync(room, "m.room.join_rules")).GetProperty("join_rule").GetString());
        Assert.Equal(guests, (await alice.GetStateAsync(room, "m.room.guest_access")).GetProperty("guest_access").GetString());
        Assert.Equal("shared", (await alice.GetStateAsync(room, "m.room.history_visibility")).GetProperty("history_visibility").GetString());
        var users = (await alice.GetStateAsync(room, "m.room.power_levels")).GetProperty("users");
        Assert.Equal(100, users.GetProperty(alice.UserId).GetInt32());
        Assert.Equal(equals, users.TryGetProperty(bob.UserId, out _));
    }

    [DatabaseTheory]
    public async Task The_events_come_in_the_order_of_the_standard_and_every_option_works(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var alias = TestServer.Unique("room");
        var room = await alice.CreateRoomAsync(new
        {
            visibility = "public", room_alias_name = alias, name = "Name", topic = "Topic", is_direct = true, invite = new[] { bob.UserId },
            creation_content = new Dictionary<string, object> { ["type"] = "m.space", ["m.federate"] = false, ["creator"] = "@x:y", ["room_version"] = "3" },
            initial_state = new object[] { new { type = "m.room.encryption", content = new { algorithm = "m.megolm.v1.aes-sha2" } }, new { type = "m.room.history_visibility", state_key = "", content = new { history_visibility = "joined" } } },
            power_level_content_override = new { invite = 77 },
        });
        var types = (await alice.MessagesAsync(room, "f"))["chunk"].EnumerateArray().Select(e => e.GetProperty("type").GetString()).ToList();
        Assert.Equal(
            ["m.room.create", "m.room.member", "m.room.power_levels", "m.room.canonical_alias", "m.room.join_rules", "m.room.guest_access",
                "m.room.encryption", "m.room.history_visibility", "m.room.name", "m.room.topic", "m.room.member"],
            types);
        var create = await alice.GetStateAsync(room, "m.room.create");
        Assert.Equal("m.space", create.GetProperty("type").GetString());
        Assert.False(create.TryGetProperty("creator", out _));
        Assert.Equal(77, (await alice.GetStateAsync(room, "m.room.power_levels")).GetProperty("invite").GetInt32());
        var invite = (await bob.SyncAsync()).Invited(room)!.Value.GetProperty("invite_state").GetProperty("events").EnumerateArray()
            .Single(e => e.GetProperty("type").ValueEquals("m.room.member") && e.GetProperty("state_key").ValueEquals(bob.UserId));
        Assert.True(invite.GetProperty("content").GetProperty("is_direct").GetBoolean());
        Assert.Contains(room, (await bob.RequestAsync("GET", "/_matrix/client/v3/publicRooms?limit=500")).Ok().Body.ToString());
        (await alice.RequestAsync("POST", Create, new { room_alias_name = alias })).Refused(400, "M_ROOM_IN_USE");
    }

    [DatabaseTheory]
    public async Task In_version_12_creators_stand_above_all_levels(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob, carol) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"), await server.RegisterAsync("carol"));
        var room = await alice.CreateRoomAsync(new
        {
            room_version = "12", preset = "trusted_private_chat", invite = new[] { bob.UserId },
            creation_content = new { additional_creators = new[] { carol.UserId } },
        });
        var creators = (await alice.GetStateAsync(room, "m.room.create")).GetProperty("additional_creators").EnumerateArray().Select(c => c.GetString());
        Assert.Equal(new[] { bob.UserId, carol.UserId }.Order(), creators.Order());
        var power = await alice.GetStateAsync(room, "m.room.power_levels");
        Assert.Equal(150, power.GetProperty("events").GetProperty("m.room.tombstone").GetInt32());
        Assert.Empty(power.GetProperty("users").EnumerateObject());
        await bob.JoinAsync(room);
        await bob.SetStateAsync(room, "m.room.tombstone", new { body = "moved", replacement_room = "!x" });
        (await alice.RequestAsync("PUT", MatrixClient.RoomPath(room, "state/m.room.power_levels"), new { users = new Dictionary<string, int> { [alice.UserId] = 100 } }))
            .Refused(403, "M_FORBIDDEN");
    }

    [DatabaseTheory]
    public async Task What_cannot_be_made_is_refused_with_its_own_code(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var since = (await alice.SyncAsync()).NextBatch;
        (await alice.RequestAsync("POST", Create, new { room_version = "99" })).Refused(400, "M_UNSUPPORTED_ROOM_VERSION");
        (await alice.RequestAsync("POST", Create, new { preset = "no_chat" })).Refused(400, "M_INVALID_PARAM");
        (await alice.RequestAsync("POST", Create, new { power_level_content_override = new { users = "x" } })).Refused(400, "M_INVALID_ROOM_STATE");
        (await alice.RequestAsync("POST", Create, new { room_alias_name = "a:b" })).Refused(400, "M_INVALID_PARAM");
        (await alice.RequestAsync("POST", Create, new { invite = new[] { "nobody" } })).Refused(400, "M_INVALID_PARAM");
        (await alice.RequestAsync("POST", Create, new { invite_3pid = new[] { new { medium = "email" } } })).Refused(403, "M_THREEPID_DENIED");
        (await alice.RequestAsync("POST", Create, new { name = new string('x', 70_000) })).Refused(413, "M_TOO_LARGE");
        (await alice.RequestAsync("POST", Create, new { initial_state = new[] { new { type = "a\0b", content = new { } } } })).Refused(400, "M_INVALID_PARAM");
        Assert.Equal("{}", (await alice.SyncAsync(since)).Body.GetProperty("rooms").ToString());
    }

    [DatabaseTheory]
    public async Task Aliases_are_set_found_listed_and_removed(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreatePublicRoomAsync();
        await bob.JoinAsync(room);
        var name = $"#{TestServer.Unique("alias")}:localhost";
        var path = "/_matrix/client/v3/directory/room/" + Uri.EscapeDataString(name);
        (await alice.RequestAsync("PUT", MatrixClient.RoomPath(room, "state/m.room.canonical_alias"), new { alias = name })).Refused(400, "M_BAD_ALIAS");
        (await alice.RequestAsync("PUT", MatrixClient.RoomPath(room, "state/m.room.canonical_alias"), new { alias = "no alias" })).Refused(400, "M_INVALID_PARAM");
        (await bob.RequestAsync("PUT", path, new { room_id = room })).Ok();
        Assert.Equal(409, (await alice.RequestAsync("PUT", path, new { room_id = room })).Status);
        await alice.SetStateAsync(room, "m.room.canonical_alias", new { alias = name, alt_aliases = new[] { name } });
        Assert.Equal(room, (await server.Client().RequestAsync("GET", path)).Ok().Text("room_id"));
        Assert.Equal([name], (await bob.RequestAsync("GET", MatrixClient.RoomPath(room, "aliases"))).Ok()["aliases"].EnumerateArray().Select(a => a.GetString()));
        var carol = await server.RegisterAsync("carol");
        Assert.Equal(room, await carol.JoinAsync(name));
        (await carol.RequestAsync("DELETE", path)).Refused(403, "M_FORBIDDEN");
        (await bob.RequestAsync("DELETE", path)).Ok();
        (await bob.RequestAsync("DELETE", path)).Refused(404, "M_NOT_FOUND");
        (await carol.RequestAsync("POST", $"/_matrix/client/v3/join/{Uri.EscapeDataString(name)}", new { })).Refused(404, "M_NOT_FOUND");
    }

    [DatabaseTheory]
    public async Task The_directory_is_paged_searched_and_changed_by_those_who_may(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var rooms = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            rooms.Add(await alice.CreateRoomAsync(new { visibility = "public", name = $"Garden {i}" }));
        }

        var found = new List<string>();
        for (string? since = null; ;)
        {
            var page = (await bob.RequestAsync("POST", "/_matrix/client/v3/publicRooms", new { limit = 2, since, filter = new { generic_search_term = "garden" } })).Ok();
            found.AddRange(page["chunk"].EnumerateArray().Select(r => r.GetProperty("room_id").GetString()!));
            if ((since = page.Find("next_batch")?.GetString()) is null)
            {
                break;
            }
        }

        Assert.Equal(rooms.Order(), found.Order());
        var listed = "/_matrix/client/v3/directory/list/room/" + Uri.EscapeDataString(rooms[0]);
        (await bob.RequestAsync("PUT", listed, new { visibility = "private" })).Refused(403, "M_FORBIDDEN");
        (await alice.RequestAsync("PUT", listed, new { visibility = "private" })).Ok();
        Assert.Equal("private", (await bob.RequestAsync("GET", listed)).Ok().Text("visibility"));
        Assert.Equal(4, (await server.Client().RequestAsync("GET", "/_matrix/client/v3/publicRooms")).Ok()["chunk"].GetArrayLength());
    }
}
