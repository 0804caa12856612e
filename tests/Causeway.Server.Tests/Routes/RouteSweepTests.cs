using System.Text;
using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.TestKit;
using Xunit;

namespace Causeway.Server.Tests.Routes;

/// <summary>Every route of the table, asked by those who may not.</summary>
public sealed class RouteSweepTests
{
    private static readonly byte[] Empty = Encoding.UTF8.GetBytes("{}");

    /// <summary>What one may ask or keep about a room without being in it.</summary>
    private static readonly string[] OpenOfRooms =
        ["/account_data/", "/tags", "/room_keys/keys/", "GET /_matrix/client/v3/directory/list/room/", "/rooms/{roomId}/report"];

    /// <summary>It has a token of its own, which the sweeps do not give.</summary>
    private static bool HasOwnToken(MatrixRoute route) => route.Path.EndsWith("/openid/userinfo", StringComparison.Ordinal);

    [DatabaseTheory]
    public async Task Without_a_token_a_protected_route_answers_missing_token(string database) =>
        await SweepAsync(database, null, (route, answer) => HasOwnToken(route) || (route.Access is Access.None or Access.Optional
            ? answer.ErrorCode is not ("M_MISSING_TOKEN" or "M_UNKNOWN_TOKEN")
            : answer is { Status: 401, ErrorCode: "M_MISSING_TOKEN" }));

    [DatabaseTheory]
    public async Task A_bad_token_is_unknown(string database) =>
        await SweepAsync(database, _ => Task.FromResult("no such token"), IsUnknownToken);

    [DatabaseTheory]
    public async Task A_deactivated_users_token_is_unknown(string database) => await SweepAsync(
        database,
        async server =>
        {
            var gone = await server.RegisterAsync("gone");
            await gone.CreatePublicRoomAsync();
            (await gone.RequestAsync("POST", "/_matrix/client/v3/account/deactivate", new { auth = new { type = "m.login.password", password = MatrixClient.Password } })).Ok();
            return gone.AccessToken!;
        },
        IsUnknownToken);

    [DatabaseTheory]
    public async Task Another_organisations_token_is_unknown(string database) => await SweepAsync(
        database,
        async server =>
        {
            var name = TestServer.Unique("other") + ".example";
            await server.Get<OrganisationStore>().AddAsync(name, name);
            return await Organisations.OrganisationTests.RegisterAtAsync(server, name, "mallory");
        },
        IsUnknownToken);

    [DatabaseTheory]
    public async Task A_guest_is_kept_to_what_guests_may_do(string database) => await SweepAsync(
        database,
        async server =>
        {
            var answer = await server.Client().RequestAsync("POST", "/_matrix/client/v3/register?kind=guest", new { });
            return answer.Ok().Text("access_token");
        },
        (route, answer) => route.Access is Access.User or Access.Admin
            ? answer is { Status: 403, ErrorCode: "M_GUEST_ACCESS_FORBIDDEN" }
            : HasOwnToken(route) || answer.ErrorCode is not ("M_MISSING_TOKEN" or "M_UNKNOWN_TOKEN"));

    [DatabaseTheory]
    public async Task A_room_one_is_not_in_is_closed_on_every_route(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, mallory) = (await server.RegisterAsync("alice"), await server.RegisterAsync("mallory"));
        var room = await alice.CreateRoomAsync(new { name = "private" });
        var sent = await alice.SendTextAsync(room, "private");
        var before = (await alice.SyncAsync()).NextBatch;
        foreach (var route in RouteTable.Of(server).Where(r => r.Path.Contains("{roomId", StringComparison.Ordinal)))
        {
            if (OpenOfRooms.Any($"{route.Method} {route.Path}".Contains))
            {
                continue;
            }

            var body = route.Method == "GET" ? null : route.Path.EndsWith("{userId}", StringComparison.Ordinal)
                ? Encoding.UTF8.GetBytes("""{"typing":true}""") : Encoding.UTF8.GetBytes($$"""{"user_id":"{{mallory.UserId}}"}""");
            var answer = await Http.SendAsync(server, route.Method, RouteTable.Fill(route, mallory, room, sent), mallory.AccessToken, body);
            Assert.True(
                answer is { Status: 403, ErrorCode: "M_FORBIDDEN" } or { Status: 404, ErrorCode: "M_NOT_FOUND" },
                $"{route.Method} {route.Path}: {answer.Status} {answer.Body}");
            Assert.DoesNotContain("private", answer.Body);
        }

