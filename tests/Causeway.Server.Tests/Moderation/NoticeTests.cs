using Causeway.TestKit;
using Xunit;

namespace Causeway.Server.Tests.Moderation;

/// <summary>Client-server API, "Server Notices".</summary>
public sealed class NoticeTests
{
    private const string Send = "/_synapse/admin/v1/send_server_notice";

    [DatabaseTheory]
    public async Task A_notice_comes_in_one_room_that_one_cannot_refuse(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (admin, alice, bob) = (await server.RegisterAdminAsync(), await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        (await alice.RequestAsync("PUT", $"/_matrix/client/v3/user/{alice.UserId}/account_data/m.invite_permission_config", new { default_action = "block" })).Ok();
        await Task.WhenAll(Enumerable.Range(0, 3).Select(i => NoticeAsync(admin, alice, $"notice {i}")));
        var invited = (await alice.SyncAsync()).Body.GetProperty("rooms").GetProperty("invite").EnumerateObject().Single();
        var room = invited.Name;
        (await alice.RequestAsync("POST", MatrixClient.RoomPath(room, "leave"), new { })).Refused(403, "M_CANNOT_LEAVE_SERVER_NOTICE_ROOM");
        (await alice.RequestAsync("PUT", MatrixClient.RoomPath(room, $"state/m.room.member/{alice.UserId}"), new { membership = "leave" }))
            .Refused(403, "M_CANNOT_LEAVE_SERVER_NOTICE_ROOM");
        await alice.JoinAsync(room);
        var sync = await alice.SyncAsync();
        Assert.Equal(["notice 0", "notice 1", "notice 2"], sync.Texts(room).Order());
        Assert.Contains("m.server_notice", sync.EventsOf(room, "account_data").Single(e => e.GetProperty("type").ValueEquals("m.tag")).ToString());
        Assert.Equal(403, (await alice.RequestAsync("PUT", MatrixClient.RoomPath(room, "send/m.room.message/1"), new { body = "answer" })).Status);
        await alice.LeaveAsync(room);
        await NoticeAsync(admin, alice, "again");
        Assert.NotNull((await alice.SyncAsync()).Invited(room));

        var body = new { user_id = alice.UserId, content = new { msgtype = "m.text", body = "once" } };
        var first = (await admin.RequestAsync("PUT", Send + "/t1", body)).Ok().Text("event_id");
        Assert.Equal(first, (await admin.RequestAsync("PUT", Send + "/t1", body)).Ok().Text("event_id"));
        (await bob.RequestAsync("POST", Send, body)).Refused(403, "M_FORBIDDEN");
        (await admin.RequestAsync("POST", Send, new { user_id = "@nobody:localhost", content = new { } })).Refused(404, "M_NOT_FOUND");
        (await admin.RequestAsync("POST", Send, new { user_id = alice.UserId })).Refused(400, "M_MISSING_PARAM");
        (await server.Client().RequestAsync("GET", "/_matrix/client/v3/register/available?username=server-notices")).Refused(400, "M_USER_IN_USE");
    }

    private static async Task NoticeAsync(MatrixClient admin, MatrixClient to, string text) =>
        (await admin.RequestAsync("POST", Send, new { user_id = to.UserId, content = new { msgtype = "m.text", body = text } })).Ok();
}
