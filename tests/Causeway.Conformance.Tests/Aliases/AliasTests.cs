using Causeway.Conformance.Tests.Baseline;

namespace Causeway.Conformance.Tests.Aliases;

/// <summary>Client-server API, "Room aliases".</summary>
public sealed class AliasTests : BehaviourTests
{
    [Behaviour]
    public async Task An_alias_leads_to_its_room_and_servers()
    {
        var room = await Alice.CreateRoomAsync();
        var alias = await AddAsync(room);
        var found = (await Nobody.GetAsync($"v3/directory/room/{Requests.Escape(alias)}")).Ok();
        Assert.Equal(room, found.Text("room_id"));
        Assert.Contains("localhost", Strings(found["servers"]));
    }

    [Behaviour]
    public async Task Aliases_of_a_room_are_listed_for_its_members()
    {
        var room = await SharedRoomAsync();
        var alias = await AddAsync(room);
        Assert.Equal([alias], Strings((await Bob.GetAsync(Requests.In(room, "aliases"))).Ok()["aliases"]));
    }

    [Behaviour]
    public async Task Aliases_of_a_world_readable_room_are_listed_for_anybody_signed_in()
    {
        var room = await Alice.CreateRoomAsync(new { initial_state = new[] { Requests.State("m.room.history_visibility", new { history_visibility = "world_readable" }) } });
        var alias = await AddAsync(room);
        Assert.Equal([alias], Strings((await Bob.GetAsync(Requests.In(room, "aliases"))).Ok()["aliases"]));
    }

    [Behaviour]
    public async Task An_alias_is_removed_by_who_made_it()
    {
        var room = await SharedRoomAsync();
        var alias = Requests.Escape(Requests.Alias(TestServer.Unique("bobs")));
        (await Bob.PutAsync($"v3/directory/room/{alias}", new { room_id = room })).Ok();
        (await Bob.DeleteAsync($"v3/directory/room/{alias}")).Ok();
        (await Nobody.GetAsync($"v3/directory/room/{alias}")).Refused(404, "M_NOT_FOUND");
    }

    [Behaviour]
    public async Task An_alias_is_not_removed_by_just_anybody()
    {
        var room = await SharedRoomAsync();
        (await Bob.DeleteAsync($"v3/directory/room/{Requests.Escape(await AddAsync(room))}")).Refused(403, "M_FORBIDDEN");
    }

    [Behaviour]
    public async Task A_taken_alias_is_a_conflict()
    {
        var alias = await AddAsync(await Alice.CreateRoomAsync());
        Assert.Equal(409, (await Alice.PutAsync($"v3/directory/room/{Requests.Escape(alias)}", new { room_id = await Alice.CreateRoomAsync() })).Status);
    }

    [Behaviour]
    public async Task An_alias_of_another_server_cannot_be_made() =>
        Assert.InRange((await Alice.PutAsync($"v3/directory/room/{Requests.Escape("#a:elsewhere.example")}", new { room_id = await Alice.CreateRoomAsync() })).Status, 400, 403);

    private async Task<string> AddAsync(string room)
    {
        var alias = Requests.Alias(TestServer.Unique("alias"));
        (await Alice.PutAsync($"v3/directory/room/{Requests.Escape(alias)}", new { room_id = room })).Ok();
        return alias;
    }
}
