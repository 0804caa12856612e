using Causeway.Conformance.Tests.Baseline;

namespace Causeway.Conformance.Tests.RestrictedRooms;

/// <summary>Client-server API, "Restricted rooms".</summary>
public sealed class RestrictedRoomTests : BehaviourTests
{
    [Behaviour]
    public async Task Members_of_the_room_that_is_named_may_join()
    {
        var (door, room) = await RoomsAsync();
        (await Bob.PostAsync(Requests.In(room, "join"))).Refused(403, "M_FORBIDDEN");
        await Bob.JoinAsync(door);
        await Bob.JoinAsync(room);
    }

    [Behaviour]
    public async Task Who_left_the_room_that_is_named_may_not_join()
    {
        var (door, room) = await RoomsAsync();
        await Bob.JoinAsync(door);
        await Bob.LeaveAsync(door);
        (await Bob.PostAsync(Requests.In(room, "join"))).Refused(403, "M_FORBIDDEN");
    }

    [Behaviour]
    public async Task An_invitation_opens_it_as_well()
    {
        var (_, room) = await RoomsAsync();
        await Alice.InviteAsync(room, Bob.UserId);
        await Bob.JoinAsync(room);
    }

    [Behaviour]
    public async Task A_join_names_who_authorised_it()
    {
        var (door, room) = await RoomsAsync();
        await Bob.JoinAsync(door);
        await Bob.JoinAsync(room);
        Assert.Equal(Alice.UserId, (await Alice.GetStateAsync(room, "m.room.member", Bob.UserId)).GetProperty("join_authorised_via_users_server").GetString());
    }

    [Behaviour]
    public async Task Who_is_in_stays_when_leaving_the_other_room()
    {
        var (door, room) = await RoomsAsync();
        await Bob.JoinAsync(door);
        await Bob.JoinAsync(room);
        await Bob.LeaveAsync(door);
        await Bob.SendTextAsync(room, "still here");
    }

    [Behaviour]
    public async Task A_rule_that_names_nothing_known_lets_nobody_in()
    {
        var room = await Alice.CreateRoomAsync(new { initial_state = new[] { Requests.State("m.room.join_rules", new { join_rule = "restricted", allow = new object[] { new { type = "org.example" }, "x", new { type = "m.room_membership" } } }) } });
        (await Bob.PostAsync(Requests.In(room, "join"))).Refused(403, "M_FORBIDDEN");
    }

    [Behaviour]
    public async Task A_knock_restricted_room_lets_members_in_without_a_knock()
    {
        var (door, room) = await RoomsAsync("knock_restricted");
        await Bob.JoinAsync(door);
        await Bob.JoinAsync(room);
    }

    private async Task<(string Door, string Room)> RoomsAsync(string rule = "restricted")
    {
        var door = await Alice.CreateRoomAsync(new { preset = "public_chat" });
        var allow = new[] { new { type = "m.room_membership", room_id = door } };
        return (door, await Alice.CreateRoomAsync(new { initial_state = new[] { Requests.State("m.room.join_rules", new { join_rule = rule, allow }) } }));
    }
}
