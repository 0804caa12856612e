using Causeway.Conformance.Tests.Baseline;

namespace Causeway.Conformance.Tests.Profiles;

/// <summary>Client-server API, "Profiles".</summary>
public sealed class ProfileTests : BehaviourTests
{
    [Behaviour]
    public async Task A_name_and_a_picture_are_set_and_seen_by_all()
    {
        await SetAsync("displayname", "Alice A.");
        await SetAsync("avatar_url", "mxc://localhost/abc");
        var profile = (await Nobody.GetAsync($"v3/profile/{Alice.UserId}")).Ok();
        Assert.Equal(("Alice A.", "mxc://localhost/abc"), (profile.Text("displayname"), profile.Text("avatar_url")));
    }

    [Behaviour]
    public async Task One_field_is_read_alone()
    {
        await SetAsync("displayname", "Alice A.");
        await SetAsync("avatar_url", "mxc://localhost/abc");
        var answer = (await Bob.GetAsync($"v3/profile/{Alice.UserId}/displayname")).Ok();
        Assert.Equal("Alice A.", answer.Text("displayname"));
        Assert.Null(answer.Find("avatar_url"));
    }

    [Behaviour]
    public async Task A_deleted_field_is_gone()
    {
        await SetAsync("m.tz", "Europe/Paris");
        (await Alice.DeleteAsync($"v3/profile/{Alice.UserId}/m.tz")).Ok();
        (await Nobody.GetAsync($"v3/profile/{Alice.UserId}/m.tz")).Refused(404, "M_NOT_FOUND");
    }

    [Behaviour]
    public async Task A_new_name_changes_the_member_events()
    {
        var room = await SharedRoomAsync();
        var since = (await Bob.SyncAsync()).NextBatch;
        await SetAsync("displayname", "Renamed");
        var change = Assert.Single(OfType((await Bob.SyncAsync(since)).Timeline(room), "m.room.member"));
        Assert.Equal("Renamed", change.GetProperty("content").GetProperty("displayname").GetString());
        Assert.Equal("join", change.GetProperty("unsigned").GetProperty("prev_content").GetProperty("membership").GetString());
    }

    [Behaviour]
    public async Task A_join_carries_the_name_and_the_picture()
    {
        await SetAsync("displayname", "Alice A.");
        await SetAsync("avatar_url", "mxc://localhost/abc");
        var member = await Alice.GetStateAsync(await Alice.CreateRoomAsync(), "m.room.member", Alice.UserId);
        Assert.Equal(("Alice A.", "mxc://localhost/abc"), (member.GetProperty("displayname").GetString(), member.GetProperty("avatar_url").GetString()));
    }

    [Behaviour]
    public async Task An_invitation_carries_the_invited_persons_name()
    {
        await Bob.PutAsync($"v3/profile/{Bob.UserId}/displayname", new { displayname = "Bob B." });
        var room = await Alice.CreateRoomAsync();
        await Alice.InviteAsync(room, Bob.UserId);
        Assert.Equal("Bob B.", (await Alice.GetStateAsync(room, "m.room.member", Bob.UserId)).GetProperty("displayname").GetString());
    }

    [Behaviour]
    public async Task A_time_zone_is_kept() // "m.tz"
    {
        await SetAsync("m.tz", "Asia/Kathmandu");
        Assert.Equal("Asia/Kathmandu", (await Bob.GetAsync($"v3/profile/{Alice.UserId}/m.tz")).Ok().Text("m.tz"));
    }

    private async Task SetAsync(string field, string value) =>
        (await Alice.PutAsync($"v3/profile/{Alice.UserId}/{field}", new Dictionary<string, string> { [field] = value })).Ok();
}
