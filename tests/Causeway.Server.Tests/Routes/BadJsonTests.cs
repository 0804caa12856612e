using System.Text;
using System.Text.Json.Nodes;
using Causeway.Hosting;
using Causeway.TestKit;
using Xunit;

namespace Causeway.Server.Tests.Routes;

/// <summary>Bodies that are no JSON, or not the JSON that is asked for: the standard's error, and nothing changed.</summary>
public sealed class BadJsonTests
{
    /// <summary>These read no body, or one of any bytes.</summary>
    private static readonly string[] Bodiless = ["/logout", "/logout/all", "/forget", "/_causeway/", "/_matrix/media/", "/_synapse/admin/v1/media/"];

    public static object[][] Families =>
    [
        ["truncated", 400, "M_NOT_JSON"], ["array", 400, "M_BAD_JSON"], ["text", 400, "M_BAD_JSON"],
        ["duplicate keys", 400, "M_NOT_JSON"], ["invalid UTF-8", 400, "M_NOT_JSON"], ["lone surrogate", 400, "M_NOT_JSON"],
        ["lone surrogate in a key", 400, "M_NOT_JSON"], ["depth 10000", 400, "M_NOT_JSON"], ["2 MB", 413, "M_TOO_LARGE"],
        ["NaN", 400, "M_NOT_JSON"], ["two objects", 400, "M_NOT_JSON"],
    ];

    [DatabaseTheory]
    [MemberData(nameof(Families))]
    public async Task A_body_that_cannot_be_read_is_refused_on_every_route(string database, string family, int status, string code)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAdminAsync("alice");
        var room = await alice.CreateRoomAsync();
        var sent = await alice.SendTextAsync(room, "hello");
        var since = (await alice.SyncAsync()).NextBatch;
        foreach (var route in WithBody(server))
        {
            var answer = await Http.SendAsync(server, route.Method, RouteTable.Fill(route, alice, room, sent), alice.AccessToken, Body(family));
            Assert.True((answer.Status, answer.ErrorCode) == (status, code), $"{route.Method} {route.Path}: {answer.Status} {answer.Body}");
            Assert.True(answer.HasCors);
        }

