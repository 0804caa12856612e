using System.Text.Json.Nodes;
using Causeway.Conformance.Tests.Baseline;
using Causeway.Encryption.Tests;

namespace Causeway.Conformance.Tests.Keys;

/// <summary>Client-server API, "Key management API".</summary>
public sealed class KeyTests : BehaviourTests
{
    [Behaviour]
    public async Task Device_keys_are_given_with_the_name_of_the_device()
    {
        var device = await UploadedAsync();
        await Alice.PutAsync($"v3/devices/{Alice.DeviceId}", new { display_name = "My phone" });
        var keys = (await new TestDevice(Bob).QueryAsync(Alice.UserId)).Ok()["device_keys"].GetProperty(Alice.UserId).GetProperty(Alice.DeviceId);
        Assert.Equal(device.PublicKey, keys.GetProperty("keys").GetProperty($"ed25519:{Alice.DeviceId}").GetString());
        Assert.Equal("My phone", keys.GetProperty("unsigned").GetProperty("device_display_name").GetString());
    }

    [Behaviour]
    public async Task Only_the_devices_asked_for_are_given()
    {
        await UploadedAsync();
        var answer = (await Bob.PostAsync("v3/keys/query", new { device_keys = new Dictionary<string, string[]> { [Alice.UserId] = ["OTHER"] } })).Ok();
        Assert.False(answer["device_keys"].TryGetProperty(Alice.UserId, out var devices) && devices.EnumerateObject().Any());
    }

    [Behaviour]
    public async Task Somebody_unknown_has_no_keys() =>
        Assert.False((await new TestDevice(Bob).QueryAsync("@nobody:localhost")).Ok().Find("device_keys") is { } keys && keys.TryGetProperty("@nobody:localhost", out var d) && d.EnumerateObject().Any());

    [Behaviour]
    public async Task Keys_of_another_device_are_refused()
    {
        var keys = new TestDevice(Alice).DeviceKeys();
        keys["device_id"] = "OTHER";
        Assert.Equal(400, (await new TestDevice(Alice).UploadAsync(new JsonObject { ["device_keys"] = keys })).Status);
    }

    [Behaviour]
    public async Task One_time_keys_are_counted_and_given_once()
    {
        var device = new TestDevice(Alice);
        var counts = (await device.UploadAsync(new JsonObject { ["device_keys"] = device.DeviceKeys(), ["one_time_keys"] = device.OneTimeKeys(0, 2) })).Ok();
        Assert.Equal(2, counts["one_time_key_counts"].GetProperty("signed_curve25519").GetInt32());
        var bob = new TestDevice(Bob);
        var (one, two, none) = (await bob.ClaimOneAsync(device), await bob.ClaimOneAsync(device), await bob.ClaimOneAsync(device));
        Assert.NotNull(one);
        Assert.NotNull(two);
        Assert.NotEqual(one, two);
        Assert.Null(none);
    }

    [Behaviour]
    public async Task A_fallback_key_is_given_again_and_again_when_the_others_are_used_up()
    {
        var device = new TestDevice(Alice);
        (await device.UploadAsync(new JsonObject { ["device_keys"] = device.DeviceKeys(), ["fallback_keys"] = device.OneTimeKeys(9, 1, fallback: true) })).Ok();
        Assert.Contains("signed_curve25519", (await device.SyncAsync()).UnusedFallback());
        var bob = new TestDevice(Bob);
        Assert.NotNull(await bob.ClaimOneAsync(device));
        Assert.NotNull(await bob.ClaimOneAsync(device));
        Assert.Empty((await device.SyncAsync()).UnusedFallback());
    }

    [Behaviour]
    public async Task The_count_of_one_time_keys_is_in_every_sync_that_it_changed()
    {
        var device = await UploadedAsync();
        var since = (await device.SyncAsync()).NextBatch;
        await new TestDevice(Bob).ClaimOneAsync(device);
        Assert.Equal(4, (await device.SyncAsync(since)).KeyCount());
    }

    [Behaviour]
    public async Task New_keys_of_somebody_in_a_shared_room_are_told()
    {
        await SharedRoomAsync();
        var bob = new TestDevice(Bob);
        var since = (await bob.SyncAsync()).NextBatch;
        await UploadedAsync();
        Assert.Contains(Alice.UserId, (await bob.SyncAsync(since)).Changed());
    }

    [Behaviour]
    public async Task Who_no_longer_shares_a_room_is_told_as_left()
    {
        var room = await SharedRoomAsync();
        await UploadedAsync();
        var bob = new TestDevice(Bob);
        var since = (await bob.SyncAsync()).NextBatch;
        await Alice.LeaveAsync(room);
        Assert.Contains(Alice.UserId, (await bob.SyncAsync(since)).Left());
    }

    [Behaviour]
    public async Task Changes_between_two_tokens_are_told()
    {
        await SharedRoomAsync();
        var from = (await Bob.SyncAsync()).NextBatch;
        await UploadedAsync();
        var to = (await Bob.SyncAsync(from)).NextBatch;
        Assert.Equal([Alice.UserId], Strings((await Bob.GetAsync($"v3/keys/changes?from={from}&to={to}")).Ok()["changed"]));
    }

    [Behaviour]
    public async Task An_upload_of_nothing_tells_the_counts()
    {
        await UploadedAsync();
        Assert.Equal(5, (await Alice.PostAsync("v3/keys/upload")).Ok()["one_time_key_counts"].GetProperty("signed_curve25519").GetInt32());
    }

    [Behaviour]
    public async Task A_signature_of_a_device_that_does_not_exist_fails_alone() =>
        Assert.True((await Alice.PostAsync("v3/keys/signatures/upload", new Dictionary<string, object> { [Alice.UserId] = new Dictionary<string, object> { ["NONE"] = new TestDevice(Alice).DeviceKeys() } })).Ok()["failures"].TryGetProperty(Alice.UserId, out _));

    [Behaviour]
    public async Task Room_key_requests_and_secrets_reach_ones_other_devices_untouched()
    {
        var other = new TestDevice(await AnotherDeviceAsync(Alice));
        var sender = new TestDevice(Alice);
        await sender.SendAsync(Alice.UserId, "*", new { action = "request", requesting_device_id = Alice.DeviceId, request_id = "1" }, type: "m.room_key_request");
        await sender.SendAsync(Alice.UserId, other.Id, new { action = "request", name = "m.cross_signing.master" }, type: "m.secret.request");
        Assert.Equal(["m.room_key_request", "m.secret.request"], (await other.SyncAsync()).ToDevice().Select(e => e.GetProperty("type").GetString()));
    }

    private async Task<TestDevice> UploadedAsync()
    {
        var device = new TestDevice(Alice);
        (await device.UploadAsync(new JsonObject { ["device_keys"] = device.DeviceKeys(), ["one_time_keys"] = device.OneTimeKeys(0, 5) })).Ok();
        return device;
    }
}
