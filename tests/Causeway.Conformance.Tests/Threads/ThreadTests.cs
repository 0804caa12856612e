using System.Text.Json;
using Causeway.Conformance.Tests.Baseline;
using Causeway.TestKit;

namespace Causeway.Conformance.Tests.Threads;

/// <summary>Client-server API, "Threading".</summary>
public sealed class ThreadTests : BehaviourTests
{
    [Behaviour]
    public async Task Threads_are_listed_with_the_newest_reply_first()
    {
        var room = await SharedRoomAsync();
        var (one, two) = (await Alice.SendTextAsync(room, "1"), await Alice.SendTextAsync(room, "2"));
        await ReplyAsync(Alice, room, one);
        await ReplyAsync(Alice, room, two);
        await ReplyAsync(Alice, room, one);
        Assert.Equal([one, two], Strings((await Bob.GetAsync(Requests.In(room, "threads", "v1"))).Ok()["chunk"], "event_id"));
    }

    [Behaviour]
    public async Task Only_threads_one_took_part_in_are_listed_on_demand()
    {
        var room = await SharedRoomAsync();
        var (mine, his) = (await Alice.SendTextAsync(room, "1"), await Alice.SendTextAsync(room, "2"));
        await ReplyAsync(Bob, room, his);
        await ReplyAsync(Alice, room, mine);
        Assert.Equal([his], Strings((await Bob.GetAsync(Requests.In(room, "threads?include=participated", "v1"))).Ok()["chunk"], "event_id"));
    }

    [Behaviour]
    public async Task Threads_come_in_pages()
    {
        var room = await SharedRoomAsync();
        var (one, two) = (await Alice.SendTextAsync(room, "1"), await Alice.SendTextAsync(room, "2"));
        await ReplyAsync(Alice, room, one);
        await ReplyAsync(Alice, room, two);
        var first = (await Bob.GetAsync(Requests.In(room, "threads?limit=1", "v1"))).Ok();
        var second = (await Bob.GetAsync(Requests.In(room, $"threads?limit=1&from={Requests.Escape(first.Text("next_batch"))}", "v1"))).Ok();
        Assert.Equal([two, one], Strings(first["chunk"], "event_id").Concat(Strings(second["chunk"], "event_id")));
    }

    [Behaviour]
    public async Task The_root_carries_the_count_the_newest_reply_and_whether_one_took_part()
    {
        var room = await SharedRoomAsync();
        var root = await Alice.SendTextAsync(room, "root");
        await ReplyAsync(Alice, room, root);
        var last = await ReplyAsync(Bob, room, root);
        var thread = Thread(await EventAsync(Bob, room, root));
        Assert.Equal((2, last, true), (thread.GetProperty("count").GetInt32(), thread.GetProperty("latest_event").GetProperty("event_id").GetString(), thread.GetProperty("current_user_participated").GetBoolean()));
        var carol = await PersonAsync();
        await carol.JoinAsync(room);
        Assert.False(Thread(await EventAsync(carol, room, root)).GetProperty("current_user_participated").GetBoolean());
    }

    [Behaviour]
    public async Task A_redacted_reply_no_longer_counts()
    {
        var room = await SharedRoomAsync();
        var root = await Alice.SendTextAsync(room, "root");
        await ReplyAsync(Alice, room, root);
        await Alice.RedactAsync(room, await ReplyAsync(Alice, room, root));
        Assert.Equal(1, Thread(await EventAsync(Bob, room, root)).GetProperty("count").GetInt32());
    }

    [Behaviour]
    public async Task Replies_are_counted_apart_on_demand()
    {
        var room = await SharedRoomAsync();
        var root = await Alice.SendTextAsync(room, "root");
        await ReplyAsync(Alice, room, root);
        var joined = (await Bob.SyncAsync(filter: """{"room":{"timeline":{"unread_thread_notifications":true}}}""")).Joined(room)!.Value;
        Assert.Equal(1, joined.GetProperty("unread_notifications").GetProperty("notification_count").GetInt32());
        Assert.Equal(1, joined.GetProperty("unread_thread_notifications").GetProperty(root).GetProperty("notification_count").GetInt32());
    }

    [Behaviour]
    public async Task A_thread_does_not_start_at_what_is_in_a_thread()
    {
        var room = await SharedRoomAsync();
        var reply = await ReplyAsync(Alice, room, await Alice.SendTextAsync(room, "root"));
        (await TrySendAsync(Alice, room, "m.room.message", Reply(reply))).Refused(400, "M_UNKNOWN");
    }

    private Task<string> ReplyAsync(MatrixClient who, string room, string root) => SendAsync(who, room, "m.room.message", Reply(root));

    private static string Reply(string root) => $$$"""{"body":"r","msgtype":"m.text","m.relates_to":{"rel_type":"m.thread","event_id":"{{{root}}}"}}""";

    private static JsonElement Thread(JsonElement root) => root.GetProperty("unsigned").GetProperty("m.relations").GetProperty("m.thread");
}
