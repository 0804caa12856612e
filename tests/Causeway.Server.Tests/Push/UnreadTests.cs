using Causeway.TestKit;
using Xunit;

namespace Causeway.Server.Tests.Push;

/// <summary>Client-server API, "Receipts" and "Receiving notifications": what is read and what is not.</summary>
public sealed class UnreadTests
{
    [DatabaseTheory]
    public async Task Messages_count_until_they_are_read_publicly_or_privately(string database)
    {
        var (alice, bob, room) = await PairAsync(database);
        await alice.SendTextAsync(room, "1");
        var second = await alice.SendTextAsync(room, "2");
        var third = await alice.SendTextAsync(room, "3");
        Assert.Equal((3, 0), await CountAsync(bob, room));
        await bob.SendReceiptAsync(room, second);
        Assert.Equal((1, 0), await CountAsync(bob, room));
        await bob.SendReceiptAsync(room, third, "m.read.private");
        Assert.Equal((0, 0), await CountAsync(bob, room));
        Assert.DoesNotContain("m.read.private", (await alice.SyncAsync()).Joined(room)!.Value.ToString());
        Assert.Contains("m.read.private", (await bob.SyncAsync()).Joined(room)!.Value.ToString());
        await bob.SendTextAsync(room, "own");
        Assert.Equal((0, 0), await CountAsync(bob, room));
    }

    [DatabaseTheory]
    public async Task A_receipt_moves_forward_only(string database)
    {
        var (alice, bob, room) = await PairAsync(database);
        var first = await alice.SendTextAsync(room, "1");
        var second = await alice.SendTextAsync(room, "2");
        await bob.SendReceiptAsync(room, second);
        await bob.SendReceiptAsync(room, first);
        Assert.Equal((0, 0), await CountAsync(bob, room));
        var receipt = (await alice.SyncAsync()).EventsOf(room, "ephemeral").Single(e => e.GetProperty("type").ValueEquals("m.receipt"));
        Assert.True(receipt.GetProperty("content").TryGetProperty(second, out _));
        Assert.False(receipt.GetProperty("content").TryGetProperty(first, out _));
        await Task.WhenAll(bob.SendReceiptAsync(room, await alice.SendTextAsync(room, "3")), bob.SendReceiptAsync(room, first), bob.SendReceiptAsync(room, second));
        Assert.Equal((0, 0), await CountAsync(bob, room));
    }

    [DatabaseTheory]
    public async Task A_mention_highlights_and_a_redaction_takes_the_count_back(string database)
    {
        var (alice, bob, room) = await PairAsync(database);
        var mention = await alice.SendAsync(room, "m.room.message", new Dictionary<string, object>
        {
            ["msgtype"] = "m.text", ["body"] = "you", ["m.mentions"] = new { user_ids = new[] { bob.UserId } },
        });
        Assert.Equal((1, 1), await CountAsync(bob, room));
        await alice.RedactAsync(room, mention);
        Assert.Equal((0, 0), await CountAsync(bob, room));
    }

    [DatabaseTheory]
    public async Task Threads_are_counted_apart_when_asked_for_and_read_apart(string database)
    {
        var (alice, bob, room) = await PairAsync(database);
        var root = await alice.SendTextAsync(room, "root");
        var reply = await alice.SendAsync(room, "m.room.message", new Dictionary<string, object>
        {
            ["msgtype"] = "m.text", ["body"] = "reply", ["m.relates_to"] = new { rel_type = "m.thread", event_id = root },
        });
        const string filter = """{"room":{"timeline":{"unread_thread_notifications":true}}}""";
        Assert.Equal((2, 0), await CountAsync(bob, room));
        var joined = (await bob.SyncAsync(filter: filter)).Joined(room)!.Value;
        Assert.Equal(1, joined.GetProperty("unread_notifications").GetProperty("notification_count").GetInt32());
        Assert.Equal(1, joined.GetProperty("unread_thread_notifications").GetProperty(root).GetProperty("notification_count").GetInt32());
        (await bob.RequestAsync("POST", MatrixClient.RoomPath(room, $"receipt/m.read/{reply}"), new { thread_id = root })).Ok();
        Assert.Equal((1, 0), await CountAsync(bob, room));
        (await bob.RequestAsync("POST", MatrixClient.RoomPath(room, $"receipt/m.read/{root}"), new { thread_id = "main" })).Ok();
        Assert.Equal((0, 0), await CountAsync(bob, room));
        var receipts = (await alice.SyncAsync()).EventsOf(room, "ephemeral").Where(e => e.GetProperty("type").ValueEquals("m.receipt")).ToList();
        Assert.Equal(root, receipts.Select(r => r.GetProperty("content")).Single(c => c.TryGetProperty(reply, out _)).GetProperty(reply)
            .GetProperty("m.read").GetProperty(bob.UserId).GetProperty("thread_id").GetString());
    }

