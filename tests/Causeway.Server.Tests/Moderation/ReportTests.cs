using Causeway.Accounts;
using Causeway.TestKit;
using Xunit;

namespace Causeway.Server.Tests.Moderation;

/// <summary>Client-server API, "Reporting Content", and what administrators see of it.</summary>
public sealed class ReportTests
{
    [DatabaseTheory]
    public async Task Reports_of_events_rooms_and_people_reach_the_administrators_of_the_reporter(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var (admin, alice, bob) = (await server.RegisterAdminAsync(), await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreateRoomAsync(new { preset = "public_chat", name = "Room" });
        var sent = await alice.SendTextAsync(room, "bad");
        (await ReportAsync(bob, $"rooms/{room}/report/{sent}", new { reason = "not there" })).Refused(404, "M_NOT_FOUND");
        await bob.JoinAsync(room);
        (await ReportAsync(bob, $"rooms/{room}/report/{sent}", new { reason = "spam", score = -100 })).Ok();
        (await ReportAsync(bob, $"rooms/{room}/report/$nothing", new { })).Refused(404, "M_NOT_FOUND");
        await bob.LeaveAsync(room);
        Assert.Contains((await ReportAsync(bob, $"rooms/{room}/report/{sent}", new { })).Status, new[] { 403, 404 });
        (await ReportAsync(bob, $"rooms/{room}/report", new { reason = "" })).Ok();
        (await ReportAsync(bob, "rooms/!nothing:localhost/report", new { reason = "" })).Ok();
        (await ReportAsync(bob, $"users/{alice.UserId}/report", new { reason = "rude" })).Ok();
        (await ReportAsync(bob, "users/@nobody:localhost/report", new { reason = "rude" })).Ok();
        (await ReportAsync(bob, $"users/{alice.UserId}/report", new { })).Refused(400, "M_MISSING_PARAM");
        (await ReportAsync(bob, $"users/{alice.UserId}/report", new { reason = new string('x', 5000) })).Refused(413, "M_TOO_LARGE");

        var reports = (await admin.RequestAsync("GET", "/_synapse/admin/v1/event_reports?dir=f")).Ok();
        Assert.Equal(3, reports["total"].GetInt32());
        var first = reports["event_reports"][0];
        Assert.Equal((sent, room, alice.UserId, bob.UserId, "spam", "Room"), (
            first.GetProperty("event_id").GetString(), first.GetProperty("room_id").GetString(), first.GetProperty("sender").GetString(),
            first.GetProperty("user_id").GetString(), first.GetProperty("reason").GetString(), first.GetProperty("name").GetString()));
        Assert.Equal(room, reports["event_reports"][1].GetProperty("room_id").GetString());
        Assert.Equal(alice.UserId, reports["event_reports"][2].GetProperty("sender").GetString());
        var page = (await admin.RequestAsync("GET", "/_synapse/admin/v1/event_reports?limit=2")).Ok();
        Assert.Equal(2, page["next_token"].GetInt32());
        Assert.Single((await admin.RequestAsync("GET", "/_synapse/admin/v1/event_reports?limit=2&from=2")).Ok()["event_reports"].EnumerateArray());
        Assert.Equal(0, (await admin.RequestAsync("GET", $"/_synapse/admin/v1/event_reports?user_id={alice.UserId}")).Ok()["total"].GetInt32());

        var path = $"/_synapse/admin/v1/event_reports/{first.GetProperty("id").GetInt32()}";
        Assert.Equal("bad", (await admin.RequestAsync("GET", path)).Ok()["event_json"].GetProperty("content").GetProperty("body").GetString());
        (await bob.RequestAsync("GET", path)).Refused(403, "M_FORBIDDEN");
        (await admin.RequestAsync("DELETE", path)).Ok();
        (await admin.RequestAsync("GET", path)).Refused(404, "M_NOT_FOUND");
        (await admin.RequestAsync("DELETE", path)).Refused(404, "M_NOT_FOUND");
    }

    [DatabaseTheory]
    public async Task A_locked_account_can_only_sign_out_and_lives_on_when_unlocked(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var (admin, alice) = (await server.RegisterAdminAsync(), await server.RegisterAsync("alice"));
        var room = await alice.CreateRoomAsync();
        var path = $"/_matrix/client/v1/admin/lock/{alice.UserId}";
        Assert.False((await admin.RequestAsync("GET", path)).Ok()["locked"].GetBoolean());
        Assert.True((await admin.RequestAsync("PUT", path, new { locked = true })).Ok()["locked"].GetBoolean());
        var refused = (await alice.RequestAsync("GET", "/_matrix/client/v3/sync")).Refused(401, "M_USER_LOCKED");
        Assert.True(refused["soft_logout"].GetBoolean());
        (await alice.RequestAsync("GET", $"/_matrix/client/v1/room_summary/{room}")).Refused(401, "M_USER_LOCKED");
        (await server.Client().RequestAsync("POST", "/_matrix/client/v3/login", new { type = "m.login.password", user = alice.UserId, password = MatrixClient.Password })).Refused(401, "M_USER_LOCKED");
        await server.RestartAsync();
        (admin, alice) = (server.Client().Become(admin), server.Client().Become(alice));
        (await alice.RequestAsync("GET", "/_matrix/client/v3/sync")).Refused(401, "M_USER_LOCKED");
        (await admin.RequestAsync("PUT", path, new { locked = false })).Ok();
        await alice.SendTextAsync(room, "back");
        (await admin.RequestAsync("PUT", path, new { locked = true })).Ok();
        await alice.LogoutAsync();
        await RefusalsAsync(server, admin, alice, "lock", "locked");
    }

    [DatabaseTheory]
    public async Task A_suspended_person_reads_and_leaves_and_says_nothing(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var (admin, alice, bob) = (await server.RegisterAdminAsync(), await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreatePublicRoomAsync();
        var other = await bob.CreatePublicRoomAsync();
        await bob.JoinAsync(room);
        var (own, others) = (await alice.SendTextAsync(room, "own"), await bob.SendTextAsync(room, "others"));
        (await admin.RequestAsync("PUT", $"/_matrix/client/v1/admin/suspend/{alice.UserId}", new { suspended = true })).Ok();
        foreach (var (method, refused, body) in new (string, string, object)[]
        {
            ("PUT", $"rooms/{room}/send/m.room.message/1", new { body = "b" }),
            ("PUT", $"rooms/{room}/state/m.room.name/", new { name = "n" }),
            ("PUT", $"rooms/{room}/redact/{others}/2", new { }),
            ("PUT", $"rooms/{room}/send/m.room.redaction/3", new { redacts = others }),
            ("POST", $"rooms/{other}/join", new { }),
            ("POST", $"join/{other}", new { }),
            ("PUT", $"rooms/{other}/state/m.room.member/{alice.UserId}", new { membership = "join" }),
            ("POST", $"knock/{other}", new { }),
            ("POST", $"rooms/{room}/invite", new { user_id = admin.UserId }),
            ("POST", $"rooms/{room}/kick", new { user_id = bob.UserId }),
            ("POST", $"rooms/{room}/ban", new { user_id = bob.UserId }),
            ("POST", $"rooms/{room}/upgrade", new { new_version = "12" }),
            ("POST", "createRoom", new { }),
            ("PUT", $"profile/{alice.UserId}/displayname", new { displayname = "n" }),
        })
        {
            (await alice.RequestAsync(method, "/_matrix/client/v3/" + refused, body)).Refused(403, "M_USER_SUSPENDED");
        }

        await alice.RedactAsync(room, own);
        Assert.Contains("others", (await alice.SyncAsync()).Texts(room));
        await alice.LeaveAsync(room);
        await server.AnotherDeviceAsync(alice);
        (await admin.RequestAsync("PUT", $"/_matrix/client/v1/admin/suspend/{alice.UserId}", new { suspended = false })).Ok();
        await alice.JoinAsync(other);
        await RefusalsAsync(server, admin, alice, "suspend", "suspended");
    }

    [DatabaseTheory]
    public async Task Who_is_signed_in_where_is_told_to_themselves_and_administrators(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var (admin, alice, bob) = (await server.RegisterAdminAsync(), await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var path = $"/_matrix/client/v3/admin/whois/{alice.UserId}";
        foreach (var who in new[] { alice, admin })
        {
            var answer = (await who.RequestAsync("GET", path)).Ok();
            Assert.Equal(alice.UserId, answer.Text("user_id"));
            Assert.True(answer["devices"].TryGetProperty(alice.DeviceId, out _));
        }

        (await bob.RequestAsync("GET", path)).Refused(403, "M_FORBIDDEN");
        (await admin.RequestAsync("GET", "/_matrix/client/v3/admin/whois/@nobody:localhost")).Refused(404, "M_NOT_FOUND");
        Assert.Empty((await alice.RequestAsync("GET", "/_matrix/client/v3/account/3pid")).Ok()["threepids"].EnumerateArray());
    }

    [DatabaseTheory]
    public async Task Support_is_told_once_it_is_set(string database)
    {
        (await (await TestServer.SharedAsync(database)).Client().RequestAsync("GET", "/.well-known/matrix/support")).Refused(404, "M_NOT_FOUND");
        await using var server = await TestServer.StartAsync(database, o => o with { SupportContact = "help@example.org", SupportPage = "https://example.org/help" });
        var answer = (await server.Client().RequestAsync("GET", "/.well-known/matrix/support")).Ok();
        Assert.Equal("https://example.org/help", answer.Text("support_page"));
        Assert.Equal("help@example.org", answer["contacts"][0].GetProperty("email_address").GetString());
        Assert.Equal("m.role.admin", answer["contacts"][0].GetProperty("role").GetString());
        (await server.Client().RequestAsync("GET", "/.well-known/matrix/policy_server")).Refused(404, "M_UNRECOGNIZED");
    }

    private static async Task RefusalsAsync(TestServer server, MatrixClient admin, MatrixClient alice, string what, string name)
    {
        var path = $"/_matrix/client/v1/admin/{what}/";
        (await admin.RequestAsync("PUT", path + admin.UserId, new Dictionary<string, object> { [name] = true })).Refused(403, "M_FORBIDDEN");
        (await admin.RequestAsync("PUT", path + alice.UserId, new { })).Refused(400, "M_MISSING_PARAM");
        (await admin.RequestAsync("GET", path + "@nobody:localhost")).Refused(404, "M_NOT_FOUND");
        await server.Get<OrganisationStore>().AddAsync("other.example", "other");
        await Organisations.OrganisationTests.RegisterAtAsync(server, "other.example", "mallory");
        (await admin.RequestAsync("PUT", path + "@mallory:other.example", new Dictionary<string, object> { [name] = true })).Refused(400, "M_INVALID_PARAM");
        var bob = await server.RegisterAsync("bob");
        (await bob.RequestAsync("PUT", path + bob.UserId, new Dictionary<string, object> { [name] = true })).Refused(403, "M_FORBIDDEN");
    }

    private static Task<MatrixAnswer> ReportAsync(MatrixClient who, string path, object body) =>
        who.RequestAsync("POST", "/_matrix/client/v3/" + path, body);
}
