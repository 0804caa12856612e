using Causeway.Conformance.Tests.Baseline;

namespace Causeway.Conformance.Tests.State;

/// <summary>Client-server API, "Getting events for a room" and "Sending events to a room": state.</summary>
public sealed class StateTests : BehaviourTests
{
    [Behaviour]
    public async Task State_is_set_and_read_by_type_and_key()
    {
        var room = await Alice.CreateRoomAsync();
        await Alice.SetStateAsync(room, "org.example.s", new { n = 1 }, "key");
        Assert.Equal(1, (await Alice.GetStateAsync(room, "org.example.s", "key")).GetProperty("n").GetInt32());
        (await Alice.GetAsync(Requests.In(room, "state/org.example.s/"))).Refused(404, "M_NOT_FOUND");
    }

    [Behaviour]
    public async Task The_whole_event_is_given_on_demand()
    {
        var room = await Alice.CreateRoomAsync(new { name = "n" });
        var whole = (await Alice.GetAsync(Requests.In(room, "state/m.room.name/?format=event"))).Ok();
        Assert.Equal((Alice.UserId, "m.room.name"), (whole.Text("sender"), whole.Text("type")));
    }

    [Behaviour]
    public async Task All_state_is_listed_once()
    {
        var room = await Alice.CreateRoomAsync(new { name = "one" });
        await Alice.SetStateAsync(room, "m.room.name", new { name = "two" });
        var state = (await Alice.GetAsync(Requests.In(room, "state"))).Ok().Body.EnumerateArray().ToList();
        Assert.Equal("two", Assert.Single(OfType(state, "m.room.name")).GetProperty("content").GetProperty("name").GetString());
    }

    [Behaviour]
    public async Task State_of_a_person_is_theirs_to_write()
    {
        var room = await SharedRoomAsync();
        (await TrySetStateAsync(Alice, room, "org.example.s", new { }, Bob.UserId)).Refused(403, "M_FORBIDDEN");
    }

    [Behaviour]
    public async Task The_create_event_cannot_be_sent_again() =>
        (await TrySetStateAsync(Alice, await Alice.CreateRoomAsync(), "m.room.create", new { })).Refused(403, "M_FORBIDDEN");

    [Behaviour]
    public async Task What_a_state_event_replaced_is_told()
    {
        var room = await Alice.CreateRoomAsync(new { name = "one" });
        var since = (await Alice.SyncAsync()).NextBatch;
        await Alice.SetStateAsync(room, "m.room.name", new { name = "two" });
        var change = Assert.Single((await Alice.SyncAsync(since)).Timeline(room));
        Assert.Equal("one", change.GetProperty("unsigned").GetProperty("prev_content").GetProperty("name").GetString());
    }

    [Behaviour]
    public async Task A_canonical_alias_must_lead_to_the_room() =>
        (await TrySetStateAsync(Alice, await Alice.CreateRoomAsync(), "m.room.canonical_alias", new { alias = "#none-such:localhost" })).Refused(400, "M_BAD_ALIAS");

    [Behaviour]
    public async Task An_alternative_alias_must_lead_to_the_room() =>
        (await TrySetStateAsync(Alice, await Alice.CreateRoomAsync(), "m.room.canonical_alias", new { alt_aliases = new[] { "#none-such:localhost" } })).Refused(400, "M_BAD_ALIAS");

    [Behaviour]
    public async Task Who_is_not_in_the_room_reads_and_writes_no_state()
    {
        var room = await Alice.CreateRoomAsync();
        (await Bob.GetAsync(Requests.In(room, "state"))).Refused(403, "M_FORBIDDEN");
        (await TrySetStateAsync(Bob, room, "m.room.topic", new { topic = "x" })).Refused(403, "M_FORBIDDEN");
    }
}
