using Causeway.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Causeway.Push;

/// <summary>The two entry points of Push.</summary>
public static class PushSetup
{
    /// <summary>Adds the services of Push.</summary>
    public static IServiceCollection AddPush(this IServiceCollection services)
    {
        services.AddSingleton<PushRules>();
        services.AddSingleton<UnreadCounter>();
        services.AddSingleton<Rooms.ISuccessionObserver, RoomRuleFollower>();
        return services;
    }

    /// <summary>Maps the endpoints of Push.</summary>
    public static void MapPush(this IEndpointRouteBuilder routes)
    {
        const string rule = "/_matrix/client/v3/pushrules/global/{kind}/{ruleId}";
        routes.MapMatrix<GetPushRules>(["GET /_matrix/client/v3/pushrules/", "GET /_matrix/client/v3/pushrules/global/"], Access.User);
        routes.MapMatrix<GetPushRule>($"GET {rule}", Access.User);
        routes.MapMatrix<SetPushRule>($"PUT {rule}", Access.User, Rate.Other);
        routes.MapMatrix<DeletePushRule>($"DELETE {rule}", Access.User);
        routes.MapMatrix<GetPushRuleEnabled>($"GET {rule}/enabled", Access.User);
        routes.MapMatrix<SetPushRuleEnabled>($"PUT {rule}/enabled", Access.User);
        routes.MapMatrix<GetPushRuleActions>($"GET {rule}/actions", Access.User);
        routes.MapMatrix<SetPushRuleActions>($"PUT {rule}/actions", Access.User);
    }
}
