using Causeway.TestKit;
using Xunit;

namespace Causeway.Server.Tests.Accounts;

/// <summary>Login, tokens, devices, passwords, deactivation.</summary>
public sealed class SessionTests
{
    private const string V3 = "/_matrix/client/v3/";

    [DatabaseTheory]
    public async Task Login_takes_a_name_or_a_whole_id_and_only_the_right_password(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        await server.Client().LoginAsync(alice.UserId);
        await server.Client().LoginAsync(alice.UserId[1..alice.UserId.IndexOf(':')]);
        (await LoginAsync(server, alice.UserId, "wrong")).Refused(403, "M_FORBIDDEN");
        (await LoginAsync(server, "@nobody:localhost", "wrong")).Refused(403, "M_FORBIDDEN");
        (await LoginAsync(server, "@nobody:elsewhere.example", "wrong")).Refused(403, "M_FORBIDDEN");
        (await server.Client().RequestAsync("POST", V3 + "login", new { type = "m.login.unknown" })).Refused(400, "M_UNKNOWN");
        Assert.Contains("m.login.password", (await server.Client().RequestAsync("GET", V3 + "login")).Ok().Body.ToString());
    }

    [DatabaseTheory]
    public async Task Signing_in_on_the_same_device_ends_its_older_token(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var again = await server.Client().LoginAsync(alice.UserId, deviceId: alice.DeviceId);
        Assert.Equal(alice.DeviceId, again.DeviceId);
        (await alice.RequestAsync("GET", V3 + "account/whoami")).Refused(401, "M_UNKNOWN_TOKEN");
        Assert.Equal(alice.DeviceId, (await again.RequestAsync("GET", V3 + "account/whoami")).Ok().Text("device_id"));
    }

    [DatabaseTheory]
    public async Task A_refresh_keeps_the_old_tokens_until_the_new_ones_are_used(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var login = (await server.Client().RequestAsync("POST", V3 + "login", new
        {
            type = "m.login.password", identifier = new { type = "m.id.user", user = alice.UserId }, password = MatrixClient.Password, refresh_token = true,
        })).Ok();
        Assert.True(login["expires_in_ms"].GetInt64() > 0);
        var first = await RefreshAsync(login.Text("refresh_token"));
        var second = await RefreshAsync(login.Text("refresh_token"));
        Assert.Equal(401, await StatusAsync(first.Text("access_token")));
        Assert.Equal(200, await StatusAsync(login.Text("access_token")));
        Assert.Equal(200, await StatusAsync(second.Text("access_token")));
        Assert.Equal(401, await StatusAsync(login.Text("access_token")));
        (await server.Client().RequestAsync("POST", V3 + "refresh", new { refresh_token = login.Text("refresh_token") })).Refused(401, "M_UNKNOWN_TOKEN");
        (await server.Client().RequestAsync("POST", V3 + "refresh", new { refresh_token = "nothing" })).Refused(401, "M_UNKNOWN_TOKEN");

        async Task<MatrixAnswer> RefreshAsync(string token) =>
            (await server.Client().RequestAsync("POST", V3 + "refresh", new { refresh_token = token })).Ok();

        async Task<int> StatusAsync(string token) => (await Http.SendAsync(server, "GET", V3 + "account/whoami", token)).Status;
    }

    [DatabaseTheory]
    public async Task Logout_ends_one_device_and_logout_all_ends_every_one(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var (second, third) = (await server.AnotherDeviceAsync(alice), await server.AnotherDeviceAsync(alice));
        (await alice.RequestAsync("POST", V3 + "logout")).Ok();
        (await alice.RequestAsync("GET", V3 + "account/whoami")).Refused(401, "M_UNKNOWN_TOKEN");
        Assert.Equal(2, (await second.RequestAsync("GET", V3 + "devices")).Ok()["devices"].GetArrayLength());
        (await second.RequestAsync("POST", V3 + "logout/all")).Ok();
        (await third.RequestAsync("GET", V3 + "account/whoami")).Refused(401, "M_UNKNOWN_TOKEN");
    }

    [DatabaseTheory]
    public async Task A_device_is_named_and_removed_with_the_password(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var (other, mallory) = (await server.AnotherDeviceAsync(alice), await server.RegisterAsync("mallory"));
        var path = V3 + "devices/" + other.DeviceId;
        (await alice.RequestAsync("PUT", path, new { display_name = "Laptop" })).Ok();
        Assert.Equal("Laptop", (await alice.RequestAsync("GET", path)).Ok().Text("display_name"));
        (await mallory.RequestAsync("GET", path)).Refused(404, "M_NOT_FOUND");
        (await mallory.RequestAsync("PUT", path, new { display_name = "x" })).Refused(404, "M_NOT_FOUND");
        var ask = await alice.RequestAsync("DELETE", path, new { });
        Assert.Equal(401, ask.Status);
        var wrong = await alice.RequestAsync("DELETE", path, new { auth = Auth(ask.Text("session"), "wrong") });
        Assert.Equal((401, "M_FORBIDDEN"), (wrong.Status, wrong.ErrorCode));
        await other.SyncAsync();
        (await alice.RequestAsync("DELETE", path, new { auth = Auth(ask.Text("session")) })).Ok();
        (await other.RequestAsync("GET", V3 + "account/whoami")).Refused(401, "M_UNKNOWN_TOKEN");
        (await alice.RequestAsync("GET", path)).Refused(404, "M_NOT_FOUND");
    }

