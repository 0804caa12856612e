using Causeway.TestKit;
using Xunit;

namespace Causeway.Server.Tests.Moderation;

/// <summary>Client-server API, "Ignoring Users" and "Invite permission"; MSC4155.</summary>
public sealed class InvitationTests
{
    [DatabaseTheory]
    public async Task Blocked_invitations_are_refused_on_every_way_and_not_shown(string database)
    {
        var (alice, bob) = await PairAsync(database);
        var earlier = await alice.CreateRoomAsync();
        await alice.InviteAsync(earlier, bob.UserId);
        await SetAsync(bob, "m.invite_permission_config", new { default_action = "block" });
        Assert.Null((await bob.SyncAsync()).Invited(earlier));
        var room = await alice.CreateRoomAsync();
        foreach (var refused in await TryAllAsync(alice, room, bob))
        {
            refused.Refused(403, "M_INVITE_BLOCKED");
        }

        await SetAsync(bob, "m.invite_permission_config", new { default_action = 1 });
        Assert.NotNull((await bob.SyncAsync()).Invited(earlier));
        await alice.InviteAsync(room, bob.UserId);
        Assert.NotNull((await bob.SyncAsync()).Invited(room));
    }

    [DatabaseTheory]
    public async Task An_ignored_persons_invitation_is_taken_and_not_shown(string database)
    {
        var (alice, bob) = await PairAsync(database);
        await SetAsync(bob, "m.ignored_user_list", new { ignored_users = new Dictionary<string, object> { [alice.UserId] = new { } } });
        var since = (await bob.SyncAsync()).NextBatch;
        var room = await alice.CreateRoomAsync();
        await alice.InviteAsync(room, bob.UserId);
        Assert.Null((await bob.SyncAsync(since)).Invited(room));
        Assert.Null((await bob.SyncAsync()).Invited(room));
        await SetAsync(bob, "m.ignored_user_list", new { });
        Assert.NotNull((await bob.SyncAsync()).Invited(room));
    }

    [DatabaseTheory]
    public async Task People_and_servers_are_allowed_hidden_and_blocked_by_patterns(string database)
    {
        const string type = "org.matrix.msc4155.invite_permission_config";
        var (alice, bob) = await PairAsync(database);
        var room = await alice.CreateRoomAsync();
        await SetAsync(bob, type, new { blocked_servers = new[] { "local*" } });
        (await TryAsync(alice, room, bob)).Refused(403, "M_INVITE_BLOCKED");
        await SetAsync(bob, type, new { blocked_servers = new[] { "*" }, blocked_users = 1 });
        (await TryAsync(alice, await alice.CreateRoomAsync(), bob)).Ok();
        await SetAsync(bob, type, new { blocked_servers = new[] { "*" }, enabled = false });
        (await TryAsync(alice, await alice.CreateRoomAsync(), bob)).Ok();
        await SetAsync(bob, type, new { blocked_servers = new[] { "*" }, ignored_users = new[] { alice.UserId[..4] + "*" } });
        (await TryAsync(alice, room, bob)).Ok();
        Assert.Null((await bob.SyncAsync()).Invited(room));
        await SetAsync(bob, type, new { blocked_servers = new[] { "*" }, allowed_users = new[] { alice.UserId } });
        Assert.NotNull((await bob.SyncAsync()).Invited(room));
    }

    private static async Task<MatrixAnswer[]> TryAllAsync(MatrixClient by, string room, MatrixClient target) =>
    [
        await TryAsync(by, room, target),
        await by.RequestAsync("PUT", MatrixClient.RoomPath(room, $"state/m.room.member/{target.UserId}"), new { membership = "invite" }),
        await by.RequestAsync("POST", "/_matrix/client/v3/createRoom", new { invite = new[] { target.UserId } }),
    ];

    private static Task<MatrixAnswer> TryAsync(MatrixClient by, string room, MatrixClient target) =>
        by.RequestAsync("POST", MatrixClient.RoomPath(room, "invite"), new { user_id = target.UserId });

    private static async Task SetAsync(MatrixClient who, string type, object content) =>
        (await who.RequestAsync("PUT", $"/_matrix/client/v3/user/{who.UserId}/account_data/{type}", content)).Ok();

    private static async Task<(MatrixClient Alice, MatrixClient Bob)> PairAsync(string database)
    {
        var server = await TestServer.SharedAsync(database);
        return (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
    }
}
