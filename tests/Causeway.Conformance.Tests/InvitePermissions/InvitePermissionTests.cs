using Causeway.Conformance.Tests.Baseline;

namespace Causeway.Conformance.Tests.InvitePermissions;

/// <summary>Client-server API, "Invite permission".</summary>
public sealed class InvitePermissionTests : BehaviourTests
{
    [Behaviour]
    public async Task Who_blocks_invitations_gets_none()
    {
        await BlockAsync("block");
        var room = await Alice.CreateRoomAsync();
        (await Alice.PostAsync(Requests.In(room, "invite"), new { user_id = Bob.UserId })).Refused(403, "M_INVITE_BLOCKED");
        Assert.Null((await Bob.SyncAsync()).Invited(room));
    }

    [Behaviour]
    public async Task Who_allows_them_again_gets_them()
    {
        await BlockAsync("block");
        await BlockAsync("allow");
        var room = await Alice.CreateRoomAsync();
        await Alice.InviteAsync(room, Bob.UserId);
        Assert.NotNull((await Bob.SyncAsync()).Invited(room));
    }

    private async Task BlockAsync(string action) =>
        (await Bob.PutAsync($"v3/user/{Bob.UserId}/account_data/m.invite_permission_config", new { default_action = action })).Ok();
}
