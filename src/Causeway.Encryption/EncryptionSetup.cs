using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Rooms;
using Causeway.Storage;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Causeway.Encryption;

/// <summary>The two entry points of Encryption.</summary>
public static class EncryptionSetup
{
    /// <summary>Adds the services of Encryption.</summary>
    public static IServiceCollection AddEncryption(this IServiceCollection services)
    {
        services.AddSingleton<DeviceKeyStore>();
        services.AddSingleton<OneTimeKeyStore>();
        services.AddSingleton<OneTimeKeyCounts>();
        services.AddSingleton<RoomMates>();
        services.AddSingleton(s => new DeviceLists(
            s.GetRequiredService<Database>(), s.GetRequiredService<EventStore>(), s.GetRequiredService<RoomRegistry>(),
            s.GetRequiredService<UserRoomsCache>(), s.GetRequiredService<RoomMates>()));
        services.AddSingleton<BackupStore>();
        services.AddSingleton<ToDeviceStore>();
        services.AddSingleton<EndedDevices>();
        services.AddSingleton<DehydratedDevices>();
        return services;
    }

    /// <summary>Maps the endpoints of Encryption.</summary>
    public static void MapEncryption(this IEndpointRouteBuilder routes)
    {
        const string keys = "/_matrix/client/v3/keys";
        routes.ServiceProvider.GetRequiredService<EndedDevices>().Follow(routes.ServiceProvider.GetRequiredService<SessionStore>());
        routes.MapMatrix<KeyUpload>($"POST {keys}/upload", Access.Guest);
        routes.MapMatrix<KeyQuery>($"POST {keys}/query", Access.Guest);
        routes.MapMatrix<KeyClaim>($"POST {keys}/claim", Access.Guest);
        const string dehydrated = "/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device";
        routes.MapMatrix<SetDehydratedDevice>($"PUT {dehydrated}", Access.User, Rate.Other);
        routes.MapMatrix<GetDehydratedDevice>($"GET {dehydrated}", Access.User);
        routes.MapMatrix<DeleteDehydratedDevice>($"DELETE {dehydrated}", Access.User);
        routes.MapMatrix<DehydratedDeviceEvents>([$"GET {dehydrated}/{{deviceId}}/events", $"POST {dehydrated}/{{deviceId}}/events"], Access.User);
        routes.MapMatrix<UploadCrossSigning>($"POST {keys}/device_signing/upload", Access.User);
        routes.MapMatrix<UploadSignatures>($"POST {keys}/signatures/upload", Access.User);
        routes.MapMatrix<SendToDevice>("PUT /_matrix/client/v3/sendToDevice/{eventType}/{txnId}", Access.Guest);

        const string version = "/_matrix/client/v3/room_keys/version";
        routes.MapMatrix<CreateBackup>($"POST {version}", Access.User);
        routes.MapMatrix<GetBackup>([$"GET {version}", $"GET {version}/{{version}}"], Access.User);
        routes.MapMatrix<SetBackup>($"PUT {version}/{{version}}", Access.User);
        routes.MapMatrix<DeleteBackup>($"DELETE {version}/{{version}}", Access.User);
        routes.MapMatrix<PutBackupKeys>(BackupPaths.All("PUT"), Access.User);
        routes.MapMatrix<GetBackupKeys>(BackupPaths.All("GET"), Access.User);
        routes.MapMatrix<DeleteBackupKeys>(BackupPaths.All("DELETE"), Access.User);
    }
}
