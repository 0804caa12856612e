using Causeway.Hosting;

namespace Causeway.Server.Endpoints;

/// <summary>The endpoints that belong to the server as a whole.</summary>
internal static class ServerRoutes
{
    public static void MapServer(this IEndpointRouteBuilder routes)
    {
        routes.MapMatrix<Versions>("GET /_matrix/client/versions", Access.Optional);
        routes.MapMatrix<Capabilities>("GET /_matrix/client/v3/capabilities", Access.Guest, Rate.Other);
        routes.MapMatrix<WellKnownClient>("GET /.well-known/matrix/client", Access.None);
        routes.MapMatrix<WellKnownSupport>("GET /.well-known/matrix/support", Access.None);
        routes.MapMatrix<FirstAdministrator>(["GET /_causeway/setup/{token}", "POST /_causeway/setup/{token}"], Access.None, Rate.Login);
        routes.MapMatrix<Home>("GET /", Access.None);
    }
}
