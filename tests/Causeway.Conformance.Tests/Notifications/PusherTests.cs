using Causeway.Conformance.Tests.Baseline;

namespace Causeway.Conformance.Tests.Notifications;

/// <summary>Client-server API, "Push Notifications": pushers and the list of notifications.</summary>
public sealed class PusherTests : BehaviourTests
{
    [Behaviour]
    public async Task A_pusher_is_set_and_listed()
    {
        (await Alice.PostAsync("v3/pushers/set", Pusher("key1"))).Ok();
        var pusher = Assert.Single((await Alice.GetAsync("v3/pushers")).Ok()["pushers"].EnumerateArray());
        Assert.Equal(("key1", "http"), (pusher.GetProperty("pushkey").GetString(), pusher.GetProperty("kind").GetString()));
    }

    [Behaviour]
    public async Task A_pusher_without_a_kind_is_removed()
    {
        (await Alice.PostAsync("v3/pushers/set", Pusher("key1"))).Ok();
        (await Alice.RequestRawAsync("POST", Requests.Full("v3/pushers/set"), """{"pushkey":"key1","app_id":"org.example","kind":null}""")).Ok();
        Assert.Equal(0, (await Alice.GetAsync("v3/pushers")).Ok()["pushers"].GetArrayLength());
    }

    [Behaviour]
    public async Task A_pusher_without_what_it_needs_is_refused() =>
        (await Alice.PostAsync("v3/pushers/set", new { kind = "http" })).Refused(400, "M_MISSING_PARAM");

    [Behaviour]
    public async Task A_pusher_ends_with_its_device()
    {
        var other = await AnotherDeviceAsync(Alice);
        (await other.PostAsync("v3/pushers/set", Pusher("key2"))).Ok();
        await other.LogoutAsync();
        Assert.Equal(0, (await Alice.GetAsync("v3/pushers")).Ok()["pushers"].GetArrayLength());
    }

    [Behaviour]
    public async Task What_one_was_notified_of_is_listed()
    {
        var room = await SharedRoomAsync();
        var id = await SendAsync(Alice, room, "m.room.message", $$$"""{"msgtype":"m.text","body":"you","m.mentions":{"user_ids":["{{{Bob.UserId}}}"]}}""");
        var list = (await Bob.GetAsync("v3/notifications?only=highlight")).Ok()["notifications"];
        Assert.Equal(id, list[0].GetProperty("event").GetProperty("event_id").GetString());
        Assert.False(list[0].GetProperty("read").GetBoolean());
    }

    private static object Pusher(string key) => new
    {
        pushkey = key,
        kind = "http",
        app_id = "org.example",
        app_display_name = "Example",
        device_display_name = "Phone",
        lang = "en",
        data = new { url = "https://push.example.org/_matrix/push/v1/notify" },
    };
}
