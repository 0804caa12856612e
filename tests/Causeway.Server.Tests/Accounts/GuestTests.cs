using Causeway.TestKit;
using Xunit;

namespace Causeway.Server.Tests.Accounts;

/// <summary>Client-server API, "Guest Access" and "Room Previews".</summary>
public sealed class GuestTests
{
    private const string Register = "/_matrix/client/v3/register";

    [DatabaseTheory]
    public async Task Guests_are_admitted_only_where_that_is_switched_on(string database)
    {
        await using var server = await TestServer.StartAsync(database, o => o with { Guests = false });
        (await server.Client().RequestAsync("POST", Register + "?kind=guest", new { })).Refused(403, "M_GUEST_ACCESS_FORBIDDEN");
    }

    [DatabaseTheory]
    public async Task Guests_must_leave_when_a_room_no_longer_admits_them(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var (guest, id) = await GuestAsync(server);
        var room = await alice.CreateRoomAsync(new { preset = "public_chat", initial_state = new[] { State("m.room.guest_access", new { guest_access = "can_join" }) } });
        await bob.JoinAsync(room);
        await guest.JoinAsync(room);
        await alice.SetStateAsync(room, "m.room.guest_access", new { guest_access = "forbidden" });
        Assert.Equal("leave", (await alice.GetStateAsync(room, "m.room.member", id)).GetProperty("membership").GetString());
        Assert.Equal("join", (await alice.GetStateAsync(room, "m.room.member", bob.UserId)).GetProperty("membership").GetString());
        (await guest.RequestAsync("POST", MatrixClient.RoomPath(room, "join"), new { })).Refused(403, "M_GUEST_ACCESS_FORBIDDEN");
    }

    [DatabaseTheory]
    public async Task A_guest_becomes_a_person_with_the_same_id(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (guest, id) = await GuestAsync(server);
        var name = id[1..id.IndexOf(':')];
        object Body(string username, string? token) => new { username, password = MatrixClient.Password, guest_access_token = token, auth = new { type = "m.login.dummy" } };
        (await server.Client().RequestAsync("POST", Register, Body(name, null))).Refused(400, "M_USER_IN_USE");
        (await server.Client().RequestAsync("POST", Register, Body("another", guest.AccessToken))).Refused(403, "M_FORBIDDEN");
        (await server.Client().RequestAsync("POST", Register, Body(name, "no token"))).Refused(401, "M_UNKNOWN_TOKEN");
        var alice = await server.RegisterAsync("alice");
        (await server.Client().RequestAsync("POST", Register, Body(alice.UserId[1..alice.UserId.IndexOf(':')], alice.AccessToken))).Refused(403, "M_FORBIDDEN");
        Assert.Equal(id, (await server.Client().RequestAsync("POST", Register, Body(name, guest.AccessToken))).Ok().Text("user_id"));
        var person = await server.Client().LoginAsync(name);
        await person.CreateRoomAsync();
        Assert.False((await guest.RequestAsync("GET", "/_matrix/client/v3/account/whoami")).Ok()["is_guest"].GetBoolean());
    }

    [DatabaseTheory]
    public async Task A_world_readable_room_is_read_live_without_being_in_it(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var (guest, _) = await GuestAsync(server);
        var room = await alice.CreateRoomAsync(new { name = "Window", initial_state = new[] { State("m.room.history_visibility", new { history_visibility = "world_readable" }) } });
        await alice.SendTextAsync(room, "first");
        var initial = (await guest.RequestAsync("GET", MatrixClient.RoomPath(room, "initialSync?limit=3"))).Ok();
        Assert.Equal((room, "private"), (initial.Text("room_id"), initial.Text("visibility")));
        Assert.Null(initial.Find("membership"));
        Assert.Equal("first", initial["messages"].GetProperty("chunk").EnumerateArray().Last().GetProperty("content").GetProperty("body").GetString());
        Assert.Contains("Window", initial["state"].ToString());

        var from = initial["messages"].GetProperty("end").GetString();
        var asleep = guest.RequestAsync("GET", $"/_matrix/client/v3/events?room_id={Uri.EscapeDataString(room)}&from={from}&timeout=30000");
        await alice.SendTextAsync(room, "second");
        var events = (await asleep).Ok();
        Assert.Equal("second", events["chunk"].EnumerateArray().Single().GetProperty("content").GetProperty("body").GetString());
        var quiet = (await guest.RequestAsync("GET", $"/_matrix/client/v3/events?room_id={Uri.EscapeDataString(room)}&from={events.Text("end")}")).Ok();
        Assert.Empty(quiet["chunk"].EnumerateArray());

        asleep = guest.RequestAsync("GET", $"/_matrix/client/v3/events?room_id={Uri.EscapeDataString(room)}&from={quiet.Text("end")}&timeout=30000");
        await alice.SetStateAsync(room, "m.room.history_visibility", new { history_visibility = "shared" });
        Assert.Contains((await asleep).Status, new[] { 200, 403 });
        await alice.SendTextAsync(room, "secret");
        foreach (var path in new[] { $"/_matrix/client/v3/events?room_id={Uri.EscapeDataString(room)}&from={from}", MatrixClient.RoomPath(room, "initialSync") })
        {
            (await guest.RequestAsync("GET", path)).Refused(403, "M_FORBIDDEN");
        }

        (await guest.RequestAsync("GET", "/_matrix/client/v3/events")).Refused(400, "M_MISSING_PARAM");
    }

    private static object State(string type, object content) => new { type, state_key = "", content };

    private static async Task<(MatrixClient Guest, string Id)> GuestAsync(TestServer server)
    {
        var guest = server.Client();
        var answer = (await guest.RequestAsync("POST", Register + "?kind=guest", new { })).Ok();
        guest.AccessToken = answer.Text("access_token");
        return (guest, answer.Text("user_id"));
    }
}
