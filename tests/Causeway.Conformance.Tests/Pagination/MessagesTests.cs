using Causeway.Conformance.Tests.Baseline;

namespace Causeway.Conformance.Tests.Pagination;

/// <summary>Client-server API, "Syncing": GET /rooms/{roomId}/messages.</summary>
public sealed class MessagesTests : BehaviourTests
{
    [Behaviour]
    public async Task Backwards_the_newest_comes_first_and_forwards_the_oldest()
    {
        var room = await Alice.CreateRoomAsync();
        var (one, two) = (await Alice.SendTextAsync(room, "1"), await Alice.SendTextAsync(room, "2"));
        Assert.Equal([two, one], Strings((await Alice.MessagesAsync(room)).Body.GetProperty("chunk"), "event_id").Take(2));
        Assert.Equal("m.room.create", (await Alice.MessagesAsync(room, "f")).Body.GetProperty("chunk")[0].GetProperty("type").GetString());
    }

    [Behaviour]
    public async Task The_first_page_backwards_ends_without_an_end()
    {
        var room = await Alice.CreateRoomAsync();
        var all = await Alice.MessagesAsync(room, "b", limit: 100);
        Assert.Null(all.Find("end") is { } end ? (await Alice.MessagesAsync(room, "b", end.GetString())).Find("end") : null);
    }

    [Behaviour]
    public async Task Pages_follow_from_end_to_end()
    {
        var room = await Alice.CreateRoomAsync();
        for (var i = 0; i < 5; i++)
        {
            await Alice.SendTextAsync(room, $"{i}");
        }

        var first = await Alice.MessagesAsync(room, "b", limit: 2);
        var second = await Alice.MessagesAsync(room, "b", first.Text("end"), 2);
        Assert.Equal(["4", "3", "2", "1"], first["chunk"].EnumerateArray().Concat(second["chunk"].EnumerateArray()).Select(e => e.GetProperty("content").GetProperty("body").GetString()));
    }

    [Behaviour]
    public async Task A_direction_that_does_not_exist_is_refused() =>
        Assert.Equal(400, (await Alice.GetAsync(Requests.In(await Alice.CreateRoomAsync(), "messages?dir=x"))).Status);

    [Behaviour]
    public async Task A_token_that_is_none_is_refused() =>
        Assert.Equal(400, (await Alice.GetAsync(Requests.In(await Alice.CreateRoomAsync(), "messages?dir=b&from=nonsense"))).Status);

    [Behaviour]
    public async Task A_filter_chooses_types_and_senders()
    {
        var room = await SharedRoomAsync();
        await Alice.SendTextAsync(room, "a");
        await Bob.SendTextAsync(room, "b");
        var filter = Requests.Escape($$"""{"types":["m.room.message"],"not_senders":["{{Alice.UserId}}"]}""");
        Assert.Equal([Bob.UserId], Strings((await Alice.GetAsync(Requests.In(room, $"messages?dir=b&filter={filter}"))).Ok()["chunk"], "sender"));
    }

    [Behaviour]
    public async Task A_filter_chooses_messages_with_a_url()
    {
        var room = await Alice.CreateRoomAsync();
        await Alice.SendTextAsync(room, "a");
        var picture = await SendAsync(Alice, room, "m.room.message", """{"msgtype":"m.image","body":"p","url":"mxc://localhost/a"}""");
        var filter = Requests.Escape("""{"contains_url":true}""");
        Assert.Equal([picture], Strings((await Alice.GetAsync(Requests.In(room, $"messages?dir=b&filter={filter}"))).Ok()["chunk"], "event_id"));
    }

    [Behaviour]
    public async Task Lazy_loading_brings_the_members_who_spoke()
    {
        var room = await SharedRoomAsync();
        await Bob.SendTextAsync(room, "b");
        var filter = Requests.Escape("""{"lazy_load_members":true,"types":["m.room.message"]}""");
        Assert.Equal([Bob.UserId], Strings((await Alice.GetAsync(Requests.In(room, $"messages?dir=b&filter={filter}"))).Ok()["state"], "state_key"));
    }

    [Behaviour]
    public async Task Prev_batch_of_a_sync_leads_to_what_was_before()
    {
        var room = await Alice.CreateRoomAsync();
        var before = await Alice.SendTextAsync(room, "before");
        for (var i = 0; i < 3; i++)
        {
            await Alice.SendTextAsync(room, $"{i}");
        }

        var timeline = (await Alice.SyncAsync(filter: """{"room":{"timeline":{"limit":3}}}""")).Joined(room)!.Value.GetProperty("timeline");
        Assert.True(timeline.GetProperty("limited").GetBoolean());
        Assert.Equal(before, (await Alice.MessagesAsync(room, "b", timeline.GetProperty("prev_batch").GetString(), 1))["chunk"][0].GetProperty("event_id").GetString());
    }

    [Behaviour]
    public async Task Who_left_reads_up_to_the_leaving_and_no_further()
    {
        var room = await SharedRoomAsync();
        await Alice.SendTextAsync(room, "seen");
        await Bob.LeaveAsync(room);
        await Alice.SendTextAsync(room, "not seen");
        var texts = (await Bob.MessagesAsync(room)).Body.GetProperty("chunk").GetRawText();
        Assert.Contains("\"seen\"", texts);
        Assert.DoesNotContain("not seen", texts);
    }

    [Behaviour]
    public async Task The_event_nearest_to_a_time_is_found()
    {
        var room = await Alice.CreateRoomAsync();
        var id = await Alice.SendTextAsync(room, "x");
        var time = (await EventAsync(Alice, room, id)).GetProperty("origin_server_ts").GetInt64();
        Assert.Equal(id, (await Alice.GetAsync($"{Requests.In(room, "timestamp_to_event", "v1")}?ts={time + 5}&dir=b")).Ok().Text("event_id"));
    }
}
