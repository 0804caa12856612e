using Causeway.Conformance.Tests.Baseline;
using Causeway.TestKit;

namespace Causeway.Conformance.Tests.Sessions;

/// <summary>Client-server API, "Using access tokens", "Refreshing access tokens", "Current account information".</summary>
public sealed class SessionTests : BehaviourTests
{
    [Behaviour]
    public async Task Who_one_is_is_told_with_the_device()
    {
        var me = (await Alice.GetAsync("v3/account/whoami")).Ok();
        Assert.Equal((Alice.UserId, Alice.DeviceId), (me.Text("user_id"), me.Text("device_id")));
    }

    [Behaviour]
    public async Task A_token_in_the_query_is_not_taken_unless_switched_on() =>
        (await Nobody.GetAsync($"v3/account/whoami?access_token={Alice.AccessToken}")).Refused(401, "M_MISSING_TOKEN");

    [Behaviour]
    public async Task A_signed_out_token_is_unknown_and_no_soft_logout()
    {
        var token = Alice.AccessToken;
        await Alice.LogoutAsync();
        Alice.AccessToken = token;
        var answer = (await Alice.GetAsync("v3/account/whoami")).Refused(401, "M_UNKNOWN_TOKEN");
        Assert.False(answer.Find("soft_logout")?.GetBoolean() ?? false);
    }

    [Behaviour]
    public async Task Signing_out_deletes_the_device()
    {
        var other = await AnotherDeviceAsync(Alice);
        await other.LogoutAsync();
        (await Alice.GetAsync($"v3/devices/{other.DeviceId}")).Refused(404, "M_NOT_FOUND");
    }

    [Behaviour]
    public async Task A_refresh_gives_another_access_token_for_the_same_device()
    {
        var login = (await Nobody.PostAsync("v3/login", new { type = "m.login.password", identifier = new { type = "m.id.user", user = Alice.UserId }, password = MatrixClient.Password, refresh_token = true })).Ok();
        var fresh = (await Nobody.PostAsync("v3/refresh", new { refresh_token = login.Text("refresh_token") })).Ok();
        var client = Nobody;
        client.AccessToken = fresh.Text("access_token");
        Assert.NotEqual(login.Text("access_token"), fresh.Text("access_token"));
        Assert.Equal(login.Text("device_id"), (await client.GetAsync("v3/account/whoami")).Ok().Text("device_id"));
    }

    [Behaviour]
    public async Task A_new_password_is_good_and_the_old_one_is_not()
    {
        var auth = new { type = "m.login.password", identifier = new { type = "m.id.user", user = Alice.UserId }, password = MatrixClient.Password };
        (await Alice.PostAsync("v3/account/password", new { new_password = "quite another one", auth })).Ok();
        await Server.Client().LoginAsync(Alice.UserId, "quite another one");
        Assert.Equal(403, (await Nobody.PostAsync("v3/login", auth)).Status);
    }

    [Behaviour]
    public async Task Deactivation_removes_the_profile()
    {
        await Alice.PutAsync($"v3/profile/{Alice.UserId}/displayname", new { displayname = "Gone" });
        var auth = new { type = "m.login.password", identifier = new { type = "m.id.user", user = Alice.UserId }, password = MatrixClient.Password };
        var answer = (await Alice.PostAsync("v3/account/deactivate", new { erase = true, auth })).Ok();
        Assert.Contains(answer.Text("id_server_unbind_result"), new[] { "success", "no-support" });
        Assert.Equal(404, (await Nobody.GetAsync($"v3/profile/{Alice.UserId}/displayname")).Status);
    }

    [Behaviour]
    public async Task OAuth_is_not_offered_until_it_is_there() =>
        (await Nobody.GetAsync("v1/auth_metadata")).Refused(404, "M_UNRECOGNIZED");

    [Behaviour]
    public async Task The_versions_and_the_capabilities_are_told()
    {
        Assert.Contains("v1.11", Strings((await Nobody.GetAsync("versions")).Ok()["versions"]));
        var versions = (await Alice.GetAsync("v3/capabilities")).Ok()["capabilities"].GetProperty("m.room_versions");
        Assert.Equal("stable", versions.GetProperty("available").GetProperty(versions.GetProperty("default").GetString()!).GetString());
    }

    [Behaviour]
    public async Task Capabilities_are_for_those_who_are_signed_in() =>
        (await Nobody.GetAsync("v3/capabilities")).Refused(401, "M_MISSING_TOKEN");
}
