using Causeway.Conformance.Tests.Baseline;

namespace Causeway.Conformance.Tests.Presence;

/// <summary>Client-server API, "Presence".</summary>
public sealed class PresenceTests : BehaviourTests
{
    [Behaviour]
    public async Task Presence_set_by_one_is_read_by_another()
    {
        await SharedRoomAsync();
        await SetAsync("unavailable", "lunch");
        var status = (await Bob.GetAsync($"v3/presence/{Alice.UserId}/status")).Ok();
        Assert.Equal(("unavailable", "lunch"), (status.Text("presence"), status.Text("status_msg")));
    }

    [Behaviour]
    public async Task Presence_comes_in_sync_with_the_sender()
    {
        await SharedRoomAsync();
        var since = (await Bob.SyncAsync()).NextBatch;
        await SetAsync("online", "here");
        var sync = await Bob.SyncUntilAsync(s => Top(s, "presence", "m.presence").Any(e => e.GetProperty("sender").GetString() == Alice.UserId), since);
        Assert.Equal("online", Top(sync, "presence", "m.presence").Last(e => e.GetProperty("sender").GetString() == Alice.UserId).GetProperty("content").GetProperty("presence").GetString());
    }

    [Behaviour]
    public async Task A_sync_sets_the_presence_it_names()
    {
        await SharedRoomAsync();
        (await Alice.GetAsync("v3/sync?set_presence=unavailable")).Ok();
        Assert.Equal("unavailable", (await Bob.GetAsync($"v3/presence/{Alice.UserId}/status")).Ok().Text("presence"));
    }

    [Behaviour]
    public async Task A_state_that_does_not_exist_is_refused() =>
        Assert.Equal(400, (await Alice.PutAsync($"v3/presence/{Alice.UserId}/status", new { presence = "asleep" })).Status);

    private async Task SetAsync(string presence, string message) =>
        (await Alice.PutAsync($"v3/presence/{Alice.UserId}/status", new { presence, status_msg = message })).Ok();
}
