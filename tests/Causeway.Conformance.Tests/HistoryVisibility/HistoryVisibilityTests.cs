using Causeway.Conformance.Tests.Baseline;

namespace Causeway.Conformance.Tests.HistoryVisibility;

/// <summary>Client-server API, "Room history visibility" and "Room Previews".</summary>
public sealed class HistoryVisibilityTests : BehaviourTests
{
    [Behaviour]
    public async Task Shared_history_is_seen_by_who_joins_later() => Assert.Contains("before", await SeenByAsync("shared"));

    [Behaviour]
    public async Task Joined_history_is_seen_from_the_join_on()
    {
        var seen = await SeenByAsync("joined");
        Assert.DoesNotContain("before", seen);
        Assert.DoesNotContain("invited", seen);
        Assert.Contains("after", seen);
    }

    [Behaviour]
    public async Task Invited_history_is_seen_from_the_invitation_on()
    {
        var seen = await SeenByAsync("invited");
        Assert.DoesNotContain("before", seen);
        Assert.Contains("invited", seen);
    }

    [Behaviour]
    public async Task World_readable_history_is_seen_from_outside()
    {
        var room = await RoomAsync("world_readable");
        await Alice.SendTextAsync(room, "hello world");
        Assert.Contains("hello world", (await Bob.MessagesAsync(room)).Body.GetRawText());
        (await Bob.GetAsync(Requests.In(room, "state"))).Ok();
        (await Bob.GetAsync(Requests.In(room, "members"))).Ok();
    }

    [Behaviour]
    public async Task Shared_history_is_not_seen_from_outside() =>
        (await Bob.GetAsync(Requests.In(await RoomAsync("shared"), "messages?dir=b"))).Refused(403, "M_FORBIDDEN");

    [Behaviour]
    public async Task A_guest_reads_what_the_world_may_read()
    {
        var room = await RoomAsync("world_readable");
        await Alice.SendTextAsync(room, "for guests");
        Assert.Contains("for guests", (await (await Server.GuestAsync()).GetAsync(Requests.In(room, "messages?dir=b"))).Ok().Body.GetRawText());
    }

    [Behaviour]
    public async Task An_event_hidden_from_one_is_not_found_by_its_id()
    {
        var room = await RoomAsync("joined");
        var id = await Alice.SendTextAsync(room, "before");
        await Alice.InviteAsync(room, Bob.UserId);
        await Bob.JoinAsync(room);
        (await Bob.GetAsync(Requests.In(room, $"event/{Requests.Escape(id)}"))).Refused(404, "M_NOT_FOUND");
    }

    private async Task<string> SeenByAsync(string visibility)
    {
        var room = await RoomAsync(visibility);
        await Alice.SendTextAsync(room, "before");
        await Alice.InviteAsync(room, Bob.UserId);
        await Alice.SendTextAsync(room, "invited");
        await Bob.JoinAsync(room);
        await Alice.SendTextAsync(room, "after");
        return string.Join(' ', (await Bob.MessagesAsync(room)).Body.GetProperty("chunk").EnumerateArray().Select(e => e.GetProperty("content").TryGetProperty("body", out var b) ? b.GetString() : ""));
    }

    private Task<string> RoomAsync(string visibility) =>
        Alice.CreateRoomAsync(new { initial_state = new[] { Requests.State("m.room.history_visibility", new { history_visibility = visibility }) } });
}
