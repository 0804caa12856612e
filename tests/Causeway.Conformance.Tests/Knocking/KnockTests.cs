using Causeway.Conformance.Tests.Baseline;

namespace Causeway.Conformance.Tests.Knocking;

/// <summary>Client-server API, "Knocking".</summary>
public sealed class KnockTests : BehaviourTests
{
    [Behaviour]
    public async Task A_knock_is_seen_inside_and_outside_with_stripped_state()
    {
        var room = await DoorAsync("knock");
        var since = (await Alice.SyncAsync()).NextBatch;
        Assert.Equal(room, (await Bob.PostAsync($"v3/knock/{Requests.Escape(room)}", new { reason = "please" })).Ok().Text("room_id"));
        var knock = Assert.Single(OfType((await Alice.SyncAsync(since)).Timeline(room), "m.room.member"));
        Assert.Equal(("knock", "please"), (knock.GetProperty("content").GetProperty("membership").GetString(), knock.GetProperty("content").GetProperty("reason").GetString()));
        var own = (await Bob.SyncAsync()).Body.GetProperty("rooms").GetProperty("knock").GetProperty(room);
        Assert.Single(OfType(own.GetProperty("knock_state").GetProperty("events").EnumerateArray(), "m.room.name"));
    }

    [Behaviour]
    public async Task A_knock_does_not_open_the_room()
    {
        var room = await DoorAsync("knock");
        (await Bob.PostAsync($"v3/knock/{Requests.Escape(room)}")).Ok();
        (await Bob.PostAsync(Requests.In(room, "join"))).Refused(403, "M_FORBIDDEN");
        (await Bob.GetAsync(Requests.In(room, "messages?dir=b"))).Refused(403, "M_FORBIDDEN");
    }

    [Behaviour]
    public async Task A_knock_is_answered_by_an_invitation()
    {
        var room = await DoorAsync("knock");
        (await Bob.PostAsync($"v3/knock/{Requests.Escape(room)}")).Ok();
        await Alice.InviteAsync(room, Bob.UserId);
        await Bob.JoinAsync(room);
    }

    [Behaviour]
    public async Task A_knock_is_refused_by_a_kick()
    {
        var room = await DoorAsync("knock");
        (await Bob.PostAsync($"v3/knock/{Requests.Escape(room)}")).Ok();
        await Alice.KickAsync(room, Bob.UserId);
        Assert.Equal("leave", await MembershipAsync(Alice, room, Bob));
    }

    [Behaviour]
    public async Task A_knock_is_taken_back()
    {
        var room = await DoorAsync("knock");
        (await Bob.PostAsync($"v3/knock/{Requests.Escape(room)}")).Ok();
        await Bob.LeaveAsync(room);
        Assert.Equal("leave", await MembershipAsync(Alice, room, Bob));
    }

    [Behaviour]
    public async Task Who_is_banned_cannot_knock()
    {
        var room = await DoorAsync("knock");
        await Alice.BanAsync(room, Bob.UserId);
        (await Bob.PostAsync($"v3/knock/{Requests.Escape(room)}")).Refused(403, "M_FORBIDDEN");
    }

    [Behaviour]
    public async Task Who_is_in_the_room_cannot_knock()
    {
        var room = await DoorAsync("knock");
        (await Alice.PostAsync($"v3/knock/{Requests.Escape(room)}")).Refused(403, "M_FORBIDDEN");
    }

    [Behaviour]
    public async Task A_room_of_a_version_without_knocking_refuses_it()
    {
        var room = await Alice.CreateRoomAsync(new { room_version = "6", preset = "public_chat" });
        (await Bob.PostAsync($"v3/knock/{Requests.Escape(room)}")).Refused(403, "M_FORBIDDEN");
    }

    [Behaviour]
    public async Task A_knock_restricted_room_takes_knocks() =>
        (await Bob.PostAsync($"v3/knock/{Requests.Escape(await DoorAsync("knock_restricted"))}")).Ok();

    private Task<string> DoorAsync(string rule) =>
        Alice.CreateRoomAsync(new { name = "Door", initial_state = new[] { Requests.State("m.room.join_rules", new { join_rule = rule }) } });
}
