using Causeway.Conformance.Tests.Baseline;

namespace Causeway.Conformance.Tests.Spaces;

/// <summary>Client-server API, "Spaces" and "Room Summaries".</summary>
public sealed class SpaceTests : BehaviourTests
{
    [Behaviour]
    public async Task The_space_comes_first_and_carries_its_children()
    {
        var (space, child) = await SpaceAsync();
        var rooms = (await Alice.GetAsync(Requests.In(space, "hierarchy", "v1"))).Ok()["rooms"];
        Assert.Equal([space, child], Strings(rooms, "room_id"));
        Assert.Equal("m.space", rooms[0].GetProperty("room_type").GetString());
        Assert.Equal(child, rooms[0].GetProperty("children_state")[0].GetProperty("state_key").GetString());
    }

    [Behaviour]
    public async Task Only_suggested_rooms_are_listed_on_demand()
    {
        var (space, _) = await SpaceAsync();
        var suggested = await Alice.CreateRoomAsync(new { preset = "public_chat" });
        await AddAsync(space, suggested, true);
        Assert.Equal([space, suggested], Strings((await Alice.GetAsync(Requests.In(space, "hierarchy?suggested_only=true", "v1"))).Ok()["rooms"], "room_id"));
    }

    [Behaviour]
    public async Task A_depth_limits_the_walk()
    {
        var (space, child) = await SpaceAsync(childType: "m.space");
        await AddAsync(child, await Alice.CreateRoomAsync(new { preset = "public_chat" }));
        Assert.Equal([space, child], Strings((await Alice.GetAsync(Requests.In(space, "hierarchy?max_depth=1", "v1"))).Ok()["rooms"], "room_id"));
        Assert.Equal(3, (await Alice.GetAsync(Requests.In(space, "hierarchy", "v1"))).Ok()["rooms"].GetArrayLength());
    }

    [Behaviour]
    public async Task The_walk_comes_in_pages()
    {
        var (space, child) = await SpaceAsync();
        var first = (await Alice.GetAsync(Requests.In(space, "hierarchy?limit=1", "v1"))).Ok();
        Assert.Equal([space], Strings(first["rooms"], "room_id"));
        Assert.Equal([child], Strings((await Alice.GetAsync(Requests.In(space, $"hierarchy?limit=1&from={Requests.Escape(first.Text("next_batch"))}", "v1"))).Ok()["rooms"], "room_id"));
    }

    [Behaviour]
    public async Task A_child_one_could_not_join_is_left_out()
    {
        var (space, child) = await SpaceAsync();
        var secret = await Alice.CreateRoomAsync();
        await AddAsync(space, secret);
        Assert.Equal([space, child], Strings((await Bob.GetAsync(Requests.In(space, "hierarchy", "v1"))).Ok()["rooms"], "room_id"));
    }

    [Behaviour]
    public async Task A_child_without_via_is_none()
    {
        var (space, child) = await SpaceAsync();
        await Alice.SetStateAsync(space, "m.space.child", new { }, child);
        Assert.Equal([space], Strings((await Alice.GetAsync(Requests.In(space, "hierarchy", "v1"))).Ok()["rooms"], "room_id"));
    }

    [Behaviour]
    public async Task A_circle_of_spaces_ends()
    {
        var (space, child) = await SpaceAsync(childType: "m.space");
        await AddAsync(child, space);
        Assert.Equal([space, child], Strings((await Alice.GetAsync(Requests.In(space, "hierarchy", "v1"))).Ok()["rooms"], "room_id"));
    }

    [Behaviour]
    public async Task A_summary_tells_the_room_and_ones_membership()
    {
        var room = await SharedRoomAsync(new { preset = "public_chat", name = "Summed", topic = "Up" });
        var summary = (await Bob.GetAsync($"v1/room_summary/{Requests.Escape(room)}")).Ok();
        Assert.Equal(("Summed", "Up", "join", 2), (summary.Text("name"), summary.Text("topic"), summary.Text("membership"), summary["num_joined_members"].GetInt32()));
    }

    [Behaviour]
    public async Task A_summary_of_a_public_room_is_for_anybody()
    {
        var alias = TestServer.Unique("summed");
        await Alice.CreateRoomAsync(new { preset = "public_chat", name = "Summed", room_alias_name = alias });
        Assert.Equal("Summed", (await Nobody.GetAsync($"v1/room_summary/{Requests.Escape(Requests.Alias(alias))}")).Ok().Text("name"));
    }

    [Behaviour]
    public async Task A_summary_of_a_private_room_is_for_nobody_outside() =>
        (await Bob.GetAsync($"v1/room_summary/{Requests.Escape(await Alice.CreateRoomAsync())}")).Refused(404, "M_NOT_FOUND");

    private async Task<(string Space, string Child)> SpaceAsync(string? childType = null)
    {
        var space = await Alice.CreateRoomAsync(new { preset = "public_chat", creation_content = new { type = "m.space" } });
        var child = await Alice.CreateRoomAsync(childType is null ? new { preset = "public_chat" } : new { preset = "public_chat", creation_content = new { type = childType } });
        await AddAsync(space, child);
        return (space, child);
    }

    private async Task AddAsync(string space, string room, bool suggested = false) =>
        await Alice.SetStateAsync(space, "m.space.child", new { via = new[] { "localhost" }, suggested }, room);
}
