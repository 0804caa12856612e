using Causeway.Conformance.Tests.Baseline;

namespace Causeway.Conformance.Tests.PowerLevels;

/// <summary>Client-server API, "m.room.power_levels".</summary>
public sealed class PowerLevelTests : BehaviourTests
{
    [Behaviour]
    public async Task Messages_need_the_level_of_events_default()
    {
        var room = await SharedRoomAsync(new { preset = "public_chat", power_level_content_override = new { events_default = 10 } });
        (await TrySendAsync(Bob, room, "m.room.message", "{}")).Refused(403, "M_FORBIDDEN");
        await SetPowerAsync(room, Bob, 10);
        await SendAsync(Bob, room, "m.room.message", "{}");
    }

    [Behaviour]
    public async Task A_type_can_need_more_or_less_than_the_default()
    {
        var room = await SharedRoomAsync(new { preset = "public_chat", power_level_content_override = new { events = new Dictionary<string, int> { ["org.example.loud"] = 20, ["m.room.topic"] = 0 } } });
        (await TrySendAsync(Bob, room, "org.example.loud", "{}")).Refused(403, "M_FORBIDDEN");
        await Bob.SetStateAsync(room, "m.room.topic", new { topic = "anybody may" });
    }

    [Behaviour]
    public async Task State_needs_fifty_unless_said_otherwise()
    {
        var room = await SharedRoomAsync();
        await SetPowerAsync(room, Bob, 49);
        (await TrySetStateAsync(Bob, room, "org.example.s", new { })).Refused(403, "M_FORBIDDEN");
        await SetPowerAsync(room, Bob, 50);
        await Bob.SetStateAsync(room, "org.example.s", new { });
    }

    [Behaviour]
    public async Task Nobody_gives_more_power_than_they_have()
    {
        var room = await SharedRoomAsync(new { preset = "public_chat", power_level_content_override = new { events = new Dictionary<string, int> { ["m.room.power_levels"] = 50 } } });
        await SetPowerAsync(room, Bob, 50);
        (await TrySetStateAsync(Bob, room, "m.room.power_levels", new { users = new Dictionary<string, int> { [Bob.UserId] = 60 } })).Refused(403, "M_FORBIDDEN");
    }

    [Behaviour]
    public async Task One_may_lower_oneself()
    {
        var room = await SharedRoomAsync(new { preset = "public_chat", room_version = "11", power_level_content_override = new { events = new Dictionary<string, int> { ["m.room.power_levels"] = 50 } } });
        await SetLevelsAsync(room, 50);
        var users = new Dictionary<string, int> { [Alice.UserId] = 100, [Bob.UserId] = 0 };
        await Bob.SetStateAsync(room, "m.room.power_levels", new { users, events = new Dictionary<string, int> { ["m.room.power_levels"] = 50 }, events_default = 0, state_default = 50, users_default = 0 });
        (await TrySetStateAsync(Bob, room, "m.room.topic", new { topic = "x" })).Refused(403, "M_FORBIDDEN");

        async Task SetLevelsAsync(string r, int level) => await Alice.SetStateAsync(r, "m.room.power_levels", new
        {
            users = new Dictionary<string, int> { [Alice.UserId] = 100, [Bob.UserId] = level },
            events = new Dictionary<string, int> { ["m.room.power_levels"] = 50 },
            events_default = 0,
            state_default = 50,
            users_default = 0,
        });
    }

    [Behaviour]
    public async Task An_equal_cannot_be_kicked()
    {
        var room = await SharedRoomAsync();
        var carol = await PersonAsync();
        await carol.JoinAsync(room);
        await Alice.SetStateAsync(room, "m.room.power_levels", new { users = new Dictionary<string, int> { [Bob.UserId] = 50, [carol.UserId] = 50 } });
        (await Bob.PostAsync(Requests.In(room, "kick"), new { user_id = carol.UserId })).Refused(403, "M_FORBIDDEN");
    }

    [Behaviour]
    public async Task Levels_that_are_no_integers_are_refused()
    {
        var room = await Alice.CreateRoomAsync();
        Assert.InRange((await TrySetStateAsync(Alice, room, "m.room.power_levels", new { users_default = "fifty" })).Status, 400, 403);
        Assert.InRange((await TrySetStateAsync(Alice, room, "m.room.power_levels", new { users_default = 1.5 })).Status, 400, 403);
    }

    [Behaviour]
    public async Task Users_that_are_no_user_ids_are_refused() =>
        Assert.InRange((await TrySetStateAsync(Alice, await Alice.CreateRoomAsync(), "m.room.power_levels", new { users = new Dictionary<string, int> { ["nonsense"] = 50 } })).Status, 400, 403);

    [Behaviour]
    public async Task A_creator_of_version_12_is_not_listed_among_the_users()
    {
        var room = await Alice.CreateRoomAsync(new { room_version = "12" });
        var levels = await Alice.GetStateAsync(room, "m.room.power_levels");
        Assert.False(levels.TryGetProperty("users", out var users) && users.TryGetProperty(Alice.UserId, out _));
        Assert.InRange((await TrySetStateAsync(Alice, room, "m.room.power_levels", new { users = new Dictionary<string, int> { [Alice.UserId] = 100 } })).Status, 400, 403);
    }

    [Behaviour]
    public async Task Inviting_needs_the_level_of_invite()
    {
        var room = await SharedRoomAsync(new { preset = "public_chat", power_level_content_override = new { invite = 30 } });
        (await Bob.PostAsync(Requests.In(room, "invite"), new { user_id = (await PersonAsync()).UserId })).Refused(403, "M_FORBIDDEN");
    }
}
