using Causeway.Conformance.Tests.Baseline;

namespace Causeway.Conformance.Tests.Syncing;

/// <summary>Client-server API, "Syncing".</summary>
public sealed class SyncTests : BehaviourTests
{
    [Behaviour]
    public async Task What_was_told_once_is_not_told_again()
    {
        var room = await SharedRoomAsync();
        await Alice.SendTextAsync(room, "x");
        var first = await Bob.SyncAsync();
        Assert.Null((await Bob.SyncAsync(first.NextBatch)).Joined(room));
    }

    [Behaviour]
    public async Task The_same_token_tells_the_same_again()
    {
        var room = await SharedRoomAsync();
        var since = (await Bob.SyncAsync()).NextBatch;
        await Alice.SendTextAsync(room, "x");
        Assert.Equal((await Bob.SyncAsync(since)).Texts(room), (await Bob.SyncAsync(since)).Texts(room));
    }

    [Behaviour]
    public async Task A_room_that_is_new_comes_with_its_whole_state()
    {
        var since = (await Bob.SyncAsync()).NextBatch;
        var room = await SharedRoomAsync(new { preset = "public_chat", name = "n" });
        var sync = await Bob.SyncAsync(since);
        var events = sync.EventsOf(room, "state").Concat(sync.Timeline(room)).ToList();
        Assert.Single(OfType(events, "m.room.name"));
        Assert.Single(OfType(events, "m.room.create"));
        Assert.Equal(2, OfType(events, "m.room.member").Count);
    }

    [Behaviour]
    public async Task State_that_changed_in_a_gap_comes_in_the_state()
    {
        var room = await SharedRoomAsync();
        var since = (await Bob.SyncAsync()).NextBatch;
        await Alice.SetStateAsync(room, "m.room.topic", new { topic = "changed" });
        for (var i = 0; i < 4; i++)
        {
            await Alice.SendTextAsync(room, $"{i}");
        }

        var sync = await Bob.SyncAsync(since, filter: """{"room":{"timeline":{"limit":2}}}""");
        Assert.True(sync.Joined(room)!.Value.GetProperty("timeline").GetProperty("limited").GetBoolean());
        Assert.Single(OfType(sync.EventsOf(room, "state"), "m.room.topic"));
    }

    [Behaviour]
    public async Task An_event_is_in_the_state_or_in_the_timeline_and_never_in_both()
    {
        var room = await SharedRoomAsync(new { preset = "public_chat", name = "n", topic = "t" });
        var sync = await Bob.SyncAsync();
        var state = sync.EventsOf(room, "state").Select(e => e.GetProperty("event_id").GetString());
        Assert.Empty(state.Intersect(sync.Timeline(room).Select(e => e.GetProperty("event_id").GetString())));
    }

    [Behaviour]
    public async Task The_summary_counts_members_and_names_heroes()
    {
        var room = await SharedRoomAsync();
        var carol = await PersonAsync();
        await Alice.InviteAsync(room, carol.UserId);
        var summary = (await Alice.SyncAsync(filter: """{"room":{"state":{"lazy_load_members":true}}}""")).Joined(room)!.Value.GetProperty("summary");
        Assert.Equal((2, 1), (summary.GetProperty("m.joined_member_count").GetInt32(), summary.GetProperty("m.invited_member_count").GetInt32()));
        Assert.Equal(new[] { Bob.UserId, carol.UserId }.Order(), Strings(summary.GetProperty("m.heroes")).Order());
    }

    [Behaviour]
    public async Task A_room_one_left_comes_under_leave()
    {
        var room = await SharedRoomAsync();
        var since = (await Bob.SyncAsync()).NextBatch;
        await Bob.LeaveAsync(room);
        var sync = await Bob.SyncAsync(since);
        Assert.Null(sync.Joined(room));
        Assert.NotNull(sync.Left(room));
        Assert.Null((await Bob.SyncAsync(sync.NextBatch)).Left(room));
    }

    [Behaviour]
    public async Task What_happened_after_leaving_is_not_told()
    {
        var room = await SharedRoomAsync();
        var since = (await Bob.SyncAsync()).NextBatch;
        await Bob.LeaveAsync(room);
        await Alice.SendTextAsync(room, "not for bob");
        Assert.DoesNotContain("not for bob", (await Bob.SyncAsync(since)).Body.GetRawText());
    }

    [Behaviour]
    public async Task A_wait_ends_with_the_first_news()
    {
        var room = await SharedRoomAsync();
        var since = (await Bob.SyncAsync()).NextBatch;
        var waiting = Bob.SyncUntilAsync(s => s.Texts(room).Contains("wake up"), since, TimeSpan.FromSeconds(20));
        await Alice.SendTextAsync(room, "wake up");
        await waiting;
    }

    [Behaviour]
    public async Task A_token_that_is_none_is_refused() =>
        Assert.Equal(400, (await Alice.GetAsync("v3/sync?since=nonsense")).Status);

    [Behaviour]
    public async Task Unread_messages_are_counted_and_mentions_highlight()
    {
        var room = await SharedRoomAsync();
        await SendAsync(Alice, room, "m.room.message", """{"msgtype":"m.text","body":"one"}""");
        await SendAsync(Alice, room, "m.room.message", $$$"""{"msgtype":"m.text","body":"two","m.mentions":{"user_ids":["{{{Bob.UserId}}}"]}}""");
        var counts = (await Bob.SyncAsync()).Joined(room)!.Value.GetProperty("unread_notifications");
        Assert.Equal((2, 1), (counts.GetProperty("notification_count").GetInt32(), counts.GetProperty("highlight_count").GetInt32()));
    }
}
