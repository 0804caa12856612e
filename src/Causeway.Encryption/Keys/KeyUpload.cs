using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Encryption;

/// <summary>
/// POST /_matrix/client/v3/keys/upload: a device publishes its identity keys, one-time keys and fallback keys.
/// Client-server API, "Uploading keys".
/// </summary>
internal sealed class KeyUpload(DeviceKeyStore deviceKeys, OneTimeKeyStore oneTimeKeys, OneTimeKeyCounts counts, LogWriter log, RoomMates mates) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var requester = request.Requester;
        using var body = await request.ReadJsonAsync(emptyIsObject: true).ConfigureAwait(false);
        var upload = UploadedKeys.Parse(body.Root, requester.User, requester.DeviceId);
        if (!upload.IsEmpty)
        {
            await CheckAsync(upload, requester).ConfigureAwait(false);
            var unit = new EncryptionUnit((unit, session) => StoreAsync(unit, session, upload, requester))
            {
                Committed = () => counts.Forget(requester.User.Value, requester.DeviceId),
            };
            await log.AppendAsync(unit).ConfigureAwait(false);
            await mates.WakeAsync(unit.Changed).ConfigureAwait(false);
        }

        var left = await counts.GetAsync(requester.User.Value, requester.DeviceId).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("one_time_key_counts"u8);
            left.WriteCounts(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    /// <summary>Signatures are verified here, on the request's own thread; the writer must not wait for that.</summary>
    private async ValueTask CheckAsync(UploadedKeys upload, Requester requester)
    {
        var keys = upload.Device?.Keys ?? await deviceKeys.FindKeysAsync(requester.User.Value, requester.DeviceId).ConfigureAwait(false);
        if (keys?.GetValueOrDefault($"ed25519:{requester.DeviceId}") is { } signing)
        {
            upload.CheckSignatures(requester.User, requester.DeviceId, signing);
        }
    }

    private async ValueTask StoreAsync(EncryptionUnit unit, DbSession session, UploadedKeys upload, Requester requester)
    {
        await SessionStore.CheckDeviceAsync(session, requester).ConfigureAwait(false);
        var user = requester.User.Value;
        if (upload.Device is { } device)
        {
            await deviceKeys.SetAsync(unit, session, user, requester.DeviceId, device).ConfigureAwait(false);
        }

        await oneTimeKeys.AddAsync(session, user, requester.DeviceId, upload.OneTime, unit.Position).ConfigureAwait(false);
        await oneTimeKeys.SetFallbackAsync(session, user, requester.DeviceId, upload.Fallback).ConfigureAwait(false);
    }
}
