using Causeway.TestKit;
using Xunit;

namespace Causeway.Server.Tests.Rooms;

/// <summary>Client-server API, "Room membership": each change with each refusal.</summary>
public sealed class MembershipTests
{
    [DatabaseTheory]
    public async Task An_invited_person_joins_leaves_and_cannot_come_back_uninvited(string database)
    {
        var (alice, bob, carol) = await ThreeAsync(database);
        var room = await alice.CreateRoomAsync();
        await RefusedAsync(bob, room, "join", new { }, 403, "M_FORBIDDEN");
        await RefusedAsync(bob, room, "invite", new { user_id = carol.UserId }, 403, "M_FORBIDDEN");
        await alice.InviteAsync(room, bob.UserId);
        await bob.JoinAsync(room);
        Assert.Equal(room, await bob.JoinAsync(room));
        await RefusedAsync(alice, room, "invite", new { user_id = bob.UserId }, 403, "M_FORBIDDEN");
        await bob.LeaveAsync(room);
        await bob.LeaveAsync(room);
        await RefusedAsync(bob, room, "join", new { }, 403, "M_FORBIDDEN");
        await RefusedAsync(alice, room, "invite", new { user_id = "@nobody:localhost" }, 404, "M_NOT_FOUND");
        await RefusedAsync(carol, room, "leave", new { }, 403, "M_FORBIDDEN");
    }

    [DatabaseTheory]
    public async Task Kick_and_ban_need_more_power_than_their_target(string database)
    {
        var (alice, bob, carol) = await ThreeAsync(database);
        var room = await alice.CreatePublicRoomAsync();
        await bob.JoinAsync(room);
        await carol.JoinAsync(room);
        foreach (var action in new[] { "kick", "ban" })
        {
            await RefusedAsync(bob, room, action, new { user_id = carol.UserId }, 403, "M_FORBIDDEN");
            await RefusedAsync(bob, room, action, new { user_id = alice.UserId }, 403, "M_FORBIDDEN");
        }

        await alice.KickAsync(room, carol.UserId, "enough");
        Assert.Equal("enough", (await alice.GetStateAsync(room, "m.room.member", carol.UserId)).GetProperty("reason").GetString());
        await RefusedAsync(alice, room, "kick", new { user_id = carol.UserId }, 403, "M_FORBIDDEN");
        await carol.JoinAsync(room);
        await alice.BanAsync(room, carol.UserId);
        await RefusedAsync(carol, room, "join", new { }, 403, "M_FORBIDDEN");
        await RefusedAsync(alice, room, "invite", new { user_id = carol.UserId }, 403, "M_FORBIDDEN");
        await RefusedAsync(alice, room, "kick", new { user_id = carol.UserId }, 403, "M_FORBIDDEN");
        await RefusedAsync(bob, room, "unban", new { user_id = carol.UserId }, 403, "M_FORBIDDEN");
        await PostAsync(alice, room, "unban", new { user_id = carol.UserId });
        await RefusedAsync(alice, room, "unban", new { user_id = carol.UserId }, 403, "M_FORBIDDEN");
        await carol.JoinAsync(room);
        (await bob.RequestAsync("PUT", MatrixClient.RoomPath(room, $"send/m.room.message/{TestServer.Unique("t")}"), new { })).Ok();
    }

    [DatabaseTheory]
    public async Task Knocking_is_for_rooms_that_allow_it_and_is_answered_or_taken_back(string database)
    {
        var (alice, bob, carol) = await ThreeAsync(database);
        var room = await alice.CreateRoomAsync(new { room_version = "10" });
        Assert.Equal(403, (await KnockAsync(bob, room)).Status);
        await alice.SetStateAsync(room, "m.room.join_rules", new { join_rule = "knock" });
        (await KnockAsync(bob, room)).Ok();
        var knocked = (await bob.SyncAsync()).Body.GetProperty("rooms").GetProperty("knock").GetProperty(room).GetProperty("knock_state").GetProperty("events");
        Assert.Contains("\"membership\":\"knock\"", knocked.ToString());
        await RefusedAsync(bob, room, "join", new { }, 403, "M_FORBIDDEN");
        await alice.InviteAsync(room, bob.UserId);
        await bob.JoinAsync(room);
        Assert.Equal(403, (await KnockAsync(bob, room)).Status);
        (await KnockAsync(carol, room)).Ok();
        await carol.LeaveAsync(room);
        (await KnockAsync(carol, room)).Ok();
        await alice.KickAsync(room, carol.UserId);
        Assert.Equal(404, (await KnockAsync(carol, "!nothing:localhost")).Status);
    }