    [DatabaseTheory]
    public async Task What_relates_to_a_threads_reply_counts_in_the_thread(string database)
    {
        var (alice, bob, room) = await PairAsync(database);
        var root = await alice.SendTextAsync(room, "root");
        var reply = await Relations.RelationTests.ReplyAsync(alice, room, root, "reply");
        var vote = await alice.SendAsync(room, "m.room.message", new Dictionary<string, object>
        {
            ["msgtype"] = "m.text", ["body"] = "vote", ["m.relates_to"] = new { rel_type = "m.reference", event_id = reply },
        });
        const string filter = """{"room":{"timeline":{"unread_thread_notifications":true}}}""";
        var joined = (await bob.SyncAsync(filter: filter)).Joined(room)!.Value;
        Assert.Equal(1, joined.GetProperty("unread_notifications").GetProperty("notification_count").GetInt32());
        Assert.Equal(2, joined.GetProperty("unread_thread_notifications").GetProperty(root).GetProperty("notification_count").GetInt32());
        (await bob.RequestAsync("POST", MatrixClient.RoomPath(room, $"receipt/m.read/{vote}"), new { thread_id = "main" })).Refused(400, "M_INVALID_PARAM");
        (await bob.RequestAsync("POST", MatrixClient.RoomPath(room, $"receipt/m.read/{root}"), new { thread_id = reply })).Refused(400, "M_INVALID_PARAM");
        (await bob.RequestAsync("POST", MatrixClient.RoomPath(room, $"receipt/m.read/{vote}"), new { thread_id = root })).Ok();
        Assert.Equal((1, 0), await CountAsync(bob, room));
        (await bob.RequestAsync("POST", MatrixClient.RoomPath(room, $"receipt/m.read.private/{root}"), new { thread_id = "main" })).Ok();
        Assert.Equal((0, 0), await CountAsync(bob, room));
    }

    [DatabaseTheory]
    public async Task What_ignored_people_say_does_not_count(string database)
    {
        var (alice, bob, room) = await PairAsync(database);
        await alice.SendTextAsync(room, "1");
        Assert.Equal((1, 0), await CountAsync(bob, room));
        var path = $"/_matrix/client/v3/user/{bob.UserId}/account_data/m.ignored_user_list";
        (await bob.RequestAsync("PUT", path, new { ignored_users = new Dictionary<string, object> { [alice.UserId] = new { } } })).Ok();
        Assert.Equal((0, 0), await CountAsync(bob, room));
        await alice.SendTextAsync(room, "2");
        Assert.Equal((0, 0), await CountAsync(bob, room));
        (await bob.RequestAsync("PUT", path, new { ignored_users = new { } })).Ok();
        Assert.Equal((2, 0), await CountAsync(bob, room));
    }

    [DatabaseTheory]
    public async Task A_receipt_of_an_unknown_kind_event_or_thread_is_refused(string database)
    {
        var (alice, bob, room) = await PairAsync(database);
        var sent = await alice.SendTextAsync(room, "1");
        (await bob.RequestAsync("POST", MatrixClient.RoomPath(room, $"receipt/m.unknown/{sent}"), new { })).Refused(400, "M_INVALID_PARAM");
        (await bob.RequestAsync("POST", MatrixClient.RoomPath(room, "receipt/m.read/$nothing"), new { })).Refused(404, "M_NOT_FOUND");
        (await bob.RequestAsync("POST", MatrixClient.RoomPath(room, $"receipt/m.read/{sent}"), new { thread_id = "" })).Refused(400, "M_INVALID_PARAM");
        (await bob.RequestAsync("POST", MatrixClient.RoomPath(room, $"receipt/m.fully_read/{sent}"), new { thread_id = "main" })).Refused(400, "M_INVALID_PARAM");
        (await bob.RequestAsync("POST", MatrixClient.RoomPath(room, "read_markers"), new Dictionary<string, string> { ["m.fully_read"] = sent, ["m.read"] = sent })).Ok();
        Assert.Equal(sent, (await bob.SyncAsync()).EventsOf(room, "account_data").Single().GetProperty("content").GetProperty("event_id").GetString());
    }

    [DatabaseTheory]
    public async Task A_changed_name_does_not_mark_messages_as_read(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreatePublicRoomAsync();
        await bob.JoinAsync(room);
        await alice.SendTextAsync(room, "unread");
        (await bob.RequestAsync("PUT", $"/_matrix/client/v3/profile/{bob.UserId}/displayname", new { displayname = "Robert" })).Ok();
        await server.RestartAsync();
        Assert.Equal((1, 0), await CountAsync(server.Client().Become(bob), room));
    }

    private static async Task<(int, int)> CountAsync(MatrixClient who, string room)
    {
        var unread = (await who.SyncAsync()).Joined(room)!.Value.GetProperty("unread_notifications");
        return (unread.GetProperty("notification_count").GetInt32(), unread.GetProperty("highlight_count").GetInt32());
    }

    private static async Task<(MatrixClient Alice, MatrixClient Bob, string Room)> PairAsync(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreatePublicRoomAsync();
        await bob.JoinAsync(room);
        return (alice, bob, room);
    }
}
