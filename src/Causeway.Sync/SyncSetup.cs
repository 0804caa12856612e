using Causeway.Hosting;
using Causeway.Sync.Sliding;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Causeway.Sync;

/// <summary>The two entry points of Sync.</summary>
public static class SyncSetup
{
    /// <summary>Adds the services of Sync.</summary>
    public static IServiceCollection AddSync(this IServiceCollection services)
    {
        services.AddSingleton<TimelineReader>();
        services.AddSingleton<SentMembers>();
        services.AddSingleton<ChangeFinder>();
        services.AddSingleton<AccountDataSection>();
        services.AddSingleton<EphemeralSection>();
        services.AddSingleton<RoomSection>();
        services.AddSingleton<EncryptionSection>();
        services.AddSingleton<SyncBuilder>();
        services.AddSingleton<Connections>();
        services.AddSingleton<RoomLists>();
        services.AddSingleton<BumpStamps>();
        services.AddSingleton<SlidingRoom>();
        services.AddSingleton<SlidingExtensions>();
        services.AddSingleton<SlidingBuilder>();
        services.AddSingleton<Accounts.IFilterChecker, FilterChecker>();
        return services;
    }

    /// <summary>Maps the endpoints of Sync.</summary>
    public static void MapSync(this IEndpointRouteBuilder routes)
    {
        routes.MapMatrix<SyncEndpoint>("GET /_matrix/client/v3/sync", Access.Guest);
        routes.MapMatrix<SlidingSync>("POST /_matrix/client/unstable/org.matrix.simplified_msc3575/sync", Access.Guest);
        routes.MapMatrix<KeyChanges>("GET /_matrix/client/v3/keys/changes", Access.Guest);
    }
}