        var after = await alice.SyncAsync(before);
        Assert.Null(after.Joined(room));
        server.AssertNoFaults();
    }

    [DatabaseTheory]
    public async Task Somebody_elses_data_is_closed(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, mallory) = (await server.RegisterAsync("alice"), await server.RegisterAsync("mallory"));
        var room = await alice.CreateRoomAsync();
        foreach (var route in RouteTable.Of(server).Where(r => r.Path.Contains("{userId}", StringComparison.Ordinal)))
        {
            if ((route.Path.Contains("/profile/", StringComparison.Ordinal) && route.Method == "GET")
                || route.Path.EndsWith("/users/{userId}/report", StringComparison.Ordinal))
            {
                continue;
            }

            var answer = await Http.SendAsync(
                server, route.Method, RouteTable.Fill(route, alice, room, "$e"), mallory.AccessToken, route.Method == "GET" ? null : Empty);
            Assert.True(answer is { Status: 403, ErrorCode: "M_FORBIDDEN" }, $"{route.Method} {route.Path}: {answer.Status} {answer.Body}");
        }
    }

    [DatabaseTheory]
    public async Task An_unknown_path_is_404_and_an_unknown_method_405(string database)
    {
        var server = await TestServer.SharedAsync(database);
        foreach (var (method, path, status) in new[]
        {
            ("GET", "/_matrix/client/v3/nothing", 404), ("GET", "/_matrix/nothing", 404), ("GET", "/nothing", 404),
            ("PUT", "/_matrix/client/v3/sync", 405), ("DELETE", "/_matrix/client/v3/login", 405), ("POST", "/_matrix/client/versions", 405),
        })
        {
            var answer = await Http.SendAsync(server, method, path);
            Assert.Equal((status, "M_UNRECOGNIZED", true), (answer.Status, answer.ErrorCode, answer.HasCors));
        }
    }

    [DatabaseTheory]
    public async Task OPTIONS_is_answered_on_every_route_without_a_token(string database)
    {
        var server = await TestServer.SharedAsync(database);
        foreach (var route in RouteTable.Of(server))
        {
            var answer = await Http.SendAsync(server, "OPTIONS", RouteTable.Fill(route, "@a:localhost", "D", "!r:localhost", "$e"));
            Assert.True(answer.Status is 200 or 204 && answer.HasCors, $"{route.Path}: {answer.Status}");
        }
    }

    private static bool IsUnknownToken(MatrixRoute route, HttpAnswer answer) => route.Access == Access.None
        ? answer.ErrorCode is not "M_UNKNOWN_TOKEN" || route.Path.EndsWith("/refresh", StringComparison.Ordinal)
        : answer is { Status: 401, ErrorCode: "M_UNKNOWN_TOKEN" };

    private static async Task SweepAsync(
        string database, Func<TestServer, Task<string>>? token, Func<MatrixRoute, HttpAnswer, bool> isRight)
    {
        // A server of its own: the sweep makes organisations and signs out.
        await using var server = await TestServer.StartAsync(database);
        var alice = await server.RegisterAsync("alice");
        var room = await alice.CreateRoomAsync();
        var sent = await alice.SendTextAsync(room, "hello");
        var bearer = token is null ? null : await token(server);
        foreach (var route in RouteTable.Of(server))
        {
            if (route.Path.Contains("/logout", StringComparison.Ordinal) && token is not null)
            {
                continue;
            }

            var answer = await Http.SendAsync(
                server, route.Method, RouteTable.Fill(route, alice, room, sent), bearer, route.Method is "GET" or "DELETE" ? null : Empty);
            // Local routes exist only on the socket in the data folder, whoever asks.
            var isExpected = route.Access == Access.Local
                ? answer is { Status: 404, ErrorCode: "M_UNRECOGNIZED" }
                : isRight(route, answer);
            Assert.True(isExpected, $"{route.Method} {route.Path} ({route.Access}): {answer.Status} {answer.Body}");
            Assert.True(answer.HasCors, $"{route.Method} {route.Path}: no CORS headers");
            Assert.True(answer.Status < 500, $"{route.Method} {route.Path}: {answer.Status} {answer.Body}");
        }

        server.AssertNoFaults();
    }
}
