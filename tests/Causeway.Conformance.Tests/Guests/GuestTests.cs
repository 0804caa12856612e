using Causeway.Conformance.Tests.Baseline;

namespace Causeway.Conformance.Tests.Guests;

/// <summary>Client-server API, "Guest Access".</summary>
public sealed class GuestTests : BehaviourTests
{
    [Behaviour]
    public async Task A_guest_makes_no_rooms() =>
        (await (await Server.GuestAsync()).PostAsync("v3/createRoom")).Refused(403, "M_GUEST_ACCESS_FORBIDDEN");

    [Behaviour]
    public async Task A_guest_invites_nobody()
    {
        var (guest, room) = (await Server.GuestAsync(), await OpenRoomAsync());
        await guest.JoinAsync(room);
        (await guest.PostAsync(Requests.In(room, "invite"), new { user_id = Bob.UserId })).Refused(403, "M_GUEST_ACCESS_FORBIDDEN");
    }

    [Behaviour]
    public async Task A_guest_joins_and_speaks_where_guests_may()
    {
        var (guest, room) = (await Server.GuestAsync(), await OpenRoomAsync());
        await guest.JoinAsync(room);
        await guest.SendTextAsync(room, "hello from a guest");
        Assert.Contains("hello from a guest", (await Alice.SyncAsync()).Texts(room));
    }

    [Behaviour]
    public async Task A_guest_does_not_join_where_guests_may_not()
    {
        var room = await Alice.CreateRoomAsync(new { preset = "public_chat" });
        Assert.Equal(403, (await (await Server.GuestAsync()).PostAsync(Requests.In(room, "join"))).Status);
    }

    [Behaviour]
    public async Task A_guest_is_sent_away_when_guests_no_longer_may()
    {
        var (guest, room) = (await Server.GuestAsync(), await OpenRoomAsync());
        await guest.JoinAsync(room);
        await Alice.SetStateAsync(room, "m.room.guest_access", new { guest_access = "forbidden" });
        Assert.Equal(403, (await guest.PutAsync(Requests.In(room, "send/m.room.message/g"), new { body = "x" })).Status);
    }

    [Behaviour]
    public async Task A_guest_sets_its_name()
    {
        var guest = await Server.GuestAsync();
        var id = (await guest.GetAsync("v3/account/whoami")).Ok().Text("user_id");
        (await guest.PutAsync($"v3/profile/{id}/displayname", new { displayname = "Visitor" })).Ok();
        Assert.Equal("Visitor", (await Nobody.GetAsync($"v3/profile/{id}/displayname")).Ok().Text("displayname"));
    }

    private Task<string> OpenRoomAsync() => Alice.CreateRoomAsync(new { preset = "public_chat", initial_state = new[] { Requests.State("m.room.guest_access", new { guest_access = "can_join" }) } });
}
