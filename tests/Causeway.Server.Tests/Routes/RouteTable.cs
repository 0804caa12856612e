using Causeway.Hosting;
using Causeway.TestKit;
using Microsoft.AspNetCore.Routing;

namespace Causeway.Server.Tests.Routes;

/// <summary>The routes as the server declares them, and paths made of them.</summary>
internal static class RouteTable
{
    private static int _unique;

    public static List<MatrixRoute> Of(TestServer server) =>
    [
        .. server.Get<EndpointDataSource>().Endpoints.Select(e => e.Metadata.GetMetadata<MatrixRoute>()).OfType<MatrixRoute>()
            .OrderBy(r => r.Path, StringComparer.Ordinal).ThenBy(r => r.Method, StringComparer.Ordinal),
    ];

    /// <summary>The route's path with values of a person and a room.</summary>
    public static string Fill(MatrixRoute route, string user, string device, string room, string eventId)
    {
        var path = string.Join('/', route.Path.Split('/').Select(segment => segment switch
        {
            "{roomId}" or "{roomIdOrAlias}" => Uri.EscapeDataString(room),
            "{userId}" => Uri.EscapeDataString(user),
            "{deviceId}" => device,
            "{eventId}" => Uri.EscapeDataString(eventId),
            "{eventType}" => route.Method == "GET" ? "m.room.create" : route.Path.Contains("/state/", StringComparison.Ordinal) ? "org.example.state" : "m.room.message",
            "{stateKey?}" => "",
            "{txnId}" => $"sweep{Interlocked.Increment(ref _unique)}",
            "{receiptType}" => "m.read",
            "{roomAlias}" => Uri.EscapeDataString($"#sweep{Interlocked.Increment(ref _unique)}:{user[(user.IndexOf(':') + 1)..]}"),
            "{type}" => "org.example.sweep",
            "{tag}" => "u.sweep",
            "{filterId}" => "1",
            "{keyName}" => "displayname",
            "{kind}" => "content",
            "{ruleId}" => "sweep",
            "{token}" => "nothing",
            "{sessionId}" => "session",
            "{version}" => "1",
            "{reportId}" => "1",
            "{serverName}" => user[(user.IndexOf(':') + 1)..],
            "{mediaId}" => "none",
            "{fileName}" => "file.txt",
            "{delayId}" => "none",
            "{action}" => "cancel",
            "{relType}" => "m.thread",
            _ when segment.StartsWith('{') => throw new InvalidOperationException($"The sweep knows no value for {segment}."),
            _ => segment,
        }));
        return (route.Method, route.Path.Split('/')[^1]) switch
        {
            ("GET", "messages") => path + "?dir=b",
            ("GET", "events") => path + "?room_id=" + Uri.EscapeDataString(room),
            ("GET", "mutual_rooms") => path + "?user_id=@somebody:else",
            ("GET", "timestamp_to_event") => path + "?dir=b&ts=9999999999999",
            ("GET", "available") => path + "?username=sweep-is-free",
            ("GET", "validity") => path + "?token=none",
            ("GET", "changes") => path + "?from=s0_0&to=s1_0",
            _ when path.Contains("/room_keys/keys", StringComparison.Ordinal) => path + "?version=1",
            _ => path,
        };
    }

    public static string Fill(MatrixRoute route, MatrixClient of, string room, string eventId) =>
        Fill(route, of.UserId, of.DeviceId, room, eventId);
}
