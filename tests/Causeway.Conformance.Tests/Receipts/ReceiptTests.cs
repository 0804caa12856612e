using System.Text.Json;
using Causeway.Conformance.Tests.Baseline;
using Causeway.TestKit;

namespace Causeway.Conformance.Tests.Receipts;

/// <summary>Client-server API, "Receipts" and "Fully read markers".</summary>
public sealed class ReceiptTests : BehaviourTests
{
    [Behaviour]
    public async Task A_public_receipt_is_seen_by_others()
    {
        var (room, id) = await MessageAsync();
        var since = (await Alice.SyncAsync()).NextBatch;
        await Bob.SendReceiptAsync(room, id);
        var read = Receipt(await Alice.SyncAsync(since), room, id, "m.read");
        Assert.True(read!.Value.GetProperty(Bob.UserId).GetProperty("ts").GetInt64() > 0);
    }

    [Behaviour]
    public async Task A_private_receipt_is_seen_by_oneself_only()
    {
        var (room, id) = await MessageAsync();
        var (a, b) = ((await Alice.SyncAsync()).NextBatch, (await Bob.SyncAsync()).NextBatch);
        await Bob.SendReceiptAsync(room, id, "m.read.private");
        Assert.Null(Receipt(await Alice.SyncAsync(a), room, id, "m.read.private"));
        Assert.NotNull(Receipt(await Bob.SyncAsync(b), room, id, "m.read.private"));
    }

    [Behaviour]
    public async Task A_receipt_clears_the_count()
    {
        var (room, id) = await MessageAsync();
        await Bob.SendReceiptAsync(room, id);
        Assert.Equal(0, (await Bob.SyncAsync()).Joined(room)!.Value.GetProperty("unread_notifications").GetProperty("notification_count").GetInt32());
    }

    [Behaviour]
    public async Task A_receipt_can_be_for_a_thread_or_for_the_main_timeline()
    {
        var (room, root) = await MessageAsync();
        var reply = await SendAsync(Alice, room, "m.room.message", $$$"""{"body":"r","msgtype":"m.text","m.relates_to":{"rel_type":"m.thread","event_id":"{{{root}}}"}}""");
        (await Bob.PostAsync(Requests.In(room, $"receipt/m.read/{Requests.Escape(reply)}"), new { thread_id = root })).Ok();
        (await Bob.PostAsync(Requests.In(room, $"receipt/m.read/{Requests.Escape(root)}"), new { thread_id = "main" })).Ok();
        var sync = await Alice.SyncAsync();
        Assert.Equal(root, Receipt(sync, room, reply, "m.read")!.Value.GetProperty(Bob.UserId).GetProperty("thread_id").GetString());
        Assert.Equal("main", Receipt(sync, room, root, "m.read")!.Value.GetProperty(Bob.UserId).GetProperty("thread_id").GetString());
    }

    [Behaviour]
    public async Task A_thread_id_that_is_empty_is_refused()
    {
        var (room, id) = await MessageAsync();
        (await Bob.PostAsync(Requests.In(room, $"receipt/m.read/{Requests.Escape(id)}"), new { thread_id = "" })).Refused(400, "M_INVALID_PARAM");
    }

    [Behaviour]
    public async Task A_fully_read_marker_in_a_thread_is_refused()
    {
        var (room, id) = await MessageAsync();
        (await Bob.PostAsync(Requests.In(room, $"receipt/m.fully_read/{Requests.Escape(id)}"), new { thread_id = "main" })).Refused(400, "M_INVALID_PARAM");
    }

    [Behaviour]
    public async Task Read_markers_set_the_marker_and_both_receipts()
    {
        var (room, id) = await MessageAsync();
        (await Bob.PostAsync(Requests.In(room, "read_markers"), new Dictionary<string, string> { ["m.fully_read"] = id, ["m.read"] = id, ["m.read.private"] = id })).Ok();
        var sync = await Bob.SyncAsync();
        Assert.Equal(id, Assert.Single(OfType(sync.EventsOf(room, "account_data"), "m.fully_read")).GetProperty("content").GetProperty("event_id").GetString());
        Assert.NotNull(Receipt(sync, room, id, "m.read"));
        Assert.NotNull(Receipt(sync, room, id, "m.read.private"));
    }

    [Behaviour]
    public async Task A_fully_read_marker_can_be_set_as_a_receipt()
    {
        var (room, id) = await MessageAsync();
        (await Bob.PostAsync(Requests.In(room, $"receipt/m.fully_read/{Requests.Escape(id)}"))).Ok();
        Assert.Equal(id, Assert.Single(OfType((await Bob.SyncAsync()).EventsOf(room, "account_data"), "m.fully_read")).GetProperty("content").GetProperty("event_id").GetString());
    }

    [Behaviour]
    public async Task Receipts_come_in_an_initial_sync()
    {
        var (room, id) = await MessageAsync();
        await Bob.SendReceiptAsync(room, id);
        Assert.NotNull(Receipt(await (await AnotherDeviceAsync(Alice)).SyncAsync(), room, id, "m.read"));
    }

    [Behaviour]
    public async Task Nobody_reads_in_a_room_they_are_not_in()
    {
        var room = await Alice.CreateRoomAsync();
        var id = await Alice.SendTextAsync(room, "x");
        Assert.Contains((await Bob.PostAsync(Requests.In(room, $"receipt/m.read/{Requests.Escape(id)}"))).Status, new[] { 403, 404 });
    }

    private async Task<(string Room, string Event)> MessageAsync()
    {
        var room = await SharedRoomAsync();
        return (room, await Alice.SendTextAsync(room, "read me"));
    }

    private static JsonElement? Receipt(SyncAnswer sync, string room, string id, string type)
    {
        var contents = OfType(sync.EventsOf(room, "ephemeral"), "m.receipt").Select(e => e.GetProperty("content"));
        return contents.Select(c => c.TryGetProperty(id, out var of) && of.TryGetProperty(type, out var users) ? users : (JsonElement?)null).FirstOrDefault(u => u is not null);
    }
}
