using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Causeway.Hosting;

/// <summary>How a route was declared; found on the endpoint's metadata by tests and by docs/endpoints.md.</summary>
public sealed record MatrixRoute(string Method, string Path, Access Access, Rate Rate, Type Handler);

/// <summary>Maps endpoint classes to routes.</summary>
public static class MatrixRoutes
{
    /// <summary>
    /// Maps "METHOD /path" (as the specification writes it) to an endpoint class, one instance for all requests.
    /// </summary>
    public static void MapMatrix<T>(this IEndpointRouteBuilder routes, string route, Access access, Rate rate = Rate.None)
        where T : class, IEndpoint => routes.MapMatrix<T>([route], access, rate);

    /// <summary>Maps several routes to one instance.</summary>
    public static void MapMatrix<T>(this IEndpointRouteBuilder routes, string[] methodsAndPaths, Access access, Rate rate = Rate.None)
        where T : class, IEndpoint
    {
        var handler = ActivatorUtilities.CreateInstance<T>(routes.ServiceProvider);
        var pipeline = routes.ServiceProvider.GetRequiredService<MatrixPipeline>();
        foreach (var route in methodsAndPaths)
        {
            var space = route.IndexOf(' ', StringComparison.Ordinal);
            var declared = new MatrixRoute(route[..space], route[(space + 1)..], access, rate, typeof(T));
            routes.MapMethods(declared.Path, [declared.Method], context => pipeline.RunAsync(context, declared, handler))
                .WithMetadata(declared);
        }
    }
}
