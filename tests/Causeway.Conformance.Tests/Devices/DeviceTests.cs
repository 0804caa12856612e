using Causeway.Conformance.Tests.Baseline;
using Causeway.TestKit;

namespace Causeway.Conformance.Tests.Devices;

/// <summary>Client-server API, "Device management".</summary>
public sealed class DeviceTests : BehaviourTests
{
    [Behaviour]
    public async Task Ones_devices_are_listed_and_nobody_elses()
    {
        var other = await AnotherDeviceAsync(Alice);
        var devices = Strings((await Alice.GetAsync("v3/devices")).Ok()["devices"], "device_id");
        Assert.Equal(new[] { Alice.DeviceId, other.DeviceId }.Order(), devices.Order());
    }

    [Behaviour]
    public async Task A_device_of_somebody_else_is_not_found() =>
        (await Alice.GetAsync($"v3/devices/{Bob.DeviceId}")).Refused(404, "M_NOT_FOUND");

    [Behaviour]
    public async Task A_change_without_a_name_leaves_the_name()
    {
        await Alice.PutAsync($"v3/devices/{Alice.DeviceId}", new { display_name = "n" });
        (await Alice.PutAsync($"v3/devices/{Alice.DeviceId}", new { })).Ok();
        Assert.Equal("n", (await Alice.GetAsync($"v3/devices/{Alice.DeviceId}")).Ok().Text("display_name"));
    }

    [Behaviour]
    public async Task Deleting_asks_for_the_password_of_the_owner()
    {
        var other = await AnotherDeviceAsync(Alice);
        var asked = await Alice.DeleteAsync($"v3/devices/{other.DeviceId}", new { });
        var bobs = new { type = "m.login.password", session = asked.Text("session"), identifier = new { type = "m.id.user", user = Bob.UserId }, password = MatrixClient.Password };
        Assert.Contains((await Alice.DeleteAsync($"v3/devices/{other.DeviceId}", new { auth = bobs })).Status, new[] { 401, 403 });
        (await Alice.GetAsync($"v3/devices/{other.DeviceId}")).Ok();
    }

    [Behaviour]
    public async Task A_deleted_device_cannot_do_anything()
    {
        var other = await AnotherDeviceAsync(Alice);
        var auth = new { type = "m.login.password", identifier = new { type = "m.id.user", user = Alice.UserId }, password = MatrixClient.Password };
        (await Alice.DeleteAsync($"v3/devices/{other.DeviceId}", new { auth })).Ok();
        (await other.GetAsync("v3/sync")).Refused(401, "M_UNKNOWN_TOKEN");
    }

    [Behaviour]
    public async Task When_a_device_was_last_seen_is_told()
    {
        await Alice.SyncAsync();
        await Wait.UntilAsync(
            async () => (await Alice.GetAsync($"v3/devices/{Alice.DeviceId}")).Ok().Find("last_seen_ts")?.GetInt64() > 0, TimeSpan.FromSeconds(10), "last_seen_ts");
    }
}
