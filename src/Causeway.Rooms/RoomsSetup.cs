using Causeway.Accounts;
using Causeway.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Causeway.Rooms;

/// <summary>The two entry points of Rooms.</summary>
public static class RoomsSetup
{
    /// <summary>Adds the services of Rooms.</summary>
    public static IServiceCollection AddRooms(this IServiceCollection services)
    {
        services.AddSingleton<EventIndex>();
        services.AddSingleton<EventStore>();
        services.AddSingleton<RoomRegistry>();
        services.AddSingleton<UserRoomsCache>();
        services.AddSingleton<RoomActivity>();
        services.AddSingleton<RoomFactsReader>();
        services.AddSingleton<RoomEffects>();
        services.AddSingleton<EventWriter>();
        services.AddSingleton<Redactions>();
        services.AddSingleton<IgnoredUsers>();
        services.AddSingleton<Visibility>();
        services.AddSingleton<Threads>();
        services.AddSingleton<RelationIndex>();
        services.AddSingleton<RelationRules>();
        services.AddSingleton(s => new Aggregations(s.GetRequiredService<RelationIndex>(), s.GetRequiredService<EventStore>()));
        services.AddSingleton<RoomAccess>();
        services.AddSingleton<InvitePermissions>();
        services.AddSingleton<Succession>();
        services.AddSingleton<ReportStore>();
        services.AddSingleton<GuestLeaver>();
        services.AddSingleton<ServerNotices>();
        services.AddSingleton<MembershipWriter>();
        services.AddSingleton<RoomPreviews>();
        services.AddSingleton<RoomAliases>();
        services.AddSingleton<RoomDirectory>();
        services.AddSingleton<ReceiptStore>();
        services.AddSingleton<ReadMarkerWriter>();
        services.AddSingleton<EphemeralClock>();
        services.AddSingleton<Typing>();
        services.AddSingleton<Presence>();
        services.AddSingleton<EventSender>();
        services.AddSingleton<DelayedEvents>();
        services.AddSingleton<DelayedEventClock>();
        services.AddHostedService(s => s.GetRequiredService<DelayedEventClock>());
        services.AddSingleton<IProfileObserver, ProfileFollower>();
        services.AddSingleton<IAccountObserver, AccountLeaver>();
        return services;
    }

