using System.Text.Json;
using Causeway.Conformance.Tests.Baseline;

namespace Causeway.Conformance.Tests.RoomCreation;

/// <summary>Client-server API, "Creation".</summary>
public sealed class RoomCreationTests : BehaviourTests
{
    [Behaviour]
    public async Task A_public_chat_is_open_and_a_private_one_is_not()
    {
        Assert.Equal("public", await JoinRuleAsync(new { preset = "public_chat" }));
        Assert.Equal("invite", await JoinRuleAsync(new { preset = "private_chat" }));
        Assert.Equal("invite", await JoinRuleAsync(new { preset = "trusted_private_chat" }));
    }

    [Behaviour]
    public async Task Without_a_preset_the_visibility_chooses_one()
    {
        Assert.Equal("public", await JoinRuleAsync(new { visibility = "public" }));
        Assert.Equal("invite", await JoinRuleAsync(new { visibility = "private" }));
    }

    [Behaviour]
    public async Task Guests_may_join_a_private_chat_and_not_a_public_one()
    {
        Assert.Equal("can_join", (await Alice.GetStateAsync(await Alice.CreateRoomAsync(new { preset = "private_chat" }), "m.room.guest_access")).GetProperty("guest_access").GetString());
        var room = await Alice.CreateRoomAsync(new { preset = "public_chat" });
        var answer = await Alice.GetAsync(Requests.In(room, "state/m.room.guest_access"));
        Assert.True(answer.Status == 404 || answer.Text("guest_access") == "forbidden");
    }

    [Behaviour]
    public async Task Those_invited_to_a_trusted_private_chat_have_the_creators_power()
    {
        var room = await Alice.CreateRoomAsync(new { preset = "trusted_private_chat", invite = new[] { Bob.UserId } });
        await Bob.JoinAsync(room);
        await Bob.SetStateAsync(room, "m.room.power_levels", await Bob.GetStateAsync(room, "m.room.power_levels"));
        await Bob.SetStateAsync(room, "m.room.topic", new { topic = "mine too" });
    }

    [Behaviour]
    public async Task Name_and_topic_become_state()
    {
        var room = await Alice.CreateRoomAsync(new { name = "Name", topic = "Topic" });
        Assert.Equal("Name", (await Alice.GetStateAsync(room, "m.room.name")).GetProperty("name").GetString());
        Assert.Equal("Topic", (await Alice.GetStateAsync(room, "m.room.topic")).GetProperty("topic").GetString());
    }

    [Behaviour]
    public async Task The_topic_is_given_as_m_topic_too()
    {
        var room = await Alice.CreateRoomAsync(new { topic = "Topic" });
        var text = (await Alice.GetStateAsync(room, "m.room.topic")).GetProperty("m.topic").GetProperty("m.text")[0];
        Assert.Equal("Topic", text.GetProperty("body").GetString());
    }

    [Behaviour]
    public async Task Initial_state_wins_over_the_preset()
    {
        var options = new { preset = "private_chat", initial_state = new[] { Requests.State("m.room.history_visibility", new { history_visibility = "joined" }) } };
        Assert.Equal("joined", (await Alice.GetStateAsync(await Alice.CreateRoomAsync(options), "m.room.history_visibility")).GetProperty("history_visibility").GetString());
    }

    [Behaviour]
    public async Task The_name_wins_over_initial_state()
    {
        var options = new { name = "option", initial_state = new[] { Requests.State("m.room.name", new { name = "state" }) } };
        Assert.Equal("option", (await Alice.GetStateAsync(await Alice.CreateRoomAsync(options), "m.room.name")).GetProperty("name").GetString());
    }

    [Behaviour]
    public async Task Creation_content_is_kept_in_the_create_event()
    {
        var room = await Alice.CreateRoomAsync(new { creation_content = new Dictionary<string, object> { ["m.federate"] = false, ["type"] = "m.space" } });
        var create = await Alice.GetStateAsync(room, "m.room.create");
        Assert.False(create.GetProperty("m.federate").GetBoolean());
        Assert.Equal("m.space", create.GetProperty("type").GetString());
    }

