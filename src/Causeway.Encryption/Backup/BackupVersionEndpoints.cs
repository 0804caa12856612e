using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Causeway.Hosting;

namespace Causeway.Encryption;

/// <summary>POST /_matrix/client/v3/room_keys/version: a new, empty backup, from now on the current one. Client-server API, "Server-side key backups".</summary>
internal sealed class CreateBackup(BackupStore store) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        var version = await store.CreateAsync(
            request.Requester.User, body.Root.GetString("algorithm"), BackupJson.AuthData(body.Root)).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("version"u8, BackupJson.Text(version));
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}

/// <summary>GET /_matrix/client/v3/room_keys/version and .../version/{version}: what a backup is. Client-server API, "Server-side key backups".</summary>
internal sealed class GetBackup(BackupStore store) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        long? version = request.Path("version") is { Length: > 0 } text ? BackupJson.Version(text) : null;
        var found = await store.FindAsync(request.Requester.User, version).ConfigureAwait(false) is { IsDeleted: false } backup
            ? backup : throw BackupStore.Unknown();
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("algorithm"u8, found.Algorithm);
            json.WritePropertyName("auth_data"u8);
            json.WriteRawValue(found.AuthData, skipInputValidation: true);
            BackupJson.WriteCounts(json, found);
            json.WriteString("version"u8, BackupJson.Text(found.Version));
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}

/// <summary>PUT /_matrix/client/v3/room_keys/version/{version}: other auth data (more signatures). Client-server API, "Server-side key backups".</summary>
internal sealed class SetBackup(BackupStore store) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        var text = request.Path("version");
        var algorithm = body.Root.GetString("algorithm");
        var authData = BackupJson.AuthData(body.Root);
        if (body.Root.FindString("version") is { } inBody && inBody != text)
        {
            throw Refusal.InvalidParam("'version' is not the one in the path.");
        }

        var found = await store.FindAsync(request.Requester.User, BackupJson.Version(text)).ConfigureAwait(false) is { IsDeleted: false } backup
            ? backup : throw BackupStore.Unknown();
        if (found.Algorithm != algorithm)
        {
            throw Refusal.InvalidParam("The algorithm of a backup cannot change.");
        }

        await store.SetAuthDataAsync(request.Requester.User, found.Version, authData).ConfigureAwait(false);
        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}

/// <summary>DELETE /_matrix/client/v3/room_keys/version/{version}: ends a backup; again is fine. Client-server API, "Server-side key backups".</summary>
internal sealed class DeleteBackup(BackupStore store) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var version = BackupJson.Version(request.Path("version"));
        if (await store.FindAsync(request.Requester.User, version).ConfigureAwait(false) is not { } found)
        {
            throw BackupStore.Unknown();
        }

        if (!found.IsDeleted)
        {
            await store.DeleteAsync(request.Requester.User, version).ConfigureAwait(false);
        }

        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}

/// <summary>What the backup endpoints read and write.</summary>
internal static class BackupJson
{
    public static byte[] AuthData(JsonElement body) => JsonMarshal.GetRawUtf8Value(
        body.FindObject("auth_data") ?? throw Refusal.MissingParam("auth_data")).ToArray();

    public static long Version(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : throw BackupStore.Unknown();

    /// <summary>The query's version, which all calls about keys must name.</summary>
    public static long Version(MatrixRequest request) => Version(request.Query("version") ?? throw Refusal.MissingParam("version"));

    public static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    public static void WriteCounts(Utf8JsonWriter json, BackupVersion version)
    {
        json.WriteNumber("count"u8, version.Sessions);
        json.WriteString("etag"u8, Text(version.Etag));
    }

    public static Task ReplyCountsAsync(MatrixRequest request, BackupVersion version) => request.ReplyAsync(json =>
    {
        json.WriteStartObject();
        WriteCounts(json, version);
        json.WriteEndObject();
    });
}
