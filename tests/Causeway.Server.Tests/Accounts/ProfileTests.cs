using Causeway.TestKit;
using Xunit;

namespace Causeway.Server.Tests.Accounts;

/// <summary>Client-server API, "Profiles" and "Mutual Rooms".</summary>
public sealed class ProfileTests
{
    [DatabaseTheory]
    [InlineData("/_matrix/client/v3/profile/")]
    [InlineData("/_matrix/client/unstable/uk.tcpip.msc4133/profile/")]
    public async Task A_profile_holds_any_field_with_a_namespace(string database, string path)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        async Task<MatrixAnswer> PutAsync(string key, object? value, MatrixClient? by = null) =>
            await (by ?? alice).RequestRawAsync("PUT", $"{path}{alice.UserId}/{key}", $$"""{"{{key}}":{{System.Text.Json.JsonSerializer.Serialize(value)}}}""");
        (await PutAsync("m.tz", "Europe/London")).Ok();
        (await PutAsync("org.example.pronouns", new[] { new { summary = "she/her" } })).Ok();
        (await PutAsync("org.example.nothing", null)).Ok();
        (await PutAsync("displayname", "Alice")).Ok();
        var profile = (await bob.RequestAsync("GET", $"/_matrix/client/v3/profile/{alice.UserId}")).Ok();
        Assert.Equal(("Alice", "Europe/London"), (profile.Text("displayname"), profile.Text("m.tz")));
        Assert.Equal("she/her", profile["org.example.pronouns"][0].GetProperty("summary").GetString());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, profile["org.example.nothing"].ValueKind);
        Assert.Equal("Europe/London", (await bob.RequestAsync("GET", $"{path}{alice.UserId}/m.tz")).Ok().Text("m.tz"));
        (await PutAsync("m.tz", "Asia/Tokyo")).Ok();
        Assert.Equal("Asia/Tokyo", (await bob.RequestAsync("GET", $"{path}{alice.UserId}/m.tz")).Ok().Text("m.tz"));
        (await alice.RequestAsync("DELETE", $"{path}{alice.UserId}/m.tz")).Ok();
        (await alice.RequestAsync("DELETE", $"{path}{alice.UserId}/m.tz")).Ok();
        (await bob.RequestAsync("GET", $"{path}{alice.UserId}/m.tz")).Refused(404, "M_NOT_FOUND");

        (await PutAsync("m.tz", "x", bob)).Refused(403, "M_FORBIDDEN");
        (await PutAsync("nodots", "x")).Refused(400, "M_INVALID_PARAM");
        (await PutAsync("Upper.case", "x")).Refused(400, "M_INVALID_PARAM");
        (await PutAsync("m." + new string('x', 254), "x")).Refused(400, "M_KEY_TOO_LARGE");
        (await alice.RequestAsync("PUT", $"{path}{alice.UserId}/m.tz", new { other = 1 })).Refused(400, "M_MISSING_PARAM");
        (await PutAsync("org.example.large", new string('x', 40_000))).Ok();
        (await PutAsync("org.example.larger", new string('x', 30_000))).Refused(400, "M_PROFILE_TOO_LARGE");
        (await PutAsync("org.example.large", new string('y', 50_000))).Ok();

        (await alice.RequestAsync("POST", "/_matrix/client/v3/account/deactivate", new { auth = new { type = "m.login.password", password = MatrixClient.Password } })).Ok();
        (await bob.RequestAsync("GET", $"{path}{alice.UserId}/org.example.large")).Refused(404, "M_NOT_FOUND");
    }

    [DatabaseTheory]
    public async Task A_guest_changes_only_the_name(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var registered = (await server.Client().RequestAsync("POST", "/_matrix/client/v3/register?kind=guest", new { })).Ok();
        var guest = server.Client();
        guest.AccessToken = registered.Text("access_token");
        var path = $"/_matrix/client/v3/profile/{registered.Text("user_id")}/";
        (await guest.RequestAsync("PUT", path + "displayname", new { displayname = "Guest" })).Ok();
        (await guest.RequestAsync("PUT", path + "avatar_url", new { avatar_url = "mxc://a/b" })).Refused(403, "M_GUEST_ACCESS_FORBIDDEN");
        (await guest.RequestAsync("PUT", path + "m.tz", new Dictionary<string, string> { ["m.tz"] = "UTC" })).Refused(403, "M_GUEST_ACCESS_FORBIDDEN");
    }

    [DatabaseTheory]
    public async Task Rooms_in_common_are_those_that_both_are_in(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var (one, two, left) = (await alice.CreatePublicRoomAsync(), await alice.CreatePublicRoomAsync(), await alice.CreatePublicRoomAsync());
        await alice.CreateRoomAsync();
        foreach (var room in new[] { one, two, left })
        {
            await bob.JoinAsync(room);
        }

        await bob.LeaveAsync(left);
        foreach (var path in new[] { "/_matrix/client/v1/mutual_rooms", "/_matrix/client/unstable/uk.half-shot.msc2666/user/mutual_rooms" })
        {
            var answer = (await bob.RequestAsync("GET", $"{path}?user_id={alice.UserId}")).Ok();
            Assert.Equal([one, two], answer["joined"].EnumerateArray().Select(r => r.GetString()));
            Assert.Equal(2, answer["count"].GetInt32());
            Assert.Empty((await bob.RequestAsync("GET", $"{path}?user_id=@nobody:nowhere")).Ok()["joined"].EnumerateArray());
            (await bob.RequestAsync("GET", $"{path}?user_id={bob.UserId}")).Refused(400, "M_INVALID_PARAM");
            (await bob.RequestAsync("GET", $"{path}?user_id=nobody")).Refused(400, "M_INVALID_PARAM");
            (await bob.RequestAsync("GET", path)).Refused(400, "M_MISSING_PARAM");
        }

        (await bob.RequestAsync("GET", $"/_matrix/client/v1/mutual_rooms?user_id={alice.UserId}&from=x")).Refused(400, "M_INVALID_PARAM");
    }
}