        await AssertUnchangedAsync(alice, since);
        server.AssertNoFaults();
    }

    [DatabaseTheory]
    public async Task A_body_that_does_not_say_its_length_is_cut_off_at_the_limit(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var room = await alice.CreateRoomAsync();
        for (var i = 0; i < 3; i++)
        {
            var answer = await Http.SendChunkedAsync(
                server, "PUT", MatrixClient.RoomPath(room, $"send/m.room.message/t{i}"), alice.AccessToken!, Body("2 MB"));
            Assert.Equal((413, "M_TOO_LARGE"), (answer.Status, answer.ErrorCode));
        }

        await alice.SendTextAsync(room, "small");
        server.AssertNoFaults();
    }

    /// <summary>The one answer that is not ours: Kestrel refuses such a path before any of our code runs.</summary>
    [DatabaseTheory]
    public async Task A_NUL_in_a_path_is_refused_by_the_transport_and_in_a_query_by_us(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var path = await Http.SendAsync(server, "GET", "/_matrix/client/v3/rooms/%00/state", alice.AccessToken);
        Assert.Equal((400, ""), (path.Status, path.Body));
        var query = await Http.SendAsync(server, "GET", "/_matrix/client/v3/register/available?username=%00");
        Assert.Equal((400, "M_INVALID_USERNAME"), (query.Status, query.ErrorCode));
    }

    [DatabaseTheory]
    public async Task An_empty_body_is_never_a_fault(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var alice = await server.RegisterAdminAsync("alice");
        var room = await alice.CreateRoomAsync();
        var sent = await alice.SendTextAsync(room, "hello");
        foreach (var route in WithBody(server).Where(r => !r.Path.EndsWith("/leave", StringComparison.Ordinal)))
        {
            var answer = await Http.SendAsync(server, route.Method, RouteTable.Fill(route, alice, room, sent), alice.AccessToken, []);
            Assert.True(answer.Status is 200 or 400 or 401 or 403 or 404, $"{route.Method} {route.Path}: {answer.Status} {answer.Body}");
        }

        server.AssertNoFaults();
    }

    [DatabaseTheory]
    public async Task A_value_of_a_wrong_type_is_refused_or_ignored_and_never_a_fault(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var alice = await server.RegisterAdminAsync("alice");
        var room = await alice.CreateRoomAsync();
        var sent = await alice.SendTextAsync(room, "hello");
        foreach (var route in WithBody(server).Where(r => !r.Path.EndsWith("/leave", StringComparison.Ordinal)))
        {
            foreach (var body in WrongBodies(ValidBodies.Of(route, alice.UserId, room, sent)))
            {
                var answer = await Http.SendAsync(
                    server, route.Method, RouteTable.Fill(route, alice, room, sent), alice.AccessToken, Encoding.UTF8.GetBytes(body));
                Assert.True(answer.Status is 200 or (>= 400 and < 500), $"{route.Method} {route.Path} {body}: {answer.Status} {answer.Body}");
                Assert.True(answer.Status == 200 || answer.ErrorCode is not null || answer.Status == 401, $"{route.Method} {route.Path} {body}: {answer.Body}");
            }
        }

        // The person and the room still work.
        await alice.SendTextAsync(room, "still here");
        Assert.Contains("still here", (await alice.SyncAsync()).Texts(room));
        server.AssertNoFaults();
    }

    [DatabaseTheory]
    public async Task Query_values_of_every_wrong_kind_are_never_a_fault(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAdminAsync("alice");
        var room = await alice.CreateRoomAsync();
        var sent = await alice.SendTextAsync(room, "hello");
        string[] names = ["since", "timeout", "filter", "full_state", "use_state_after", "set_presence", "dir", "from", "to", "limit", "at",
            "membership", "not_membership", "format", "server", "kind", "username", "token", "before", "after", "ts", "user_id", "room_id", "include", "recurse", "max_depth", "suggested_only"];
        string[] values = ["", "x", "-1", "99999999999999999999", "1.5", "%00", "%ff", "%ed%a0%80", "{", "{}", "[]", "{\"limit\":-1}",
            "{\"types\":[\"\\ud800\"]}", "{\"room\":{\"timeline\":{\"types\":[\"\\ud800\"]}}}", "{\"room\":[]}", "s1_1", "s9007199254740993_1", "t0", "p5"];
        foreach (var route in RouteTable.Of(server).Where(r => r.Method == "GET"))
        {
            var path = RouteTable.Fill(route, alice, room, sent);
            foreach (var name in names)
            {
                foreach (var value in values)
                {
                    var text = value.StartsWith('%') ? value : Uri.EscapeDataString(value);
                    var answer = await Http.SendAsync(server, "GET", $"{path}{(path.Contains('?') ? '&' : '?')}{name}={text}", alice.AccessToken);
                    Assert.True(answer.Status < 500, $"{path} {name}={value}: {answer.Status} {answer.Body}");
                }
            }
        }

        server.AssertNoFaults();
    }

    private static IEnumerable<MatrixRoute> WithBody(TestServer server) => RouteTable.Of(server).Where(r =>
        r.Method is "PUT" or "POST" && !Bodiless.Any(b => r.Path.EndsWith(b, StringComparison.Ordinal) || r.Path.StartsWith(b, StringComparison.Ordinal)));

    private static async Task AssertUnchangedAsync(MatrixClient who, string since)
    {
        var after = (await who.SyncAsync(since)).Body;
        Assert.False(after.TryGetProperty("account_data", out _));
        Assert.Equal("{}", after.GetProperty("rooms").ToString());
    }

    /// <summary>The body with each of its values, at any depth, replaced by each wrong one.</summary>
    private static IEnumerable<string> WrongBodies(string valid)
    {
        string[] wrong = ["null", "true", "-1", "1.5", "9007199254740993", "1e400", "\"\"", "\"x\\u0000y\"", "[]", "[null]", "{}", "{\"a\":[1]}", $"\"{new string('x', 70_000)}\""];
        foreach (var path in Paths(JsonNode.Parse(valid)!, []))
        {
            foreach (var value in wrong)
            {
                yield return With(valid, path, value);
            }
        }
    }

    private static IEnumerable<List<string>> Paths(JsonNode node, List<string> at)
    {
        if (node is not JsonObject o)
        {
            yield break;
        }

        foreach (var (name, value) in o)
        {
            List<string> path = [.. at, name];
            yield return path;
            foreach (var deeper in value is null ? [] : Paths(value, path))
            {
                yield return deeper;
            }
        }
    }

    private static string With(string valid, List<string> path, string value)
    {
        var root = JsonNode.Parse(valid)!;
        var node = path[..^1].Aggregate(root, (n, name) => n[name]!);
        node[path[^1]] = "here it comes";
        return root.ToJsonString().Replace("\"here it comes\"", value, StringComparison.Ordinal);
    }

    private static byte[] Body(string family) => family switch
    {
        "invalid UTF-8" => [.. "{\"a\":\""u8, 0xff, 0xfe, .. "\"}"u8],
        _ => Encoding.UTF8.GetBytes(family switch
        {
            "truncated" => "{\"a\":",
            "array" => "[]",
            "text" => "\"text\"",
            "duplicate keys" => "{\"a\":1,\"a\":2}",
            "lone surrogate" => "{\"a\":\"\\ud800\"}",
            "lone surrogate in a key" => "{\"\\udc00\":1}",
            "depth 10000" => string.Concat(Enumerable.Repeat("{\"a\":", 10_000)) + "1" + new string('}', 10_000),
            "2 MB" => $"{{\"a\":\"{new string('x', 2 << 20)}\"}}",
            "NaN" => "{\"a\":NaN}",
            "two objects" => "{}{}",
            _ => throw new ArgumentException(family),
        }),
    };
}