    [DatabaseTheory]
    public async Task An_auth_session_is_good_for_its_own_request_only(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var other = await server.AnotherDeviceAsync(alice);
        var session = (await alice.RequestAsync("DELETE", V3 + "devices/" + other.DeviceId, new { })).Text("session");
        (await alice.RequestAsync("POST", V3 + "account/deactivate", new { auth = Auth(session) })).Refused(400, "M_UNKNOWN");
        (await alice.RequestAsync("POST", V3 + "account/deactivate", new { auth = new { type = "m.login.dummy" } })).Refused(401, "M_UNRECOGNIZED");
        var someoneElse = await server.RegisterAsync("bob");
        var answer = await alice.RequestAsync("POST", V3 + "account/deactivate", new
        {
            auth = new { type = "m.login.password", password = MatrixClient.Password, identifier = new { type = "m.id.user", user = someoneElse.UserId } },
        });
        Assert.Equal((401, "M_FORBIDDEN"), (answer.Status, answer.ErrorCode));
    }

    [DatabaseTheory]
    public async Task A_new_password_ends_the_other_devices_unless_told_not_to(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var other = await server.AnotherDeviceAsync(alice);
        (await alice.RequestAsync("POST", V3 + "account/password", new { new_password = "second", logout_devices = false, auth = Auth(null) })).Ok();
        (await other.RequestAsync("GET", V3 + "account/whoami")).Ok();
        (await alice.RequestAsync("POST", V3 + "account/password", new { new_password = "third", auth = Auth(null, "second") })).Ok();
        (await other.RequestAsync("GET", V3 + "account/whoami")).Refused(401, "M_UNKNOWN_TOKEN");
        (await alice.RequestAsync("GET", V3 + "account/whoami")).Ok();
        (await LoginAsync(server, alice.UserId, "second")).Refused(403, "M_FORBIDDEN");
        (await LoginAsync(server, alice.UserId, "third")).Ok();
    }

    [DatabaseTheory]
    public async Task A_deactivated_account_is_gone_leaves_its_rooms_and_keeps_its_name(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await bob.CreatePublicRoomAsync();
        await alice.JoinAsync(room);
        var invited = await bob.CreateRoomAsync(new { invite = new[] { alice.UserId } });
        (await alice.RequestAsync("POST", V3 + "account/deactivate", new { auth = Auth(null) })).Ok();
        (await alice.RequestAsync("GET", V3 + "account/whoami")).Refused(401, "M_UNKNOWN_TOKEN");
        (await LoginAsync(server, alice.UserId, MatrixClient.Password)).Refused(403, "M_USER_DEACTIVATED");
        foreach (var left in new[] { room, invited })
        {
            Assert.Equal("leave", (await bob.GetStateAsync(left, "m.room.member", alice.UserId)).GetProperty("membership").GetString());
        }

        (await bob.RequestAsync("GET", V3 + $"profile/{alice.UserId}")).Refused(404, "M_NOT_FOUND");
        (await bob.RequestAsync("POST", MatrixClient.RoomPath(room, "invite"), new { user_id = alice.UserId })).Refused(404, "M_NOT_FOUND");
        var name = alice.UserId[1..alice.UserId.IndexOf(':')];
        (await server.Client().RequestAsync("GET", V3 + $"register/available?username={name}")).Refused(400, "M_USER_IN_USE");
    }

    [DatabaseTheory]
    public async Task A_changed_profile_is_written_into_the_rooms_one_is_in(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await bob.CreatePublicRoomAsync();
        await alice.JoinAsync(room);
        var left = await alice.CreatePublicRoomAsync();
        await bob.JoinAsync(left);
        await alice.LeaveAsync(left);
        (await alice.RequestAsync("PUT", V3 + $"profile/{alice.UserId}/displayname", new { displayname = "Alice A." })).Ok();
        (await alice.RequestAsync("PUT", V3 + $"profile/{alice.UserId}/avatar_url", new { avatar_url = "mxc://localhost/face" })).Ok();
        var member = await bob.GetStateAsync(room, "m.room.member", alice.UserId);
        Assert.Equal(("Alice A.", "mxc://localhost/face"), (member.GetProperty("displayname").GetString(), member.GetProperty("avatar_url").GetString()));
        Assert.Equal("leave", (await bob.GetStateAsync(left, "m.room.member", alice.UserId)).GetProperty("membership").GetString());
        var profile = (await server.Client().RequestAsync("GET", V3 + $"profile/{alice.UserId}")).Ok();
        Assert.Equal("Alice A.", profile.Text("displayname"));
        (await alice.RequestAsync("DELETE", V3 + $"profile/{alice.UserId}/displayname")).Ok();
        (await bob.RequestAsync("GET", V3 + $"profile/{alice.UserId}/displayname")).Refused(404, "M_NOT_FOUND");
        (await bob.RequestAsync("PUT", V3 + $"profile/{alice.UserId}/displayname", new { displayname = "x" })).Refused(403, "M_FORBIDDEN");
        (await alice.RequestAsync("PUT", V3 + $"profile/{alice.UserId}/displayname", new { displayname = "a\0b" })).Refused(400, "M_INVALID_PARAM");
    }

    private static object Auth(string? session, string password = MatrixClient.Password) =>
        session is null ? new { type = "m.login.password", password } : new { type = "m.login.password", password, session };

    private static Task<MatrixAnswer> LoginAsync(TestServer server, string user, string password) => server.Client().RequestAsync(
        "POST", V3 + "login", new { type = "m.login.password", identifier = new { type = "m.id.user", user }, password });
}