    /// <summary>Maps the endpoints of Rooms.</summary>
    public static void MapRooms(this IEndpointRouteBuilder routes)
    {
        const string room = "/_matrix/client/v3/rooms/{roomId}";
        routes.MapMatrix<CreateRoom>("POST /_matrix/client/v3/createRoom", Access.User, Rate.Join);
        routes.MapMatrix<UpgradeRoom>($"POST {room}/upgrade", Access.User, Rate.Join);
        routes.MapMatrix<SendMessage>($"PUT {room}/send/{{eventType}}/{{txnId}}", Access.Guest, Rate.Message);
        routes.MapMatrix<SendState>($"PUT {room}/state/{{eventType}}/{{stateKey?}}", Access.Guest, Rate.Message);
        routes.MapMatrix<RedactEvent>($"PUT {room}/redact/{{eventId}}/{{txnId}}", Access.Guest, Rate.Message);

        const string delayed = "/_matrix/client/unstable/org.matrix.msc4140";
        routes.MapMatrix<ScheduleEvent>($"PUT {delayed}/rooms/{{roomId}}/delayed_event/{{eventType}}/{{txnId}}", Access.Guest, Rate.Message);
        routes.MapMatrix<ManageDelayedEvent>(
            [$"POST {delayed}/delayed_events/{{delayId}}/{{action}}", $"POST {delayed}/delayed_events/{{delayId}}"], Access.Optional, Rate.Other);
        routes.MapMatrix<ListDelayedEvents>($"GET {delayed}/delayed_events", Access.Guest, Rate.Other);
        routes.MapMatrix<GetDelayedEvent>($"GET {delayed}/delayed_events/{{delayId}}", Access.Guest, Rate.Other);

        routes.MapMatrix<JoinRoom>($"POST {room}/join", Access.Guest, Rate.Join);
        routes.MapMatrix<JoinRoom>("POST /_matrix/client/v3/join/{roomIdOrAlias}", Access.Guest, Rate.Join);
        routes.MapMatrix<KnockRoom>("POST /_matrix/client/v3/knock/{roomIdOrAlias}", Access.User, Rate.Join);
        routes.MapMatrix<InviteUser>($"POST {room}/invite", Access.User, Rate.Join);
        routes.MapMatrix<LeaveRoom>($"POST {room}/leave", Access.Guest, Rate.Other);
        routes.MapMatrix<KickUser>($"POST {room}/kick", Access.User, Rate.Other);
        routes.MapMatrix<BanUser>($"POST {room}/ban", Access.User, Rate.Other);
        routes.MapMatrix<UnbanUser>($"POST {room}/unban", Access.User, Rate.Other);
        routes.MapMatrix<ForgetRoom>($"POST {room}/forget", Access.Guest, Rate.Other);
        routes.MapMatrix<JoinedRooms>("GET /_matrix/client/v3/joined_rooms", Access.Guest);

        routes.MapMatrix<MutualRooms>(
            ["GET /_matrix/client/v1/mutual_rooms", "GET /_matrix/client/unstable/uk.half-shot.msc2666/user/mutual_rooms"], Access.User, Rate.Other);
        routes.MapMatrix<ReportRoom>($"POST {room}/report", Access.User, Rate.Other);
        routes.MapMatrix<ReportEvent>($"POST {room}/report/{{eventId}}", Access.User, Rate.Other);
        routes.MapMatrix<ReportUser>("POST /_matrix/client/v3/users/{userId}/report", Access.User, Rate.Other);
        const string reports = "/_synapse/admin/v1/event_reports";
        const string notice = "/_synapse/admin/v1/send_server_notice";
        routes.MapMatrix<SendServerNotice>([$"POST {notice}", $"PUT {notice}/{{txnId}}"], Access.Admin);
        routes.MapMatrix<ListReports>($"GET {reports}", Access.Admin);
        routes.MapMatrix<GetReport>($"GET {reports}/{{reportId}}", Access.Admin);
        routes.MapMatrix<DeleteReport>($"DELETE {reports}/{{reportId}}", Access.Admin);

        routes.MapMatrix<RoomInitialSync>($"GET {room}/initialSync", Access.Guest);
        routes.MapMatrix<PeekEvents>("GET /_matrix/client/v3/events", Access.Guest);
        routes.MapMatrix<Messages>($"GET {room}/messages", Access.Guest);
        routes.MapMatrix<Context>($"GET {room}/context/{{eventId}}", Access.Guest);
        routes.MapMatrix<GetEvent>($"GET {room}/event/{{eventId}}", Access.Guest);
        const string relations = "GET /_matrix/client/v1/rooms/{roomId}/relations/{eventId}";
        routes.MapMatrix<ListRelations>([relations, $"{relations}/{{relType}}", $"{relations}/{{relType}}/{{eventType}}"], Access.User);
        routes.MapMatrix<ListThreads>("GET /_matrix/client/v1/rooms/{roomId}/threads", Access.User, Rate.Other);
        routes.MapMatrix<GetState>($"GET {room}/state", Access.Guest);
        routes.MapMatrix<GetStateEvent>($"GET {room}/state/{{eventType}}/{{stateKey?}}", Access.Guest);
        routes.MapMatrix<GetMembers>($"GET {room}/members", Access.Guest);
        routes.MapMatrix<JoinedMembers>($"GET {room}/joined_members", Access.Guest);

        routes.MapMatrix<GetAlias>("GET /_matrix/client/v3/directory/room/{roomAlias}", Access.None);
        routes.MapMatrix<SetAlias>("PUT /_matrix/client/v3/directory/room/{roomAlias}", Access.User);
        routes.MapMatrix<DeleteAlias>("DELETE /_matrix/client/v3/directory/room/{roomAlias}", Access.User);
        routes.MapMatrix<ListAliases>($"GET {room}/aliases", Access.Guest, Rate.Other);
        routes.MapMatrix<PublicRooms>("GET /_matrix/client/v3/publicRooms", Access.Optional);
        routes.MapMatrix<PublicRooms>("POST /_matrix/client/v3/publicRooms", Access.Guest);
        routes.MapMatrix<GetRoomVisibility>("GET /_matrix/client/v3/directory/list/room/{roomId}", Access.None);
        routes.MapMatrix<SetRoomVisibility>("PUT /_matrix/client/v3/directory/list/room/{roomId}", Access.User);

        routes.MapMatrix<GetRoomSummary>(
            [
                "GET /_matrix/client/v1/room_summary/{roomIdOrAlias}",
                "GET /_matrix/client/unstable/im.nheko.summary/summary/{roomIdOrAlias}",
                "GET /_matrix/client/unstable/im.nheko.summary/rooms/{roomIdOrAlias}/summary",
            ],
            Access.Optional, Rate.Other);
        routes.MapMatrix<Hierarchy>("GET /_matrix/client/v1/rooms/{roomId}/hierarchy", Access.User, Rate.Other);
        routes.MapMatrix<TimestampToEvent>("GET /_matrix/client/v1/rooms/{roomId}/timestamp_to_event", Access.User, Rate.Other);

        routes.MapMatrix<SetReceipt>($"POST {room}/receipt/{{receiptType}}/{{eventId}}", Access.Guest, Rate.Other);
        routes.MapMatrix<SetReadMarkers>($"POST {room}/read_markers", Access.Guest, Rate.Other);
        routes.MapMatrix<SetTyping>($"PUT {room}/typing/{{userId}}", Access.Guest, Rate.Other);
        routes.MapMatrix<SetPresence>("PUT /_matrix/client/v3/presence/{userId}/status", Access.Guest, Rate.Other);
        routes.MapMatrix<GetPresence>("GET /_matrix/client/v3/presence/{userId}/status", Access.Guest);
    }
}
