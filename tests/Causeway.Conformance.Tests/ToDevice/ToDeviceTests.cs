using Causeway.Conformance.Tests.Baseline;
using Causeway.Encryption.Tests;
using Causeway.TestKit;

namespace Causeway.Conformance.Tests.ToDevice;

/// <summary>Client-server API, "Send-to-Device messaging".</summary>
public sealed class ToDeviceTests : BehaviourTests
{
    [Behaviour]
    public async Task A_message_reaches_the_device_with_its_sender()
    {
        await new TestDevice(Alice).SendAsync(Bob.UserId, Bob.DeviceId, new { a = "b" }, type: "org.example.x");
        var message = Assert.Single((await new TestDevice(Bob).SyncAsync()).ToDevice());
        Assert.Equal(("org.example.x", Alice.UserId), (message.GetProperty("type").GetString(), message.GetProperty("sender").GetString()));
        Assert.Equal("b", message.GetProperty("content").GetProperty("a").GetString());
    }

    [Behaviour]
    public async Task A_message_comes_again_until_its_sync_is_acknowledged()
    {
        var bob = new TestDevice(Bob);
        var since = (await bob.SyncAsync()).NextBatch;
        await new TestDevice(Alice).SendAsync(Bob.UserId, Bob.DeviceId, new { n = 1 });
        Assert.Single((await bob.SyncAsync(since)).ToDevice());
        var again = await bob.SyncAsync(since);
        Assert.Single(again.ToDevice());
        Assert.Empty((await bob.SyncAsync(again.NextBatch)).ToDevice());
        await Wait.UntilAsync(async () => (await bob.SyncAsync()).ToDevice().Count == 0, TimeSpan.FromSeconds(10), "the deletion");
    }

    [Behaviour]
    public async Task Messages_come_in_the_order_they_were_sent()
    {
        for (var n = 0; n < 5; n++)
        {
            await new TestDevice(Alice).SendAsync(Bob.UserId, Bob.DeviceId, new { n }, $"order{n}");
        }

        Assert.Equal([0, 1, 2, 3, 4], (await new TestDevice(Bob).SyncAsync()).Numbers());
    }

    [Behaviour]
    public async Task The_same_transaction_is_delivered_once()
    {
        await new TestDevice(Alice).SendAsync(Bob.UserId, Bob.DeviceId, new { n = 1 }, "once");
        await new TestDevice(Alice).SendAsync(Bob.UserId, Bob.DeviceId, new { n = 1 }, "once");
        Assert.Single((await new TestDevice(Bob).SyncAsync()).ToDevice());
    }

    [Behaviour]
    public async Task A_star_is_every_device()
    {
        var second = new TestDevice(await AnotherDeviceAsync(Bob));
        await new TestDevice(Alice).SendAsync(Bob.UserId, "*", new { n = 1 });
        Assert.Single((await second.SyncAsync()).ToDevice());
        Assert.Single((await new TestDevice(Bob).SyncAsync()).ToDevice());
    }

    [Behaviour]
    public async Task Another_device_of_the_person_does_not_get_it()
    {
        var second = new TestDevice(await AnotherDeviceAsync(Bob));
        await new TestDevice(Alice).SendAsync(Bob.UserId, Bob.DeviceId, new { n = 1 });
        Assert.Empty((await second.SyncAsync()).ToDevice());
    }

    [Behaviour]
    public async Task A_message_wakes_a_waiting_sync()
    {
        var since = (await Bob.SyncAsync()).NextBatch;
        var waiting = Bob.SyncUntilAsync(s => s.ToDevice().Count == 1, since, TimeSpan.FromSeconds(20));
        await new TestDevice(Alice).SendAsync(Bob.UserId, Bob.DeviceId, new { n = 1 });
        await waiting;
    }
}
