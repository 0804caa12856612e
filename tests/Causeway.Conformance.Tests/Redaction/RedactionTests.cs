using Causeway.Conformance.Tests.Baseline;

namespace Causeway.Conformance.Tests.Redaction;

/// <summary>Client-server API, "Redactions".</summary>
public sealed class RedactionTests : BehaviourTests
{
    [Behaviour]
    public async Task A_redacted_message_has_no_content_and_says_why()
    {
        var room = await SharedRoomAsync();
        var id = await Alice.SendTextAsync(room, "secret");
        var redaction = await Alice.RedactAsync(room, id, "a mistake");
        var message = await EventAsync(Bob, room, id);
        Assert.Empty(message.GetProperty("content").EnumerateObject());
        var because = message.GetProperty("unsigned").GetProperty("redacted_because");
        Assert.Equal((redaction, "a mistake"), (because.GetProperty("event_id").GetString(), because.GetProperty("content").GetProperty("reason").GetString()));
    }

    [Behaviour]
    public async Task A_redaction_comes_in_sync_and_names_its_event()
    {
        var room = await SharedRoomAsync();
        var id = await Alice.SendTextAsync(room, "secret");
        var since = (await Bob.SyncAsync()).NextBatch;
        await Alice.RedactAsync(room, id);
        var redaction = Assert.Single(OfType((await Bob.SyncAsync(since)).Timeline(room), "m.room.redaction"));
        Assert.Equal(id, redaction.GetProperty("redacts").GetString());
        Assert.Equal(id, redaction.GetProperty("content").GetProperty("redacts").GetString());
    }

    [Behaviour]
    public async Task In_an_old_version_the_redacted_event_is_named_at_the_top()
    {
        var room = await SharedRoomAsync(new { preset = "public_chat", room_version = "10" });
        var id = await Alice.SendTextAsync(room, "secret");
        var redaction = await EventAsync(Bob, room, await Alice.RedactAsync(room, id));
        Assert.Equal(id, redaction.GetProperty("redacts").GetString());
    }

    [Behaviour]
    public async Task A_redaction_can_be_sent_as_an_event()
    {
        var room = await SharedRoomAsync();
        var id = await Alice.SendTextAsync(room, "secret");
        await SendAsync(Alice, room, "m.room.redaction", $$"""{"redacts":"{{id}}"}""");
        Assert.Empty((await EventAsync(Bob, room, id)).GetProperty("content").EnumerateObject());
    }

    [Behaviour]
    public async Task Somebody_elses_message_needs_the_level_of_redact()
    {
        var room = await SharedRoomAsync();
        var id = await Alice.SendTextAsync(room, "mine");
        (await Bob.PutAsync(Requests.In(room, $"redact/{Requests.Escape(id)}/r1"), new { })).Refused(403, "M_FORBIDDEN");
        Assert.Equal("mine", (await EventAsync(Bob, room, id)).GetProperty("content").GetProperty("body").GetString());
        await Alice.RedactAsync(room, await Bob.SendTextAsync(room, "his"));
    }

    [Behaviour]
    public async Task A_redacted_member_event_keeps_its_membership()
    {
        var room = await SharedRoomAsync();
        await Bob.PutAsync($"v3/profile/{Bob.UserId}/displayname", new { displayname = "Gone soon" });
        var member = (await Alice.GetAsync(Requests.In(room, $"state/m.room.member/{Requests.Escape(Bob.UserId)}?format=event"))).Ok().Text("event_id");
        await Alice.RedactAsync(room, member);
        var content = await Alice.GetStateAsync(room, "m.room.member", Bob.UserId);
        Assert.Equal("join", content.GetProperty("membership").GetString());
        Assert.False(content.TryGetProperty("displayname", out _));
    }

    [Behaviour]
    public async Task The_same_transaction_redacts_once()
    {
        var room = await Alice.CreateRoomAsync();
        var id = await Alice.SendTextAsync(room, "x");
        var path = Requests.In(room, $"redact/{Requests.Escape(id)}/same");
        Assert.Equal((await Alice.PutAsync(path, new { })).Ok().Text("event_id"), (await Alice.PutAsync(path, new { })).Ok().Text("event_id"));
    }

    [Behaviour]
    public async Task A_redacted_event_stays_in_its_place()
    {
        var room = await Alice.CreateRoomAsync();
        var (one, two, three) = (await Alice.SendTextAsync(room, "1"), await Alice.SendTextAsync(room, "2"), await Alice.SendTextAsync(room, "3"));
        await Alice.RedactAsync(room, two);
        Assert.Equal([three, two, one], Strings((await Alice.MessagesAsync(room)).Body.GetProperty("chunk"), "event_id").Skip(1).Take(3));
    }
}
