using Causeway.Conformance.Tests.Baseline;
using Causeway.TestKit;

namespace Causeway.Conformance.Tests.Membership;

/// <summary>Client-server API, "Room membership".</summary>
public sealed class MembershipTests : BehaviourTests
{
    [Behaviour]
    public async Task A_public_room_is_joined_by_its_id_and_by_its_alias()
    {
        var name = TestServer.Unique("join");
        var room = await Alice.CreateRoomAsync(new { preset = "public_chat", room_alias_name = name });
        Assert.Equal(room, await Bob.JoinAsync(Requests.Alias(name)));
        Assert.Equal(room, await (await PersonAsync()).JoinAsync(room));
    }

    [Behaviour]
    public async Task Joining_again_changes_nothing()
    {
        var room = await SharedRoomAsync();
        var since = (await Alice.SyncAsync()).NextBatch;
        await Bob.JoinAsync(room);
        Assert.Empty((await Alice.SyncAsync(since)).Timeline(room));
    }

    [Behaviour]
    public async Task A_reason_is_kept_on_every_change()
    {
        var room = await Alice.CreateRoomAsync();
        await CheckReasonAsync(Alice, room, "invite", new { user_id = Bob.UserId, reason = "invite" });
        await CheckReasonAsync(Bob, room, "join", new { reason = "join" });
        await CheckReasonAsync(Bob, room, "leave", new { reason = "leave" });
        await CheckReasonAsync(Alice, room, "ban", new { user_id = Bob.UserId, reason = "ban" });
        await CheckReasonAsync(Alice, room, "unban", new { user_id = Bob.UserId, reason = "unban" });
    }

    [Behaviour]
    public async Task Joined_rooms_are_those_one_is_in()
    {
        var (stay, leave) = (await Alice.CreateRoomAsync(), await Alice.CreateRoomAsync());
        await Alice.LeaveAsync(leave);
        Assert.Equal([stay], Strings((await Alice.GetAsync("v3/joined_rooms")).Ok()["joined_rooms"]));
    }

    [Behaviour]
    public async Task Joined_members_have_names_and_pictures()
    {
        await Bob.PutAsync($"v3/profile/{Bob.UserId}/displayname", new { displayname = "Bob B." });
        var room = await SharedRoomAsync();
        var joined = (await Alice.GetAsync(Requests.In(room, "joined_members"))).Ok()["joined"];
        Assert.Equal("Bob B.", joined.GetProperty(Bob.UserId).GetProperty("display_name").GetString());
        Assert.Equal(2, joined.EnumerateObject().Count());
    }

    [Behaviour]
    public async Task Members_are_filtered_by_membership()
    {
        var room = await SharedRoomAsync();
        var carol = await PersonAsync();
        await Alice.InviteAsync(room, carol.UserId);
        Assert.Equal([carol.UserId], Strings((await Alice.GetAsync(Requests.In(room, "members?membership=invite"))).Ok()["chunk"], "state_key"));
        Assert.DoesNotContain(carol.UserId, Strings((await Alice.GetAsync(Requests.In(room, "members?not_membership=invite"))).Ok()["chunk"], "state_key"));
    }

    [Behaviour]
    public async Task An_invitation_comes_with_stripped_state()
    {
        var room = await Alice.CreateRoomAsync(new { name = "Come in" });
        await Alice.InviteAsync(room, Bob.UserId);
        var events = (await Bob.SyncAsync()).Invited(room)!.Value.GetProperty("invite_state").GetProperty("events").EnumerateArray().ToList();
        Assert.Single(OfType(events, "m.room.name"));
        Assert.Single(OfType(events, "m.room.create"));
        Assert.Contains(OfType(events, "m.room.member"), e => e.GetProperty("state_key").GetString() == Bob.UserId);
        Assert.All(events, e => Assert.False(e.TryGetProperty("event_id", out _) && e.TryGetProperty("auth_events", out _)));
    }

    [Behaviour]
    public async Task Who_is_not_in_the_room_cannot_invite()
    {
        var room = await Alice.CreateRoomAsync();
        (await Bob.PostAsync(Requests.In(room, "invite"), new { user_id = (await PersonAsync()).UserId })).Refused(403, "M_FORBIDDEN");
    }

    [Behaviour]
    public async Task Who_is_banned_cannot_be_invited_nor_join()
    {
        var room = await SharedRoomAsync();
        await Alice.BanAsync(room, Bob.UserId);
        (await Alice.PostAsync(Requests.In(room, "invite"), new { user_id = Bob.UserId })).Refused(403, "M_FORBIDDEN");
        (await Bob.PostAsync($"v3/join/{Requests.Escape(room)}")).Refused(403, "M_FORBIDDEN");
    }

