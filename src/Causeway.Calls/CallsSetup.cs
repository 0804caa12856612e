using Causeway.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Causeway.Calls;

/// <summary>The two entry points of Calls.</summary>
public static class CallsSetup
{
    /// <summary>Adds the services of Calls.</summary>
    public static IServiceCollection AddCalls(this IServiceCollection services, CallsOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<OpenIdTokens>();
        return services;
    }

    /// <summary>Maps the endpoints of Calls.</summary>
    public static void MapCalls(this IEndpointRouteBuilder routes)
    {
        routes.MapMatrix<TurnServer>("GET /_matrix/client/v3/voip/turnServer", Access.User, Rate.Other);
        routes.MapMatrix<RequestOpenIdToken>("POST /_matrix/client/v3/user/{userId}/openid/request_token", Access.User, Rate.Other);
        routes.MapMatrix<OpenIdUserInfo>("GET /_matrix/federation/v1/openid/userinfo", Access.None, Rate.Other);
        routes.MapMatrix<RtcTransports>("GET /_matrix/client/unstable/org.matrix.msc4143/rtc/transports", Access.Guest, Rate.Other);
    }
}
