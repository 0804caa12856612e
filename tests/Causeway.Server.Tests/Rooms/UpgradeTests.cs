using System.Text.Json;
using Causeway.TestKit;
using Xunit;

namespace Causeway.Server.Tests.Rooms;

/// <summary>Client-server API, "Room Upgrades".</summary>
public sealed class UpgradeTests
{
    [DatabaseTheory]
    [InlineData("1", "12")]
    [InlineData("9", "10")]
    [InlineData("11", "12")]
    [InlineData("12", "12")]
    [InlineData("12", "11")]
    [InlineData("8", "6")]
    public async Task A_room_is_replaced_with_its_state_bans_aliases_and_listing(string database, string from, string to)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob, mallory) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"), await server.RegisterAsync("mallory"));
        var name = TestServer.Unique("old");
        var restricted = from == "8";
        var old = await alice.CreateRoomAsync(new
        {
            room_version = from, preset = "public_chat", visibility = "public", room_alias_name = name, name = "The room", topic = "All",
            creation_content = new { type = "org.example.kind" },
            power_level_content_override = new { users = from == "12" ? [] : new Dictionary<string, int> { [alice.UserId] = 100, [bob.UserId] = 50 } },
        });
        await bob.JoinAsync(old);
        if (restricted)
        {
            await alice.SetStateAsync(old, "m.room.join_rules", new { join_rule = "restricted", allow = new[] { new { type = "m.room_membership", room_id = old } } });
        }

        await alice.SetStateAsync(old, "org.example.state", new { a = 1 });
        await alice.BanAsync(old, mallory.UserId, "spam");
        (await bob.RequestAsync("POST", MatrixClient.RoomPath(old, "upgrade"), new { new_version = to })).Refused(403, "M_FORBIDDEN");
        var replacement = (await alice.RequestAsync("POST", MatrixClient.RoomPath(old, "upgrade"), new { new_version = to })).Ok().Text("replacement_room");

        var create = await alice.GetStateAsync(replacement, "m.room.create");
        Assert.Equal(to, create.GetProperty("room_version").GetString());
        Assert.Equal("org.example.kind", create.GetProperty("type").GetString());
        Assert.Equal(old, create.GetProperty("predecessor").GetProperty("room_id").GetString());
        Assert.Equal(to != "12", create.GetProperty("predecessor").TryGetProperty("event_id", out _));
        Assert.Equal("The room", (await alice.GetStateAsync(replacement, "m.room.name")).GetProperty("name").GetString());
        Assert.Equal("All", (await alice.GetStateAsync(replacement, "m.room.topic")).GetProperty("topic").GetString());
        Assert.Equal(restricted ? "invite" : "public", (await alice.GetStateAsync(replacement, "m.room.join_rules")).GetProperty("join_rule").GetString());
        Assert.Equal("ban", (await alice.GetStateAsync(replacement, "m.room.member", mallory.UserId)).GetProperty("membership").GetString());
        Assert.Equal(404, (await alice.RequestAsync("GET", MatrixClient.RoomPath(replacement, "state/org.example.state/"))).Status);
        var levels = (await alice.GetStateAsync(replacement, "m.room.power_levels")).GetProperty("users");
        Assert.Equal(to != "12", levels.TryGetProperty(alice.UserId, out _));
        Assert.Equal(from != "12", levels.TryGetProperty(bob.UserId, out var ofBob) && ofBob.GetInt32() == 50);

        Assert.Equal(replacement, (await alice.GetStateAsync(old, "m.room.tombstone")).GetProperty("replacement_room").GetString());
        Assert.Equal(50, (await alice.GetStateAsync(old, "m.room.power_levels")).GetProperty("events_default").GetInt32());
        var alias = $"#{name}:localhost";
        Assert.Equal(alias, (await alice.GetStateAsync(replacement, "m.room.canonical_alias")).GetProperty("alias").GetString());
        Assert.False((await alice.GetStateAsync(old, "m.room.canonical_alias")).TryGetProperty("alias", out _));
        Assert.Equal(replacement, (await bob.RequestAsync("GET", $"/_matrix/client/v3/directory/room/{Uri.EscapeDataString(alias)}")).Ok().Text("room_id"));
        Assert.Equal("public", (await VisibilityAsync(bob, replacement)));
        Assert.Equal("private", (await VisibilityAsync(bob, old)));
        if (from != "12")
        {
            await bob.SendTextAsync(old, "50 may still speak");
        }
        else
        {
            Assert.Equal(403, (await bob.RequestAsync("PUT", MatrixClient.RoomPath(old, "send/m.room.message/after"), new { body = "b" })).Status);
        }
    }

    [DatabaseTheory]
    public async Task Additional_creators_are_those_of_the_request(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob, carol) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"), await server.RegisterAsync("carol"));
        var old = await alice.CreateRoomAsync(new { room_version = "12", creation_content = new { additional_creators = new[] { carol.UserId } } });
        var answer = await alice.RequestAsync("POST", MatrixClient.RoomPath(old, "upgrade"), new { new_version = "12", additional_creators = new[] { bob.UserId } });
        var creators = (await alice.GetStateAsync(answer.Ok().Text("replacement_room"), "m.room.create")).GetProperty("additional_creators");
        Assert.Equal([bob.UserId], creators.EnumerateArray().Select(c => c.GetString()));
        (await alice.RequestAsync("POST", MatrixClient.RoomPath(old, "upgrade"), new { new_version = "12", additional_creators = new[] { "nobody" } })).Refused(400, "M_INVALID_PARAM");
        (await alice.RequestAsync("POST", MatrixClient.RoomPath(old, "upgrade"), new { new_version = "no such" })).Refused(400, "M_UNSUPPORTED_ROOM_VERSION");
        (await alice.RequestAsync("POST", MatrixClient.RoomPath(old, "upgrade"), new { })).Refused(400, "M_MISSING_PARAM");
    }

    [DatabaseTheory]
    public async Task Two_upgrades_at_once_make_one_successor(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var old = await alice.CreateRoomAsync(new { room_version = "10" });
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ =>
            alice.RequestAsync("POST", MatrixClient.RoomPath(old, "upgrade"), new { new_version = "12" })));
        var last = (await alice.GetStateAsync(old, "m.room.tombstone")).GetProperty("replacement_room").GetString();
        Assert.All(answers, a => Assert.Equal(last, a.Ok().Text("replacement_room")));
    }

    [DatabaseTheory]
    public async Task Tags_direct_chats_and_rules_come_along_with_those_who_follow(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var old = await alice.CreateRoomAsync(new { preset = "public_chat", room_version = "11" });
        await bob.JoinAsync(old);
        foreach (var who in new[] { alice, bob })
        {
            var user = $"/_matrix/client/v3/user/{who.UserId}";
            (await who.RequestAsync("PUT", $"{user}/rooms/{old}/tags/m.favourite", new { order = 0.25 })).Ok();
            (await who.RequestAsync("PUT", $"{user}/account_data/m.direct", new Dictionary<string, object> { ["@friend:x"] = new[] { old }, ["@other:x"] = new[] { "!o:x" } })).Ok();
            (await who.RequestAsync("PUT", $"/_matrix/client/v3/pushrules/global/room/{old}", new { actions = Array.Empty<string>() })).Ok();
            (await who.RequestAsync("PUT", $"/_matrix/client/v3/pushrules/global/override/{old}", new
            {
                actions = Array.Empty<string>(), conditions = new[] { new { kind = "event_match", key = "room_id", pattern = old } },
            })).Ok();
        }

        var replacement = (await alice.RequestAsync("POST", MatrixClient.RoomPath(old, "upgrade"), new { new_version = "12" })).Ok().Text("replacement_room");
        Assert.Empty((await TagsAsync(bob, replacement)).EnumerateObject());
        await bob.JoinAsync(replacement);
        foreach (var who in new[] { alice, bob })
        {
            Assert.Equal(0.25, (await TagsAsync(who, replacement)).GetProperty("m.favourite").GetProperty("order").GetDouble());
            var direct = (await who.RequestAsync("GET", $"/_matrix/client/v3/user/{who.UserId}/account_data/m.direct")).Ok();
            Assert.Equal([old, replacement], direct["@friend:x"].EnumerateArray().Select(r => r.GetString()));
            Assert.Single(direct["@other:x"].EnumerateArray());
            (await who.RequestAsync("GET", $"/_matrix/client/v3/pushrules/global/room/{replacement}")).Ok();
            var rule = (await who.RequestAsync("GET", $"/_matrix/client/v3/pushrules/global/override/{replacement}")).Ok();
            Assert.Equal(replacement, rule["conditions"][0].GetProperty("pattern").GetString());
        }

        // A room that only claims to be the successor gets nothing.
        var false_ = await alice.CreateRoomAsync(new { preset = "public_chat", creation_content = new { predecessor = new { room_id = old, event_id = "$e" } } });
        await bob.JoinAsync(false_);
        Assert.Empty((await TagsAsync(bob, false_)).EnumerateObject());
    }

    private static async Task<JsonElement> TagsAsync(MatrixClient who, string room) =>
        (await who.RequestAsync("GET", $"/_matrix/client/v3/user/{who.UserId}/rooms/{room}/tags")).Ok()["tags"];

    private static async Task<string> VisibilityAsync(MatrixClient who, string room) =>
        (await who.RequestAsync("GET", $"/_matrix/client/v3/directory/list/room/{room}")).Ok().Text("visibility");
}
