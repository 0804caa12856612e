using Causeway.Hosting;
using Causeway.Server.Commands;

namespace Causeway.Server.Local;

/// <summary>What the commands ask of the server; each endpoint stands in its command's file.</summary>
internal static class LocalRoutes
{
    public static void MapLocal(this IEndpointRouteBuilder routes)
    {
        routes.MapMatrix<AddUser>("POST /_causeway/local/user-add", Access.Local);
        routes.MapMatrix<SetPassword>("POST /_causeway/local/user-passwd", Access.Local);
        routes.MapMatrix<ListUsers>("POST /_causeway/local/user-list", Access.Local);
        routes.MapMatrix<AddOrganisation>("POST /_causeway/local/org-add", Access.Local);
        routes.MapMatrix<ListOrganisations>("POST /_causeway/local/org-list", Access.Local);
        routes.MapMatrix<AddRegistrationToken>("POST /_causeway/local/token-add", Access.Local);
        routes.MapMatrix<RebuildSearch>("POST /_causeway/local/search-rebuild", Access.Local);
        routes.MapMatrix<TakeSnapshot>("POST /_causeway/local/snapshot", Access.Local);
    }
}

/// <summary>The audit line of each change made over the local channel.</summary>
internal static partial class LocalLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Local administrator: {What} {Subject}")]
    public static partial void Done(ILogger logger, string what, string subject);
}
