using Causeway.Conformance.Tests.Baseline;

namespace Causeway.Conformance.Tests.AccountData;

/// <summary>Client-server API, "Client Config", "Room Tagging".</summary>
public sealed class AccountDataTests : BehaviourTests
{
    [Behaviour]
    public async Task Data_of_the_account_comes_to_other_devices()
    {
        var other = await AnotherDeviceAsync(Alice);
        var since = (await other.SyncAsync()).NextBatch;
        (await Alice.PutAsync($"v3/user/{Alice.UserId}/account_data/org.example.x", new { a = 1 })).Ok();
        Assert.Equal(1, Top(await other.SyncAsync(since), "account_data", "org.example.x")[0].GetProperty("content").GetProperty("a").GetInt32());
    }

    [Behaviour]
    public async Task Data_of_a_room_comes_with_the_room()
    {
        var room = await Alice.CreateRoomAsync();
        (await Alice.PutAsync($"v3/user/{Alice.UserId}/rooms/{Requests.Escape(room)}/account_data/org.example.x", new { a = 1 })).Ok();
        Assert.Single(OfType((await Alice.SyncAsync()).EventsOf(room, "account_data"), "org.example.x"));
    }

    [Behaviour]
    public async Task The_newest_data_replaces_the_older()
    {
        await Alice.PutAsync($"v3/user/{Alice.UserId}/account_data/org.example.x", new { a = 1 });
        await Alice.PutAsync($"v3/user/{Alice.UserId}/account_data/org.example.x", new { b = 2 });
        var data = (await Alice.GetAsync($"v3/user/{Alice.UserId}/account_data/org.example.x")).Ok();
        Assert.Null(data.Find("a"));
        Assert.Equal(2, data["b"].GetInt32());
    }

    [Behaviour]
    public async Task Push_rules_cannot_be_set_as_account_data() =>
        (await Alice.PutAsync($"v3/user/{Alice.UserId}/account_data/m.push_rules", new { })).Refused(405, "M_BAD_JSON");

    [Behaviour]
    public async Task The_read_marker_cannot_be_set_as_room_data()
    {
        var room = await Alice.CreateRoomAsync();
        (await Alice.PutAsync($"v3/user/{Alice.UserId}/rooms/{Requests.Escape(room)}/account_data/m.fully_read", new { event_id = "$x" })).Refused(405, "M_BAD_JSON");
    }

    [Behaviour]
    public async Task Tags_come_as_one_event_of_the_room()
    {
        var room = await Alice.CreateRoomAsync();
        await Alice.PutAsync($"v3/user/{Alice.UserId}/rooms/{Requests.Escape(room)}/tags/m.favourite", new { order = 0.5 });
        await Alice.PutAsync($"v3/user/{Alice.UserId}/rooms/{Requests.Escape(room)}/tags/u.work", new { });
        var tags = Assert.Single(OfType((await Alice.SyncAsync()).EventsOf(room, "account_data"), "m.tag")).GetProperty("content").GetProperty("tags");
        Assert.Equal(0.5, tags.GetProperty("m.favourite").GetProperty("order").GetDouble());
        Assert.True(tags.TryGetProperty("u.work", out _));
    }

    [Behaviour]
    public async Task A_removed_tag_is_told()
    {
        var room = await Alice.CreateRoomAsync();
        await Alice.PutAsync($"v3/user/{Alice.UserId}/rooms/{Requests.Escape(room)}/tags/u.work", new { });
        var since = (await Alice.SyncAsync()).NextBatch;
        (await Alice.DeleteAsync($"v3/user/{Alice.UserId}/rooms/{Requests.Escape(room)}/tags/u.work")).Ok();
        var tag = Assert.Single(OfType((await Alice.SyncAsync(since)).EventsOf(room, "account_data"), "m.tag"));
        Assert.Empty(tag.GetProperty("content").GetProperty("tags").EnumerateObject());
    }
}
