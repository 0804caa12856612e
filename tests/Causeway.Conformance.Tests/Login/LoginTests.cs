using Causeway.Conformance.Tests.Baseline;
using Causeway.TestKit;

namespace Causeway.Conformance.Tests.Login;

/// <summary>Client-server API, "Login" of the legacy API.</summary>
public sealed class LoginTests : BehaviourTests
{
    [Behaviour]
    public async Task The_flows_name_the_password() =>
        Assert.Contains("m.login.password", Strings((await Nobody.GetAsync("v3/login")).Ok()["flows"], "type"));

    [Behaviour]
    public async Task Somebody_unknown_is_refused_like_a_wrong_password()
    {
        var unknown = await LoginAsync("nobody-of-that-name", "x");
        var wrong = await LoginAsync(Local(Alice), "x");
        Assert.Equal((403, "M_FORBIDDEN"), (unknown.Status, unknown.ErrorCode));
        Assert.Equal(wrong.Text("error"), unknown.Text("error"));
    }

    [Behaviour]
    public async Task The_deprecated_top_level_user_is_taken() =>
        Assert.Equal(Alice.UserId, (await Nobody.PostAsync("v3/login", new { type = "m.login.password", user = Local(Alice), password = MatrixClient.Password })).Ok().Text("user_id"));

    [Behaviour]
    public async Task An_identifier_of_an_unknown_kind_is_refused() =>
        Assert.InRange((await Nobody.PostAsync("v3/login", new { type = "m.login.password", identifier = new { type = "org.example.none" }, password = "x" })).Status, 400, 403);

    [Behaviour]
    public async Task Without_a_type_the_login_is_refused() =>
        Assert.Equal(400, (await Nobody.PostAsync("v3/login", new { password = "x" })).Status);

    [Behaviour]
    public async Task An_unknown_type_is_M_UNKNOWN() =>
        (await Nobody.PostAsync("v3/login", new { type = "org.example.none" })).Refused(400, "M_UNKNOWN");

    [Behaviour]
    public async Task Each_login_without_a_device_id_makes_a_device()
    {
        await AnotherDeviceAsync(Alice);
        await AnotherDeviceAsync(Alice);
        Assert.Equal(3, (await Alice.GetAsync("v3/devices")).Ok()["devices"].GetArrayLength());
    }

    [Behaviour]
    public async Task A_device_that_signs_in_again_keeps_its_name()
    {
        await Alice.PutAsync($"v3/devices/{Alice.DeviceId}", new { display_name = "kept" });
        var again = (await Nobody.PostAsync("v3/login", new
        {
            type = "m.login.password",
            identifier = new { type = "m.id.user", user = Alice.UserId },
            password = MatrixClient.Password,
            device_id = Alice.DeviceId,
            initial_device_display_name = "new",
        })).Ok();
        Alice.AccessToken = again.Text("access_token");
        Assert.Equal("kept", (await Alice.GetAsync($"v3/devices/{Alice.DeviceId}")).Ok().Text("display_name"));
    }

    [Behaviour]
    public async Task A_user_id_of_another_server_is_refused() =>
        Assert.Equal(403, (await LoginAsync("@alice:elsewhere.example", "x")).Status);

    [Behaviour]
    public async Task Login_by_token_is_refused_where_it_is_not_offered() =>
        Assert.InRange((await Nobody.PostAsync("v3/login", new { type = "m.login.token", token = "x" })).Status, 400, 403);

    private Task<MatrixAnswer> LoginAsync(string user, string password) =>
        Nobody.PostAsync("v3/login", new { type = "m.login.password", identifier = new { type = "m.id.user", user }, password });
}
