using Causeway.Conformance.Tests.Baseline;

namespace Causeway.Conformance.Tests.IgnoredUsers;

/// <summary>Client-server API, "Ignoring Users".</summary>
public sealed class IgnoredUserTests : BehaviourTests
{
    [Behaviour]
    public async Task Messages_of_somebody_ignored_do_not_come()
    {
        var room = await SharedRoomAsync();
        await IgnoreAsync(Alice.UserId);
        var since = (await Bob.SyncAsync()).NextBatch;
        await Alice.SendTextAsync(room, "not heard");
        Assert.DoesNotContain("not heard", (await Bob.SyncAsync(since)).Body.GetRawText());
    }

    [Behaviour]
    public async Task State_of_somebody_ignored_still_comes()
    {
        var room = await SharedRoomAsync();
        await IgnoreAsync(Alice.UserId);
        var since = (await Bob.SyncAsync()).NextBatch;
        await Alice.SetStateAsync(room, "m.room.topic", new { topic = "by alice" });
        Assert.Contains("by alice", (await Bob.SyncAsync(since)).Body.GetRawText());
    }

    [Behaviour]
    public async Task Invitations_of_somebody_ignored_do_not_come()
    {
        await IgnoreAsync(Alice.UserId);
        var room = await Alice.CreateRoomAsync();
        await Alice.InviteAsync(room, Bob.UserId);
        Assert.Null((await Bob.SyncAsync()).Invited(room));
    }

    [Behaviour]
    public async Task Who_is_no_longer_ignored_is_heard_again()
    {
        var room = await SharedRoomAsync();
        await IgnoreAsync(Alice.UserId);
        await IgnoreAsync();
        var since = (await Bob.SyncAsync()).NextBatch;
        await Alice.SendTextAsync(room, "heard");
        Assert.Contains("heard", (await Bob.SyncAsync(since)).Texts(room));
    }

    private async Task IgnoreAsync(params string[] users) =>
        (await Bob.PutAsync($"v3/user/{Bob.UserId}/account_data/m.ignored_user_list", new { ignored_users = users.ToDictionary(u => u, _ => new { }) })).Ok();
}
