using Causeway.Conformance.Tests.Baseline;

namespace Causeway.Conformance.Tests.Sending;

/// <summary>Client-server API, "Sending events to a room", "Transaction identifiers".</summary>
public sealed class SendingTests : BehaviourTests
{
    [Behaviour]
    public async Task A_message_reaches_the_others_as_it_was_sent()
    {
        var room = await SharedRoomAsync();
        var since = (await Bob.SyncAsync()).NextBatch;
        var id = await SendAsync(Alice, room, "m.room.message", """{"msgtype":"m.text","body":"héllo 🌍","deep":{"a":[1,null,true]}}""");
        var message = Assert.Single((await Bob.SyncAsync(since)).Timeline(room));
        Assert.Equal((id, Alice.UserId), (message.GetProperty("event_id").GetString(), message.GetProperty("sender").GetString()));
        Assert.Equal("""{"body":"héllo 🌍","deep":{"a":[1,null,true]},"msgtype":"m.text"}""", System.Text.RegularExpressions.Regex.Unescape(message.GetProperty("content").GetRawText()));
    }

    [Behaviour]
    public async Task The_same_transaction_id_gives_the_same_event()
    {
        var room = await Alice.CreateRoomAsync();
        Assert.Equal(await Alice.SendAsync(room, "m.room.message", new { body = "a" }, "t"), await Alice.SendAsync(room, "m.room.message", new { body = "a" }, "t"));
    }

    [Behaviour]
    public async Task Transaction_ids_are_those_of_a_device()
    {
        var room = await Alice.CreateRoomAsync();
        var other = await AnotherDeviceAsync(Alice);
        Assert.NotEqual(await Alice.SendAsync(room, "m.room.message", new { body = "a" }, "t"), await other.SendAsync(room, "m.room.message", new { body = "a" }, "t"));
    }

    [Behaviour]
    public async Task The_same_transaction_id_in_another_room_is_another_request()
    {
        var (one, two) = (await Alice.CreateRoomAsync(), await Alice.CreateRoomAsync());
        Assert.NotEqual(await Alice.SendAsync(one, "m.room.message", new { body = "a" }, "t"), await Alice.SendAsync(two, "m.room.message", new { body = "a" }, "t"));
    }

    [Behaviour]
    public async Task The_sender_sees_the_transaction_id()
    {
        var room = await SharedRoomAsync();
        var since = (await Alice.SyncAsync()).NextBatch;
        await Alice.SendAsync(room, "m.room.message", new { body = "a" }, "my-id");
        Assert.Equal("my-id", (await Alice.SyncAsync(since)).Timeline(room)[0].GetProperty("unsigned").GetProperty("transaction_id").GetString());
    }

    [Behaviour]
    public async Task Who_is_not_in_the_room_cannot_send() =>
        (await TrySendAsync(Bob, await Alice.CreateRoomAsync(), "m.room.message", "{}")).Refused(403, "M_FORBIDDEN");

    [Behaviour]
    public async Task Who_left_cannot_send()
    {
        var room = await SharedRoomAsync();
        await Bob.LeaveAsync(room);
        (await TrySendAsync(Bob, room, "m.room.message", "{}")).Refused(403, "M_FORBIDDEN");
    }

    [Behaviour]
    public async Task An_event_that_is_too_large_is_refused() =>
        (await TrySendAsync(Alice, await Alice.CreateRoomAsync(), "m.room.message", $$"""{"body":"{{new string('x', 66_000)}}"}""")).Refused(413, "M_TOO_LARGE");

    [Behaviour]
    public async Task A_body_that_is_no_object_is_refused()
    {
        var room = await Alice.CreateRoomAsync();
        Assert.Equal(400, (await TrySendAsync(Alice, room, "m.room.message", "[]")).Status);
        (await TrySendAsync(Alice, room, "m.room.message", "{")).Refused(400, "M_NOT_JSON");
    }

    [Behaviour]
    public async Task A_fraction_is_refused_and_an_integer_is_not()
    {
        var room = await Alice.CreateRoomAsync();
        (await TrySendAsync(Alice, room, "m.room.message", """{"n":1.5}""")).Refused(400, "M_BAD_JSON");
        await SendAsync(Alice, room, "m.room.message", """{"n":9007199254740991}""");
    }

    [Behaviour]
    public async Task A_type_of_ones_own_is_taken()
    {
        var room = await Alice.CreateRoomAsync();
        Assert.Equal("org.example.any", (await EventAsync(Alice, room, await SendAsync(Alice, room, "org.example.any", "{}"))).GetProperty("type").GetString());
    }

    [Behaviour]
    public async Task The_age_of_an_event_is_told()
    {
        var room = await Alice.CreateRoomAsync();
        Assert.InRange((await EventAsync(Alice, room, await SendAsync(Alice, room, "m.room.message", "{}"))).GetProperty("unsigned").GetProperty("age").GetInt64(), 0, 60_000);
    }
}
