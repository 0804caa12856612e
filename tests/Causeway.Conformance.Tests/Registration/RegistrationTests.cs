using Causeway.Conformance.Tests.Baseline;
using Causeway.TestKit;

namespace Causeway.Conformance.Tests.Registration;

/// <summary>Client-server API, "Account registration".</summary>
public sealed class RegistrationTests : BehaviourTests
{
    private static readonly object Dummy = new { type = "m.login.dummy" };

    [Behaviour]
    public async Task The_user_id_is_made_of_the_name_and_the_server()
    {
        var name = TestServer.Unique("some-body.");
        Assert.Equal($"@{name}:localhost", (await RegisterAsync(new { username = name, password = "a long password", auth = Dummy })).Ok().Text("user_id"));
    }

    [Behaviour]
    public async Task Without_a_name_one_is_made()
    {
        var (one, two) = (await RegisterAsync(new { password = "a long password", auth = Dummy }), await RegisterAsync(new { password = "a long password", auth = Dummy }));
        Assert.NotEqual(one.Ok().Text("user_id"), two.Ok().Text("user_id"));
    }

    [Behaviour]
    public async Task Capital_letters_in_a_name_are_made_small_or_refused()
    {
        var name = TestServer.Unique("CAPITALS");
        var answer = await RegisterAsync(new { username = name, password = "a long password", auth = Dummy });
        Assert.True(answer.ErrorCode == "M_INVALID_USERNAME" || answer.Text("user_id") == $"@{name.ToLowerInvariant()}:localhost", answer.ToString());
    }

    [Behaviour]
    public async Task The_device_gets_the_id_and_the_name_that_were_asked_for()
    {
        var client = Nobody;
        var answer = (await RegisterAsync(new { username = TestServer.Unique("dev"), password = "a long password", device_id = "MYDEVICE", initial_device_display_name = "My phone", auth = Dummy })).Ok();
        client.AccessToken = answer.Text("access_token");
        Assert.Equal("MYDEVICE", answer.Text("device_id"));
        Assert.Equal("My phone", (await client.GetAsync("v3/devices/MYDEVICE")).Ok().Text("display_name"));
    }

    [Behaviour]
    public async Task A_refresh_token_is_given_to_who_asks_for_one_and_to_nobody_else()
    {
        Assert.NotNull((await RegisterAsync(new { username = TestServer.Unique("ref"), password = "a long password", refresh_token = true, auth = Dummy })).Ok().Find("refresh_token"));
        Assert.Null((await RegisterAsync(new { username = TestServer.Unique("ref"), password = "a long password", auth = Dummy })).Ok().Find("refresh_token"));
    }

    [Behaviour]
    public async Task A_guest_is_given_a_name_and_a_device()
    {
        var guest = (await Nobody.PostAsync("v3/register?kind=guest", new { initial_device_display_name = "browser" })).Ok();
        Assert.False(string.IsNullOrEmpty(guest.Text("device_id")));
        var client = Nobody;
        client.AccessToken = guest.Text("access_token");
        Assert.True((await client.GetAsync("v3/account/whoami")).Ok()["is_guest"].GetBoolean());
    }

    [Behaviour]
    public async Task A_kind_that_does_not_exist_is_refused() =>
        Assert.InRange((await Nobody.PostAsync("v3/register?kind=emperor", new { username = TestServer.Unique("x"), password = "p", auth = Dummy })).Status, 400, 403);

    [Behaviour]
    public async Task A_name_of_which_the_id_is_longer_than_255_bytes_is_refused() =>
        (await RegisterAsync(new { username = new string('a', 250), password = "a long password", auth = Dummy })).Refused(400, "M_INVALID_USERNAME");

    [Behaviour]
    public async Task An_auth_stage_that_is_not_offered_is_refused() =>
        Assert.InRange((await RegisterAsync(new { username = TestServer.Unique("x"), password = "a long password", auth = new { type = "org.example.none" } })).Status, 400, 403);

    [Behaviour]
    public async Task A_new_account_is_in_no_room_and_has_push_rules()
    {
        var sync = await Alice.SyncAsync();
        Assert.Null(sync.Joined("!any:localhost"));
        Assert.Single(Top(sync, "account_data", "m.push_rules"));
    }

    private Task<MatrixAnswer> RegisterAsync(object body) => Nobody.PostAsync("v3/register", body);
}