    [Behaviour]
    public async Task Somebody_can_be_banned_who_never_was_there()
    {
        var room = await Alice.CreateRoomAsync(new { preset = "public_chat" });
        await Alice.BanAsync(room, Bob.UserId);
        (await Bob.PostAsync(Requests.In(room, "join"))).Refused(403, "M_FORBIDDEN");
    }

    [Behaviour]
    public async Task Who_is_not_banned_cannot_be_unbanned()
    {
        var room = await SharedRoomAsync();
        (await Alice.PostAsync(Requests.In(room, "unban"), new { user_id = Bob.UserId })).Refused(403, "M_FORBIDDEN");
        Assert.Equal("join", await MembershipAsync(Alice, room, Bob));
    }

    [Behaviour]
    public async Task Who_was_unbanned_is_out_and_may_come_back()
    {
        var room = await SharedRoomAsync();
        await Alice.BanAsync(room, Bob.UserId);
        (await Alice.PostAsync(Requests.In(room, "unban"), new { user_id = Bob.UserId })).Ok();
        Assert.Equal("leave", await MembershipAsync(Alice, room, Bob));
        await Bob.JoinAsync(room);
    }

    [Behaviour]
    public async Task Who_was_kicked_is_told_in_sync_who_did_it()
    {
        var room = await SharedRoomAsync();
        var since = (await Bob.SyncAsync()).NextBatch;
        await Alice.KickAsync(room, Bob.UserId, "out");
        var left = Assert.Single(OfType((await Bob.SyncAsync(since)).Timeline(room), "m.room.member"));
        Assert.Equal((Alice.UserId, "out"), (left.GetProperty("sender").GetString(), left.GetProperty("content").GetProperty("reason").GetString()));
    }

    [Behaviour]
    public async Task A_refused_invitation_is_over()
    {
        var room = await Alice.CreateRoomAsync();
        await Alice.InviteAsync(room, Bob.UserId);
        var since = (await Bob.SyncAsync()).NextBatch;
        await Bob.LeaveAsync(room);
        Assert.NotNull((await Bob.SyncAsync(since)).Left(room));
        (await Bob.PostAsync(Requests.In(room, "join"))).Refused(403, "M_FORBIDDEN");
    }

    [Behaviour]
    public async Task Leaving_a_room_one_is_not_in_is_refused() =>
        Assert.InRange((await Bob.PostAsync(Requests.In(await Alice.CreateRoomAsync(), "leave"))).Status, 400, 404);

    [Behaviour]
    public async Task A_forgotten_room_is_not_in_sync_and_its_messages_are_closed()
    {
        var room = await SharedRoomAsync();
        await Bob.LeaveAsync(room);
        (await Bob.PostAsync(Requests.In(room, "forget"))).Ok();
        Assert.Null((await Bob.SyncAsync(filter: """{"room":{"include_leave":true}}""")).Left(room));
        Assert.Equal(403, (await Bob.GetAsync(Requests.In(room, "messages?dir=b"))).Status);
    }

    [Behaviour]
    public async Task A_forgotten_room_can_be_joined_again()
    {
        var room = await SharedRoomAsync();
        await Bob.LeaveAsync(room);
        (await Bob.PostAsync(Requests.In(room, "forget"))).Ok();
        await Bob.JoinAsync(room);
        Assert.NotNull((await Bob.SyncAsync()).Joined(room));
    }

    [Behaviour]
    public async Task Membership_can_be_changed_by_a_state_event()
    {
        var room = await Alice.CreateRoomAsync();
        await Alice.SetStateAsync(room, "m.room.member", new { membership = "invite" }, Bob.UserId);
        await Bob.SetStateAsync(room, "m.room.member", new { membership = "join" }, Bob.UserId);
        Assert.Equal("join", await MembershipAsync(Alice, room, Bob));
    }

    [Behaviour]
    public async Task Nobody_joins_for_somebody_else()
    {
        var room = await Alice.CreateRoomAsync(new { preset = "public_chat" });
        (await TrySetStateAsync(Alice, room, "m.room.member", new { membership = "join" }, Bob.UserId)).Refused(403, "M_FORBIDDEN");
    }

    [Behaviour]
    public async Task A_room_that_does_not_exist_is_not_found() =>
        Assert.Contains((await Bob.PostAsync($"v3/join/{Requests.Escape("#none:localhost")}")).Status, new[] { 403, 404 });

    private static async Task CheckReasonAsync(MatrixClient who, string room, string verb, object body)
    {
        (await who.PostAsync(Requests.In(room, verb), body)).Ok();
        var last = (await who.MessagesAsync(room, limit: 1)).Body.GetProperty("chunk")[0];
        Assert.Equal(verb, last.GetProperty("content").GetProperty("reason").GetString());
    }
}
