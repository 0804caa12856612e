using System.Runtime.InteropServices;
using System.Text.Json;
using Causeway.Hosting;

namespace Causeway.Encryption;

/// <summary>PUT /_matrix/client/v3/room_keys/keys, .../{roomId} and .../{sessionId}: stores keys. Client-server API, "Server-side key backups".</summary>
internal sealed class PutBackupKeys(BackupStore store) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        var version = BackupJson.Version(request);
        var part = BackupPaths.Part(request);
        var keys = part switch
        {
            (null, _) => Rooms(body.Root),
            ({ } room, null) => Sessions(room, body.Root),
            var (room, session) => [Session(room, session, body.Root)],
        };
        await BackupJson.ReplyCountsAsync(request, await store.PutAsync(request.Requester.User, version, keys).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private static List<BackedUpSession> Rooms(JsonElement body) =>
        [.. (body.FindObject("rooms") ?? throw Refusal.MissingParam("rooms")).EnumerateObject().SelectMany(r => Sessions(r.Name, r.Value))];

    private static List<BackedUpSession> Sessions(string room, JsonElement json) => json.ValueKind == JsonValueKind.Object
        ? [.. (json.FindObject("sessions") ?? throw Refusal.MissingParam("sessions")).EnumerateObject().Select(s => Session(room, s.Name, s.Value))]
        : throw Refusal.BadJson("'rooms' must map room ids to objects.");

    private static BackedUpSession Session(string room, string session, JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw Refusal.BadJson("'sessions' must map session ids to objects.");
        }

        return new BackedUpSession(
            room, session,
            json.FindInteger("first_message_index") ?? throw Refusal.MissingParam("first_message_index"),
            json.FindInteger("forwarded_count") ?? throw Refusal.MissingParam("forwarded_count"),
            json.FindBool("is_verified") ?? throw Refusal.MissingParam("is_verified"),
            JsonMarshal.GetRawUtf8Value(json.FindObject("session_data") ?? throw Refusal.MissingParam("session_data")).ToArray());
    }
}

/// <summary>GET /_matrix/client/v3/room_keys/keys, .../{roomId} and .../{sessionId}: the stored keys. Client-server API, "Server-side key backups".</summary>
internal sealed class GetBackupKeys(BackupStore store) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var user = request.Requester.User;
        var version = BackupJson.Version(request);
        var part = BackupPaths.Part(request);
        if (await store.FindAsync(user, version).ConfigureAwait(false) is not { IsDeleted: false })
        {
            throw BackupStore.Unknown();
        }

        var keys = await store.ListAsync(user, version, part).ConfigureAwait(false);
        if (part.SessionId is not null && keys.Count == 0)
        {
            throw Refusal.NotFound("This key is not in the backup.");
        }

        await request.ReplyAsync(json =>
        {
            switch (part)
            {
                case (null, _):
                    WriteRooms(json, keys);
                    break;
                case (_, null):
                    WriteSessions(json, keys);
                    break;
                default:
                    Write(json, keys[0]);
                    break;
            }
        }).ConfigureAwait(false);
    }

    private static void WriteRooms(Utf8JsonWriter json, List<BackedUpSession> keys)
    {
        json.WriteStartObject();
        json.WriteStartObject("rooms"u8);
        foreach (var room in keys.GroupBy(k => k.RoomId))
        {
            json.WritePropertyName(room.Key);
            WriteSessions(json, room);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteSessions(Utf8JsonWriter json, IEnumerable<BackedUpSession> keys)
    {
        json.WriteStartObject();
        json.WriteStartObject("sessions"u8);
        foreach (var key in keys)
        {
            json.WritePropertyName(key.SessionId);
            Write(json, key);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, BackedUpSession key)
    {
        json.WriteStartObject();
        json.WriteNumber("first_message_index"u8, key.FirstMessageIndex);
        json.WriteNumber("forwarded_count"u8, key.ForwardedCount);
        json.WriteBoolean("is_verified"u8, key.IsVerified);
        json.WritePropertyName("session_data"u8);
        json.WriteRawValue(key.Data, skipInputValidation: true);
        json.WriteEndObject();
    }
}

/// <summary>DELETE /_matrix/client/v3/room_keys/keys, .../{roomId} and .../{sessionId}. Client-server API, "Server-side key backups".</summary>
internal sealed class DeleteBackupKeys(BackupStore store) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request) => await BackupJson.ReplyCountsAsync(
        request,
        await store.DeleteAsync(request.Requester.User, BackupJson.Version(request), BackupPaths.Part(request)).ConfigureAwait(false)).ConfigureAwait(false);
}

/// <summary>The three levels of the keys' paths.</summary>
internal static class BackupPaths
{
    private const string Keys = "/_matrix/client/v3/room_keys/keys";

    public static string[] All(string method) => [$"{method} {Keys}", $"{method} {Keys}/{{roomId}}", $"{method} {Keys}/{{roomId}}/{{sessionId}}"];

    public static BackupPart Part(MatrixRequest request) => new(
        request.Path("roomId") is { Length: > 0 } room ? room : null, request.Path("sessionId") is { Length: > 0 } session ? session : null);
}
