using Causeway.Hosting;
using Causeway.Streams;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Causeway.Push;

/// <summary>The two entry points of Push.</summary>
public static class PushSetup
{
    /// <summary>Adds the services of Push.</summary>
    public static IServiceCollection AddPush(this IServiceCollection services, PushOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<PushRules>();
        services.AddSingleton<UnreadCounter>();
        services.AddSingleton<Rooms.ISuccessionObserver, RoomRuleFollower>();
        services.AddSingleton<PusherStore>();
        services.AddSingleton<Vapid>();
        services.AddSingleton<OwnGateway>();
        services.AddSingleton<PushSender>();
        services.AddSingleton<Badges>();
        services.AddSingleton<NotificationJudge>();
        services.AddSingleton<LogReader>();
        services.AddSingleton<PushLedger>();
        services.AddSingleton<PushEvaluator>();
        services.AddSingleton<PushComposer>();
        services.AddSingleton<PushQueue>();
        services.AddHostedService<PushWorker>();
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
        routes.MapMatrix<ListPushers>("GET /_matrix/client/v3/pushers", Access.User);
        routes.MapMatrix<SetPusher>("POST /_matrix/client/v3/pushers/set", Access.User, Rate.Other);
        routes.MapMatrix<ListNotifications>("GET /_matrix/client/v3/notifications", Access.User, Rate.Other);
        routes.MapMatrix<Notify>($"POST {WantedPusher.GatewayPath}", Access.None, Rate.Other);
        routes.MapMatrix<DiscoverGateway>($"GET {WantedPusher.GatewayPath}", Access.None);

        const string unstable = "/_matrix/client/unstable/chat.causeway.push";
        routes.MapMatrix<GetWebPushKey>($"GET {unstable}/webpush/key", Access.None);
        routes.MapMatrix<SendTestPush>($"POST {unstable}/test", Access.User);
    }
}
