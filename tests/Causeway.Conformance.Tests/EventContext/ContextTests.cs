using Causeway.Conformance.Tests.Baseline;

namespace Causeway.Conformance.Tests.EventContext;

/// <summary>Client-server API, "Event Context" and single events.</summary>
public sealed class ContextTests : BehaviourTests
{
    [Behaviour]
    public async Task Events_before_and_after_stand_around_the_event()
    {
        var room = await Alice.CreateRoomAsync();
        List<string> sent = [];
        for (var i = 0; i < 5; i++)
        {
            sent.Add(await Alice.SendTextAsync(room, $"{i}"));
        }

        var context = (await Alice.GetAsync(Requests.In(room, $"context/{Requests.Escape(sent[2])}?limit=4"))).Ok();
        Assert.Equal(sent[2], context["event"].GetProperty("event_id").GetString());
        Assert.Equal([sent[1], sent[0]], Strings(context["events_before"], "event_id"));
        Assert.Equal([sent[3], sent[4]], Strings(context["events_after"], "event_id"));
    }

    [Behaviour]
    public async Task A_limit_of_nothing_gives_the_event_alone()
    {
        var room = await Alice.CreateRoomAsync();
        var id = await Alice.SendTextAsync(room, "x");
        var context = (await Alice.GetAsync(Requests.In(room, $"context/{Requests.Escape(id)}?limit=0"))).Ok();
        Assert.Equal(0, (context.Find("events_before")?.GetArrayLength() ?? 0) + (context.Find("events_after")?.GetArrayLength() ?? 0));
    }

    [Behaviour]
    public async Task Start_and_end_lead_on_in_messages()
    {
        var room = await Alice.CreateRoomAsync();
        var (before, middle, after) = (await Alice.SendTextAsync(room, "1"), await Alice.SendTextAsync(room, "2"), await Alice.SendTextAsync(room, "3"));
        var context = (await Alice.GetAsync(Requests.In(room, $"context/{Requests.Escape(middle)}?limit=0"))).Ok();
        Assert.Equal(before, (await Alice.MessagesAsync(room, "b", context.Text("start"), 1))["chunk"][0].GetProperty("event_id").GetString());
        Assert.Equal(after, (await Alice.MessagesAsync(room, "f", context.Text("end"), 1))["chunk"][0].GetProperty("event_id").GetString());
    }

    [Behaviour]
    public async Task The_state_is_that_of_the_last_event_returned()
    {
        var room = await Alice.CreateRoomAsync(new { name = "old" });
        var id = await Alice.SendTextAsync(room, "x");
        await Alice.SetStateAsync(room, "m.room.name", new { name = "new" });
        var context = (await Alice.GetAsync(Requests.In(room, $"context/{Requests.Escape(id)}?limit=0"))).Ok();
        Assert.Equal("old", Assert.Single(OfType(context["state"].EnumerateArray(), "m.room.name")).GetProperty("content").GetProperty("name").GetString());
    }

    [Behaviour]
    public async Task An_event_of_another_room_is_not_found()
    {
        var (one, two) = (await Alice.CreateRoomAsync(), await Alice.CreateRoomAsync());
        var id = Requests.Escape(await Alice.SendTextAsync(one, "x"));
        (await Alice.GetAsync(Requests.In(two, $"event/{id}"))).Refused(404, "M_NOT_FOUND");
        (await Alice.GetAsync(Requests.In(two, $"context/{id}"))).Refused(404, "M_NOT_FOUND");
    }

    [Behaviour]
    public async Task An_event_one_may_not_see_is_not_found()
    {
        var room = await Alice.CreateRoomAsync();
        var id = Requests.Escape(await Alice.SendTextAsync(room, "x"));
        (await Bob.GetAsync(Requests.In(room, $"event/{id}"))).Refused(404, "M_NOT_FOUND");
        (await Bob.GetAsync(Requests.In(room, $"relations/{id}", "v1"))).Refused(404, "M_NOT_FOUND");
        Assert.Contains((await Bob.GetAsync(Requests.In(room, $"context/{id}"))).Status, new[] { 403, 404 });
    }
}
