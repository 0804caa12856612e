using System.Text.Json;
using Causeway.Conformance.Tests.Baseline;

namespace Causeway.Conformance.Tests.Directory;

/// <summary>Client-server API, "Published room directory".</summary>
public sealed class DirectoryTests : BehaviourTests
{
    [Behaviour]
    public async Task A_published_room_is_listed_with_what_it_is()
    {
        var name = TestServer.Unique("Listed");
        var alias = TestServer.Unique("listed");
        var room = await SharedRoomAsync(new { visibility = "public", preset = "public_chat", name, topic = "About", room_alias_name = alias });
        var found = await FindAsync(name);
        Assert.Equal((room, "About", Requests.Alias(alias)), (found!.Value.GetProperty("room_id").GetString(), found.Value.GetProperty("topic").GetString(), found.Value.GetProperty("canonical_alias").GetString()));
        Assert.Equal(2, found.Value.GetProperty("num_joined_members").GetInt32());
        Assert.Equal("public", found.Value.GetProperty("join_rule").GetString());
    }

    [Behaviour]
    public async Task A_room_that_is_not_published_is_not_listed()
    {
        var name = TestServer.Unique("Hidden");
        await Alice.CreateRoomAsync(new { preset = "public_chat", name });
        Assert.Null(await FindAsync(name));
    }

    [Behaviour]
    public async Task A_changed_name_is_found_under_the_new_one()
    {
        var (old, now) = (TestServer.Unique("Oldname"), TestServer.Unique("Newname"));
        var room = await Alice.CreateRoomAsync(new { visibility = "public", name = old });
        await Alice.SetStateAsync(room, "m.room.name", new { name = now });
        Assert.Null(await FindAsync(old));
        Assert.NotNull(await FindAsync(now));
    }

    [Behaviour]
    public async Task The_topic_is_searched_too()
    {
        var topic = TestServer.Unique("Unusualtopic");
        await Alice.CreateRoomAsync(new { visibility = "public", name = "n", topic });
        Assert.NotNull(await FindAsync(topic));
    }

    [Behaviour]
    public async Task Pages_follow_each_other()
    {
        for (var i = 0; i < 3; i++)
        {
            await Alice.CreateRoomAsync(new { visibility = "public", name = "Page" });
        }

        var first = (await Nobody.GetAsync("v3/publicRooms?limit=1")).Ok();
        var second = (await Nobody.GetAsync($"v3/publicRooms?limit=1&since={Requests.Escape(first.Text("next_batch"))}")).Ok();
        Assert.NotEqual(first["chunk"][0].GetProperty("room_id").GetString(), second["chunk"][0].GetProperty("room_id").GetString());
    }

    [Behaviour]
    public async Task Rooms_are_filtered_by_type()
    {
        var name = TestServer.Unique("Typed");
        var space = await Alice.CreateRoomAsync(new { visibility = "public", name, creation_content = new { type = "m.space" } });
        await Alice.CreateRoomAsync(new { visibility = "public", name });
        var answer = (await Alice.PostAsync("v3/publicRooms", new { filter = new { generic_search_term = name, room_types = new[] { "m.space" } } })).Ok();
        Assert.Equal([space], Strings(answer["chunk"], "room_id"));
    }

    [Behaviour]
    public async Task Only_with_power_is_a_room_published()
    {
        var room = await SharedRoomAsync();
        (await Bob.PutAsync($"v3/directory/list/room/{Requests.Escape(room)}", new { visibility = "public" })).Refused(403, "M_FORBIDDEN");
    }

    [Behaviour]
    public async Task A_room_taken_off_the_list_is_gone()
    {
        var name = TestServer.Unique("Takenoff");
        var room = await Alice.CreateRoomAsync(new { visibility = "public", name });
        (await Alice.PutAsync($"v3/directory/list/room/{Requests.Escape(room)}", new { visibility = "private" })).Ok();
        Assert.Null(await FindAsync(name));
    }

    private async Task<JsonElement?> FindAsync(string term)
    {
        var chunk = (await Alice.PostAsync("v3/publicRooms", new { filter = new { generic_search_term = term } })).Ok()["chunk"];
        return chunk.GetArrayLength() == 0 ? null : Assert.Single(chunk.EnumerateArray());
    }
}
