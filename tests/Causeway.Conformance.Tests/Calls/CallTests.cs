using Causeway.Conformance.Tests.Baseline;

namespace Causeway.Conformance.Tests.Calls;

/// <summary>Client-server API, "Voice over IP" and "OpenID".</summary>
public sealed class CallTests : BehaviourTests
{
    [Behaviour]
    public async Task An_OpenID_token_tells_who_one_is()
    {
        var token = (await Alice.PostAsync($"v3/user/{Alice.UserId}/openid/request_token")).Ok();
        Assert.Equal("localhost", token.Text("matrix_server_name"));
        Assert.Equal(Alice.UserId, (await Nobody.GetAsync($"/_matrix/federation/v1/openid/userinfo?access_token={token.Text("access_token")}")).Ok().Text("sub"));
    }

    [Behaviour]
    public async Task An_OpenID_token_is_for_oneself_only() =>
        (await Alice.PostAsync($"v3/user/{Bob.UserId}/openid/request_token")).Refused(403, "M_FORBIDDEN");

    [Behaviour]
    public async Task An_OpenID_token_opens_nothing_else()
    {
        var client = Nobody;
        client.AccessToken = (await Alice.PostAsync($"v3/user/{Alice.UserId}/openid/request_token")).Ok().Text("access_token");
        (await client.GetAsync("v3/account/whoami")).Refused(401, "M_UNKNOWN_TOKEN");
    }

    [Behaviour]
    public async Task Call_events_pass_through()
    {
        var room = await SharedRoomAsync();
        var since = (await Bob.SyncAsync()).NextBatch;
        await SendAsync(Alice, room, "m.call.invite", """{"call_id":"1","party_id":"a","version":"1","lifetime":60000,"offer":{"type":"offer","sdp":"v=0"}}""");
        Assert.Single(OfType((await Bob.SyncAsync(since)).Timeline(room), "m.call.invite"));
    }
}
