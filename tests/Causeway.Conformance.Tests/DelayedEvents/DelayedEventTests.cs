using Causeway.Conformance.Tests.Baseline;
using Causeway.TestKit;

namespace Causeway.Conformance.Tests.DelayedEvents;

/// <summary>MSC4140, "Cancellable delayed events".</summary>
public sealed class DelayedEventTests : BehaviourTests
{
    private const string Delayed = "unstable/org.matrix.msc4140/delayed_events";

    [Behaviour]
    public async Task A_delayed_message_is_not_there_at_first_and_comes_later()
    {
        var room = await Alice.CreateRoomAsync();
        await ScheduleAsync(room, 300);
        Assert.Empty((await Alice.SyncAsync()).Texts(room));
        await Alice.SyncUntilAsync(s => s.Texts(room).Contains("later"));
    }

    [Behaviour]
    public async Task A_cancelled_one_never_comes()
    {
        var room = await Alice.CreateRoomAsync();
        var id = await ScheduleAsync(room, 400);
        (await Alice.PostAsync($"{Delayed}/{id}/cancel")).Ok();
        var later = await ScheduleAsync(room, 600, "after it");
        await Alice.SyncUntilAsync(s => s.Texts(room).Contains("after it"));
        Assert.Equal(["after it"], (await Alice.SyncAsync()).Texts(room));
        Assert.NotEqual(id, later);
    }

    [Behaviour]
    public async Task One_can_be_sent_at_once()
    {
        var room = await Alice.CreateRoomAsync();
        var id = await ScheduleAsync(room, 60_000);
        (await Alice.PostAsync($"{Delayed}/{id}/send")).Ok();
        Assert.Equal(["later"], (await Alice.SyncAsync()).Texts(room));
    }

    [Behaviour]
    public async Task What_waits_is_listed_for_its_sender_only()
    {
        var room = await SharedRoomAsync();
        var id = await ScheduleAsync(room, 60_000);
        Assert.Equal([id], Strings((await Alice.GetAsync(Delayed)).Ok()["delayed_events"], "delay_id"));
        Assert.Equal(0, (await Bob.GetAsync(Delayed)).Ok()["delayed_events"].GetArrayLength());
    }

    [Behaviour]
    public async Task State_can_be_delayed()
    {
        var room = await Alice.CreateRoomAsync();
        (await new MatrixClient(Server.Address).Become(Alice).PutAsync(Requests.In(room, "state/org.example.s/?org.matrix.msc4140.delay=100"), new { n = 1 })).Ok();
        await Wait.UntilAsync(async () => (await Alice.GetAsync(Requests.In(room, "state/org.example.s"))).Status == 200, TimeSpan.FromSeconds(10), "the state");
    }

    [Behaviour]
    public async Task Nobody_delays_an_event_in_a_room_they_are_not_in() =>
        Assert.Equal(403, (await Bob.PutAsync(Requests.In(await Alice.CreateRoomAsync(), "send/m.room.message/d?org.matrix.msc4140.delay=60000"), new { body = "x" })).Status);

    [Behaviour]
    public async Task A_delay_that_is_none_is_refused() =>
        Assert.Equal(400, (await Alice.PutAsync(Requests.In(await Alice.CreateRoomAsync(), "send/m.room.message/d?org.matrix.msc4140.delay=-1"), new { body = "x" })).Status);

    // Its answer holds a delay_id in place of the event_id that the stable document demands, so it is not held against it.
    private async Task<string> ScheduleAsync(string room, int delay, string text = "later") =>
        (await new MatrixClient(Server.Address).Become(Alice).PutAsync(Requests.In(room, $"send/m.room.message/{text}?org.matrix.msc4140.delay={delay}"), new { msgtype = "m.text", body = text }))
            .Ok().Text("delay_id");
}
