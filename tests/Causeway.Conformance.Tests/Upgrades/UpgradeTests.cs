using Causeway.Conformance.Tests.Baseline;

namespace Causeway.Conformance.Tests.Upgrades;

/// <summary>Client-server API, "Room upgrades".</summary>
public sealed class UpgradeTests : BehaviourTests
{
    [Behaviour]
    public async Task The_new_room_names_its_predecessor_and_the_old_one_its_successor()
    {
        var old = await SharedRoomAsync();
        var now = await UpgradeAsync(old);
        Assert.Equal(old, (await Alice.GetStateAsync(now, "m.room.create")).GetProperty("predecessor").GetProperty("room_id").GetString());
        Assert.Equal(now, (await Alice.GetStateAsync(old, "m.room.tombstone")).GetProperty("replacement_room").GetString());
    }

    [Behaviour]
    public async Task Name_topic_and_rules_come_along()
    {
        var now = await UpgradeAsync(await SharedRoomAsync(new { preset = "public_chat", name = "n", topic = "t" }));
        Assert.Equal("n", (await Alice.GetStateAsync(now, "m.room.name")).GetProperty("name").GetString());
        Assert.Equal("t", (await Alice.GetStateAsync(now, "m.room.topic")).GetProperty("topic").GetString());
        Assert.Equal("public", (await Alice.GetStateAsync(now, "m.room.join_rules")).GetProperty("join_rule").GetString());
    }

    [Behaviour]
    public async Task Bans_come_along()
    {
        var old = await SharedRoomAsync();
        await Alice.BanAsync(old, Bob.UserId);
        Assert.Equal("ban", await MembershipAsync(Alice, await UpgradeAsync(old), Bob));
    }

    [Behaviour]
    public async Task Power_levels_come_along()
    {
        var old = await SharedRoomAsync();
        await SetPowerAsync(old, Bob, 42);
        var levels = await Alice.GetStateAsync(await UpgradeAsync(old), "m.room.power_levels");
        Assert.Equal(42, levels.GetProperty("users").GetProperty(Bob.UserId).GetInt32());
    }

    [Behaviour]
    public async Task Aliases_move_to_the_new_room()
    {
        var name = TestServer.Unique("moving");
        var now = await UpgradeAsync(await SharedRoomAsync(new { preset = "public_chat", room_alias_name = name }));
        Assert.Equal(now, (await Nobody.GetAsync($"v3/directory/room/{Requests.Escape(Requests.Alias(name))}")).Ok().Text("room_id"));
    }

    [Behaviour]
    public async Task The_old_room_is_for_the_powerful_only()
    {
        var old = await SharedRoomAsync();
        await UpgradeAsync(old);
        (await TrySendAsync(Bob, old, "m.room.message", "{}")).Refused(403, "M_FORBIDDEN");
    }

    [Behaviour]
    public async Task Without_power_a_room_is_not_upgraded_and_nothing_is_made()
    {
        var old = await SharedRoomAsync();
        (await Bob.PostAsync(Requests.In(old, "upgrade"), new { new_version = "11" })).Refused(403, "M_FORBIDDEN");
        Assert.Equal([old], Strings((await Bob.GetAsync("v3/joined_rooms")).Ok()["joined_rooms"]));
    }

    [Behaviour]
    public async Task A_version_is_needed() =>
        Assert.Equal(400, (await Alice.PostAsync(Requests.In(await Alice.CreateRoomAsync(), "upgrade"))).Status);

    private async Task<string> UpgradeAsync(string room) =>
        (await Alice.PostAsync(Requests.In(room, "upgrade"), new { new_version = "11" })).Ok().Text("replacement_room");
}