    [Behaviour]
    public async Task The_version_asked_for_is_the_rooms()
    {
        foreach (var version in new[] { "1", "6", "9", "10", "11", "12" })
        {
            var create = await Alice.GetStateAsync(await Alice.CreateRoomAsync(new { room_version = version }), "m.room.create");
            Assert.Equal(version, create.GetProperty("room_version").GetString());
        }
    }

    [Behaviour]
    public async Task A_version_that_is_no_text_is_refused() =>
        Assert.Equal(400, (await Alice.PostAsync("v3/createRoom", new { room_version = 11 })).Status);

    [Behaviour]
    public async Task A_power_level_override_is_laid_over_the_default()
    {
        var room = await Alice.CreateRoomAsync(new { room_version = "11", power_level_content_override = new { events_default = 7 } });
        var levels = await Alice.GetStateAsync(room, "m.room.power_levels");
        Assert.Equal(7, levels.GetProperty("events_default").GetInt32());
        Assert.Equal(100, levels.GetProperty("users").GetProperty(Alice.UserId).GetInt32());
    }

    [Behaviour]
    public async Task An_alias_leads_to_the_room_and_is_canonical()
    {
        var name = TestServer.Unique("made");
        var room = await Alice.CreateRoomAsync(new { room_alias_name = name });
        Assert.Equal(room, (await Nobody.GetAsync($"v3/directory/room/{Requests.Escape(Requests.Alias(name))}")).Ok().Text("room_id"));
        Assert.Equal(Requests.Alias(name), (await Alice.GetStateAsync(room, "m.room.canonical_alias")).GetProperty("alias").GetString());
    }

    [Behaviour]
    public async Task An_alias_that_is_no_localpart_is_refused() =>
        Assert.Equal(400, (await Alice.PostAsync("v3/createRoom", new { room_alias_name = "has:colon" })).Status);

    [Behaviour]
    public async Task A_direct_invitation_says_so()
    {
        var room = await Alice.CreateRoomAsync(new { is_direct = true, invite = new[] { Bob.UserId } });
        Assert.True((await Alice.GetStateAsync(room, "m.room.member", Bob.UserId)).GetProperty("is_direct").GetBoolean());
    }

    [Behaviour]
    public async Task A_public_visibility_publishes_the_room()
    {
        var room = await Alice.CreateRoomAsync(new { visibility = "public", name = TestServer.Unique("Published") });
        Assert.Equal("public", (await Nobody.GetAsync($"v3/directory/list/room/{Requests.Escape(room)}")).Ok().Text("visibility"));
    }

    [Behaviour]
    public async Task The_first_events_stand_in_the_order_of_the_standard()
    {
        var room = await Alice.CreateRoomAsync(new { preset = "private_chat", name = "n", topic = "t", invite = new[] { Bob.UserId } });
        var types = Strings((await Alice.MessagesAsync(room, "f")).Body.GetProperty("chunk"), "type");
        Assert.Equal(["m.room.create", "m.room.member", "m.room.power_levels"], types.Take(3));
        Assert.Equal("m.room.member", types[^1]);
        Assert.True(types.IndexOf("m.room.name") < types.IndexOf("m.room.topic"));
    }

    [Behaviour]
    public async Task Somebody_who_does_not_exist_can_be_invited_or_is_refused() =>
        Assert.Contains((await Alice.PostAsync("v3/createRoom", new { invite = new[] { "@nobody-of-that-name:localhost" } })).Status, new[] { 200, 400, 403, 404 });

    [Behaviour]
    public async Task An_invited_id_that_is_none_is_refused_and_no_room_is_made()
    {
        Assert.Equal(400, (await Alice.PostAsync("v3/createRoom", new { invite = new[] { "nonsense" } })).Status);
        Assert.Empty((await Alice.GetAsync("v3/joined_rooms")).Ok()["joined_rooms"].EnumerateArray());
    }

    private async Task<string?> JoinRuleAsync(object options)
    {
        JsonElement rules = await Alice.GetStateAsync(await Alice.CreateRoomAsync(options), "m.room.join_rules");
        return rules.GetProperty("join_rule").GetString();
    }
}
