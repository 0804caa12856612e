using System.Text.RegularExpressions;
using Causeway.Hosting;
using Microsoft.AspNetCore.Routing;

namespace Causeway.Conformance.Tests.Answers;

/// <summary>The server's routes beside the standard's endpoints.</summary>
internal static partial class Routes
{
    /// <summary>Every endpoint of the standard that is there, with how it was declared.</summary>
    public static IReadOnlyList<(Endpoint Endpoint, MatrixRoute Route)> Of(TestServer server)
    {
        var routes = server.Get<EndpointDataSource>().Endpoints.Select(e => e.Metadata.GetMetadata<MatrixRoute>()).OfType<MatrixRoute>()
            .ToDictionary(r => Key(r.Method, r.Path));
        return [.. from endpoint in Standard.Document.Endpoints
                   let route = routes.GetValueOrDefault(Key(endpoint.Method, endpoint.Path))
                   where route is not null
                   select (endpoint, route)];
    }

    /// <summary>The path with some value in each of its places.</summary>
    public static string Fill(Endpoint endpoint, string user) => Placeholder().Replace(endpoint.Path, m => m.Value switch
    {
        "{userId}" => Requests.Escape(user),
        "{roomId}" or "{roomIdOrAlias}" => "!none:localhost",
        "{serverName}" => "localhost",
        _ => "none",
    });

    private static string Key(string method, string path) => $"{method} {Placeholder().Replace(path, "{}").TrimEnd('/')}";

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Placeholder();
}
