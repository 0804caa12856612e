using Causeway.TestKit;
using Xunit;

namespace Causeway.Server.Tests.Routes;

/// <summary>Client-server API, "Rate limiting": who asks too often is told how long to wait.</summary>
public sealed class RateLimitTests
{
    [DatabaseTheory]
    public async Task Too_many_messages_are_refused_with_the_time_to_wait_and_nobody_else_is(string database)
    {
        await using var server = await TestServer.StartAsync(database, o => o with { RateLimits = true });
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreatePublicRoomAsync();
        await bob.JoinAsync(room);
        var answers = new List<HttpAnswer>();
        for (var i = 0; i < 400 && answers.All(a => a.Status == 200); i++)
        {
            answers.Add(await Http.SendAsync(server, "PUT", MatrixClient.RoomPath(room, $"send/m.room.message/t{i}"), alice.AccessToken, "{}"u8.ToArray()));
        }

        var refused = answers[^1];
        Assert.Equal((429, "M_LIMIT_EXCEEDED"), (refused.Status, refused.ErrorCode));
        Assert.True(refused.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
        Assert.Contains("retry_after_ms", refused.Body);
        Assert.True(refused.HasCors);
        await bob.SendTextAsync(room, "not me");
        await alice.SyncAsync();
    }

    [DatabaseTheory]
    public async Task Guessing_a_password_is_slowed_down_for_that_account(string database)
    {
        await using var server = await TestServer.StartAsync(database, o => o with { RateLimits = true });
        var alice = await server.RegisterAsync("alice");
        var status = 0;
        for (var i = 0; i < 60 && status != 429; i++)
        {
            status = (await server.Client().RequestAsync("POST", "/_matrix/client/v3/login", new
            {
                type = "m.login.password", identifier = new { type = "m.id.user", user = alice.UserId }, password = $"guess {i}",
            })).Status;
        }

        Assert.Equal(429, status);
        (await alice.RequestAsync("GET", "/_matrix/client/v3/account/whoami")).Ok();
    }
}
