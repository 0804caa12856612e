using System.Text.Json;
using Causeway.Conformance.Tests.Baseline;

namespace Causeway.Conformance.Tests.SyncFilters;

/// <summary>Client-server API, "Filtering".</summary>
public sealed class FilterTests : BehaviourTests
{
    [Behaviour]
    public async Task A_stored_filter_is_given_back_as_it_was()
    {
        var id = (await Alice.PostAsync($"v3/user/{Alice.UserId}/filter", new { room = new { timeline = new { limit = 7, types = new[] { "m.*" } } } })).Ok().Text("filter_id");
        Assert.False(id.StartsWith('{'));
        var filter = (await Alice.GetAsync($"v3/user/{Alice.UserId}/filter/{id}")).Ok();
        Assert.Equal(7, filter["room"].GetProperty("timeline").GetProperty("limit").GetInt32());
    }

    [Behaviour]
    public async Task A_filter_of_somebody_else_is_not_readable()
    {
        var id = (await Alice.PostAsync($"v3/user/{Alice.UserId}/filter", new { })).Ok().Text("filter_id");
        Assert.Contains((await Bob.GetAsync($"v3/user/{Alice.UserId}/filter/{id}")).Status, new[] { 403, 404 });
    }

    [Behaviour]
    public async Task The_timeline_is_as_long_as_its_limit()
    {
        var room = await Alice.CreateRoomAsync();
        Assert.Equal(2, (await Alice.SyncAsync(filter: """{"room":{"timeline":{"limit":2}}}""")).Timeline(room).Count);
    }

    [Behaviour]
    public async Task Types_are_chosen_with_wildcards()
    {
        var room = await Alice.CreateRoomAsync();
        await SendAsync(Alice, room, "org.example.one", "{}");
        await SendAsync(Alice, room, "m.room.message", "{}");
        Assert.Equal(["org.example.one"], Types((await Alice.SyncAsync(filter: """{"room":{"timeline":{"types":["org.example.*"]}}}""")).Timeline(room)));
    }

    [Behaviour]
    public async Task What_is_excluded_is_so_even_when_it_is_included()
    {
        var room = await Alice.CreateRoomAsync();
        await SendAsync(Alice, room, "m.room.message", "{}");
        Assert.Empty((await Alice.SyncAsync(filter: """{"room":{"timeline":{"types":["m.room.message"],"not_types":["m.room.message"]}}}""")).Timeline(room));
    }

    [Behaviour]
    public async Task An_empty_list_of_types_lets_nothing_through()
    {
        var room = await Alice.CreateRoomAsync();
        Assert.Empty((await Alice.SyncAsync(filter: """{"room":{"timeline":{"types":[]}}}""")).Timeline(room));
    }

    [Behaviour]
    public async Task Rooms_are_chosen_and_excluded()
    {
        var (one, two) = (await Alice.CreateRoomAsync(), await Alice.CreateRoomAsync());
        var chosen = await Alice.SyncAsync(filter: $$$"""{"room":{"rooms":["{{{one}}}"]}}""");
        Assert.NotNull(chosen.Joined(one));
        Assert.Null(chosen.Joined(two));
        var without = await Alice.SyncAsync(filter: $$$"""{"room":{"not_rooms":["{{{one}}}"]}}""");
        Assert.Null(without.Joined(one));
        Assert.NotNull(without.Joined(two));
    }

    [Behaviour]
    public async Task Rooms_one_left_come_when_they_are_asked_for()
    {
        var room = await SharedRoomAsync();
        await Bob.LeaveAsync(room);
        Assert.Null((await Bob.SyncAsync()).Left(room));
        Assert.NotNull((await Bob.SyncAsync(filter: """{"room":{"include_leave":true}}""")).Left(room));
    }

    [Behaviour]
    public async Task Lazy_loading_leaves_members_out_who_did_not_speak()
    {
        // A room with a name: without one the members that name it come along.
        var room = await SharedRoomAsync(new { preset = "public_chat", name = "n" });
        var carol = await PersonAsync();
        await carol.JoinAsync(room);
        await Alice.SendTextAsync(room, "x");
        var members = OfType((await Bob.SyncAsync(filter: """{"room":{"state":{"lazy_load_members":true},"timeline":{"limit":1}}}""")).EventsOf(room, "state"), "m.room.member");
        Assert.DoesNotContain(members, m => m.GetProperty("state_key").GetString() == carol.UserId);
        Assert.Contains(members, m => m.GetProperty("state_key").GetString() == Alice.UserId);
    }

    [Behaviour]
    public async Task Account_data_is_chosen_by_type()
    {
        await Alice.PutAsync($"v3/user/{Alice.UserId}/account_data/org.example.x", new { });
        var sync = await Alice.SyncAsync(filter: """{"account_data":{"types":["org.example.*"]}}""");
        Assert.Single(Top(sync, "account_data", "org.example.x"));
        Assert.Empty(Top(sync, "account_data", "m.push_rules"));
    }

    [Behaviour]
    public async Task Ephemeral_events_are_left_out_on_demand()
    {
        var room = await SharedRoomAsync();
        await Alice.SetTypingAsync(room, true);
        Assert.Empty((await Bob.SyncAsync(filter: """{"room":{"ephemeral":{"types":[]}}}""")).EventsOf(room, "ephemeral"));
    }

    [Behaviour]
    public async Task A_filter_that_is_no_filter_is_refused()
    {
        Assert.Equal(400, (await Alice.GetAsync("v3/sync?filter=" + Requests.Escape("""{"room":{"timeline":{"limit":"x"}}}"""))).Status);
        Assert.Equal(400, (await Alice.GetAsync("v3/sync?filter=nonsense")).Status);
        Assert.Equal(400, (await Alice.PostAsync($"v3/user/{Alice.UserId}/filter", new { presence = "x" })).Status);
    }

    [Behaviour]
    public async Task Senders_are_excluded()
    {
        var room = await SharedRoomAsync();
        await Alice.SendTextAsync(room, "a");
        await Bob.SendTextAsync(room, "b");
        Assert.Equal(["b"], (await Bob.SyncAsync(filter: $$$$"""{"room":{"timeline":{"not_senders":["{{{{Alice.UserId}}}}"]}}}""")).Texts(room));
    }

    private static List<string> Types(IEnumerable<JsonElement> events) => [.. events.Select(e => e.GetProperty("type").GetString()!)];
}
