using Causeway.Conformance.Tests.Baseline;

namespace Causeway.Conformance.Tests.Moderation;

/// <summary>Client-server API, "Reporting Content", "Account moderation", "Server Access Control Lists", "Moderation policy lists", "Mutual rooms".</summary>
public sealed class ModerationTests : BehaviourTests
{
    [Behaviour]
    public async Task An_event_is_reported_by_who_is_in_the_room()
    {
        var room = await SharedRoomAsync();
        var id = Requests.Escape(await Alice.SendTextAsync(room, "bad"));
        (await Bob.PostAsync(Requests.In(room, $"report/{id}"), new { reason = "bad" })).Ok();
        (await (await PersonAsync()).PostAsync(Requests.In(room, $"report/{id}"), new { reason = "bad" })).Refused(404, "M_NOT_FOUND");
    }

    [Behaviour]
    public async Task A_suspended_person_reads_and_does_not_write()
    {
        var room = await SharedRoomAsync();
        var admin = await Server.RegisterAdminAsync();
        Assert.True((await admin.PutAsync($"v1/admin/suspend/{Bob.UserId}", new { suspended = true })).Ok()["suspended"].GetBoolean());
        (await TrySendAsync(Bob, room, "m.room.message", "{}")).Refused(403, "M_USER_SUSPENDED");
        await Bob.MessagesAsync(room);
    }

    [Behaviour]
    public async Task A_locked_person_is_told_so_softly()
    {
        var admin = await Server.RegisterAdminAsync();
        (await admin.PutAsync($"v1/admin/lock/{Bob.UserId}", new { locked = true })).Ok();
        Assert.True((await Bob.GetAsync("v3/sync")).Refused(401, "M_USER_LOCKED")["soft_logout"].GetBoolean());
        (await admin.PutAsync($"v1/admin/lock/{Bob.UserId}", new { locked = false })).Ok();
        await Bob.SyncAsync();
    }

    [Behaviour]
    public async Task Policies_and_server_ACLs_are_state_like_any_other()
    {
        var room = await SharedRoomAsync();
        await Alice.SetStateAsync(room, "m.policy.rule.user", new { entity = "@spam*:*", recommendation = "m.ban", reason = "spam" }, "rule1");
        await Alice.SetStateAsync(room, "m.room.server_acl", new { allow = new[] { "*" }, deny = new[] { "*.evil.example" } });
        Assert.Equal("m.ban", (await Bob.GetStateAsync(room, "m.policy.rule.user", "rule1")).GetProperty("recommendation").GetString());
    }

    [Behaviour]
    public async Task Rooms_in_common_are_told()
    {
        var room = await SharedRoomAsync();
        await Alice.CreateRoomAsync();
        Assert.Equal([room], Strings((await Alice.GetAsync($"v1/mutual_rooms?user_id={Requests.Escape(Bob.UserId)}")).Ok()["joined"]));
    }

    [Behaviour]
    public async Task Whois_is_for_oneself_and_for_administrators()
    {
        Assert.True((await Alice.GetAsync($"v3/admin/whois/{Alice.UserId}")).Ok()["devices"].TryGetProperty(Alice.DeviceId, out _));
        Assert.Equal(403, (await Alice.GetAsync($"v3/admin/whois/{Bob.UserId}")).Status);
        (await (await Server.RegisterAdminAsync()).GetAsync($"v3/admin/whois/{Bob.UserId}")).Ok();
    }
}