    [DatabaseTheory]
    [InlineData("8", "restricted")]
    [InlineData("10", "knock_restricted")]
    [InlineData("12", "restricted")]
    public async Task A_restricted_room_admits_members_of_the_rooms_it_names(string database, string version, string rule)
    {
        var (alice, bob, carol) = await ThreeAsync(database);
        var space = await alice.CreatePublicRoomAsync();
        await bob.JoinAsync(space);
        var room = await alice.CreateRoomAsync(new
        {
            room_version = version,
            initial_state = new[] { new { type = "m.room.join_rules", state_key = "", content = new { join_rule = rule, allow = new[] { new { type = "m.room_membership", room_id = space } } } } },
        });
        await bob.JoinAsync(room);
        Assert.Equal(alice.UserId, (await bob.GetStateAsync(room, "m.room.member", bob.UserId)).GetProperty("join_authorised_via_users_server").GetString());
        await RefusedAsync(carol, room, "join", new { }, 403, "M_FORBIDDEN");

        // Vouching for oneself by writing the member event must not open the door either.
        (await carol.RequestAsync("PUT", MatrixClient.RoomPath(room, $"state/m.room.member/{carol.UserId}"), new { membership = "join", join_authorised_via_users_server = alice.UserId }))
            .Refused(403, "M_FORBIDDEN");
        await carol.JoinAsync(space);
        (await carol.RequestAsync("PUT", MatrixClient.RoomPath(room, $"state/m.room.member/{carol.UserId}"), new { membership = "join" })).Ok();
        await carol.SendTextAsync(room, "in");
    }

    [DatabaseTheory]
    public async Task Only_a_left_room_is_forgotten_and_then_it_is_gone(string database)
    {
        var (alice, bob, _) = await ThreeAsync(database);
        var room = await alice.CreatePublicRoomAsync();
        await RefusedAsync(bob, room, "forget", new { }, 403, "M_FORBIDDEN");
        await bob.JoinAsync(room);
        await RefusedAsync(bob, room, "forget", new { }, 400, "M_UNKNOWN");
        await bob.LeaveAsync(room);
        (await bob.RequestAsync("GET", MatrixClient.RoomPath(room, "messages?dir=b"))).Ok();
        await PostAsync(bob, room, "forget", new { });
        (await bob.RequestAsync("GET", MatrixClient.RoomPath(room, "messages?dir=b"))).Refused(403, "M_FORBIDDEN");
        Assert.Null((await bob.SyncAsync(filter: """{"room":{"include_leave":true}}""")).Left(room));
        await bob.JoinAsync(room);
        Assert.NotNull((await bob.SyncAsync()).Joined(room));
    }

    [DatabaseTheory]
    public async Task Many_join_at_once_and_all_are_in(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var room = await alice.CreatePublicRoomAsync();
        var people = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => server.RegisterAsync("crowd")));
        await Task.WhenAll(people.Select(p => p.JoinAsync(room)));
        var joined = (await alice.RequestAsync("GET", MatrixClient.RoomPath(room, "joined_members"))).Ok()["joined"];
        Assert.Equal(21, joined.EnumerateObject().Count());
        Assert.Contains(room, (await people[3].RequestAsync("GET", "/_matrix/client/v3/joined_rooms")).Ok()["joined_rooms"].EnumerateArray().Select(r => r.GetString()));
        var members = (await alice.RequestAsync("GET", MatrixClient.RoomPath(room, "members?membership=join"))).Ok()["chunk"];
        Assert.Equal(21, members.GetArrayLength());
        Assert.Equal(0, (await alice.RequestAsync("GET", MatrixClient.RoomPath(room, "members?not_membership=join"))).Ok()["chunk"].GetArrayLength());
    }

    private static async Task<(MatrixClient Alice, MatrixClient Bob, MatrixClient Carol)> ThreeAsync(string database)
    {
        var server = await TestServer.SharedAsync(database);
        return (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"), await server.RegisterAsync("carol"));
    }

    private static Task<MatrixAnswer> KnockAsync(MatrixClient who, string room) =>
        who.RequestAsync("POST", $"/_matrix/client/v3/knock/{Uri.EscapeDataString(room)}", new { reason = "please" });

    private static async Task PostAsync(MatrixClient who, string room, string action, object body) =>
        (await who.RequestAsync("POST", MatrixClient.RoomPath(room, action), body)).Ok();

    private static async Task RefusedAsync(MatrixClient who, string room, string action, object body, int status, string code) =>
        (await who.RequestAsync("POST", MatrixClient.RoomPath(room, action), body)).Refused(status, code);
}
