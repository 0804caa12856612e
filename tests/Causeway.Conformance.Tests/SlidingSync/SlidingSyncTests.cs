using Causeway.Conformance.Tests.Baseline;
using Causeway.TestKit;

namespace Causeway.Conformance.Tests.SlidingSync;

/// <summary>MSC4186, "Simplified sliding sync", at its unstable path.</summary>
public sealed class SlidingSyncTests : BehaviourTests
{
    private const string Path = "unstable/org.matrix.simplified_msc3575/sync";

    [Behaviour]
    public async Task A_window_holds_the_rooms_of_its_range_and_the_count_of_all()
    {
        for (var i = 0; i < 3; i++)
        {
            await Alice.CreateRoomAsync();
        }

        var answer = await AskAsync(Alice, """{"lists":{"all":{"ranges":[[0,1]],"timeline_limit":1,"required_state":[]}}}""");
        Assert.Equal(3, answer["lists"].GetProperty("all").GetProperty("count").GetInt32());
        Assert.Equal(2, answer["rooms"].EnumerateObject().Count());
    }

    [Behaviour]
    public async Task Only_the_required_state_comes()
    {
        var room = await Alice.CreateRoomAsync(new { name = "n", topic = "t" });
        var answer = await AskAsync(Alice, """{"lists":{"all":{"ranges":[[0,9]],"timeline_limit":0,"required_state":[["m.room.topic",""]]}}}""");
        var of = answer["rooms"].GetProperty(room);
        Assert.Equal(["m.room.topic"], Strings(of.GetProperty("required_state"), "type"));
        Assert.Equal("n", of.GetProperty("name").GetString());
        Assert.True(of.GetProperty("initial").GetBoolean());
    }

    [Behaviour]
    public async Task Me_stands_for_oneself()
    {
        var room = await SharedRoomAsync();
        var answer = await AskAsync(Bob, """{"lists":{"all":{"ranges":[[0,9]],"timeline_limit":0,"required_state":[["m.room.member","$ME"]]}}}""");
        Assert.Equal([Bob.UserId], Strings(answer["rooms"].GetProperty(room).GetProperty("required_state"), "state_key"));
    }

    [Behaviour]
    public async Task A_subscribed_room_comes_whatever_the_window()
    {
        var (old, _) = (await Alice.CreateRoomAsync(), await Alice.CreateRoomAsync());
        var answer = await AskAsync(Alice, $$$$"""{"lists":{"all":{"ranges":[[0,0]],"timeline_limit":1,"required_state":[]}},"room_subscriptions":{"{{{{old}}}}":{"timeline_limit":5,"required_state":[]}}}""");
        Assert.True(answer["rooms"].TryGetProperty(old, out _));
    }

    [Behaviour]
    public async Task What_is_new_comes_after_the_position()
    {
        var room = await SharedRoomAsync();
        const string ask = """{"lists":{"all":{"ranges":[[0,9]],"timeline_limit":5,"required_state":[]}}}""";
        var pos = (await AskAsync(Bob, ask)).Text("pos");
        await Alice.SendTextAsync(room, "new");
        var timeline = (await AskAsync(Bob, ask, pos))["rooms"].GetProperty(room).GetProperty("timeline");
        Assert.Equal("new", timeline[timeline.GetArrayLength() - 1].GetProperty("content").GetProperty("body").GetString());
    }

    [Behaviour]
    public async Task A_position_that_is_not_known_is_M_UNKNOWN_POS()
    {
        var answer = await Alice.RequestRawAsync("POST", Requests.Full(Path) + "?pos=nonsense", """{"lists":{}}""");
        answer.Refused(400, "M_UNKNOWN_POS");
    }

    [Behaviour]
    public async Task An_invitation_comes_with_stripped_state()
    {
        var room = await Alice.CreateRoomAsync(new { name = "Come" });
        await Alice.InviteAsync(room, Bob.UserId);
        var of = (await AskAsync(Bob, """{"lists":{"all":{"ranges":[[0,9]],"timeline_limit":1,"required_state":[]}}}"""))["rooms"].GetProperty(room);
        Assert.Contains("m.room.name", Strings(of.GetProperty("invite_state"), "type"));
    }

    [Behaviour]
    public async Task Extensions_answer_when_they_are_switched_on()
    {
        await Alice.CreateRoomAsync();
        var answer = await AskAsync(Alice, """{"lists":{},"extensions":{"to_device":{"enabled":true},"e2ee":{"enabled":true},"account_data":{"enabled":true}}}""");
        var extensions = answer["extensions"];
        Assert.True(extensions.GetProperty("to_device").TryGetProperty("next_batch", out _));
        Assert.True(extensions.GetProperty("e2ee").TryGetProperty("device_one_time_keys_count", out _));
        Assert.Contains("m.push_rules", Strings(extensions.GetProperty("account_data").GetProperty("global"), "type"));
    }

    private static async Task<MatrixAnswer> AskAsync(MatrixClient who, string body, string? pos = null) =>
        (await who.RequestRawAsync("POST", Requests.Full(Path) + (pos is null ? "" : $"?pos={Requests.Escape(pos)}&timeout=2000"), body)).Ok();
}
