using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Matrix;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Encryption;

/// <summary>A device without a login that receives keys while its person has none (MSC3814).</summary>
internal sealed record DehydratedDevice(string DeviceId, byte[] Data);

/// <summary>
/// The one dehydrated device of each person: a row of devices with keys, its private half encrypted by the client. What is
/// sent to it is kept until it ends, whoever has read it.
/// </summary>
internal sealed class DehydratedDevices(
    Database database, LogWriter log, SessionStore sessions, DeviceKeyStore deviceKeys, OneTimeKeyStore oneTimeKeys, RoomMates mates)
{
    /// <summary>How many messages one answer holds.</summary>
    private const int Batch = 100;

    public async ValueTask<DehydratedDevice?> FindAsync(UserId user)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await FindAsync(session, user).ConfigureAwait(false);
    }

    /// <summary>Sets it in place of an earlier one.</summary>
    /// <exception cref="Refusal">M_INVALID_SIGNATURE when it is not cross-signed; M_INVALID_PARAM when a login has this id.</exception>
    public async Task SetAsync(Requester requester, DehydratedDevice device, UploadedKeys upload, string? displayName)
    {
        var user = requester.User;
        var crossSigned = await CheckCrossSignedAsync(user, upload.Device!).ConfigureAwait(false);
        DehydratedDevice? old = null;
        var unit = new EncryptionUnit(async (unit, session) =>
        {
            await SessionStore.CheckDeviceAsync(session, requester).ConfigureAwait(false);
            old = await FindAsync(session, user).ConfigureAwait(false);
            if (old?.DeviceId != device.DeviceId)
            {
                await SessionStore.AddDeviceAsync(session, unit.Position, user, device.DeviceId, displayName).ConfigureAwait(false);
            }

            await session.ExecuteAsync(
                "INSERT INTO dehydrated_devices (user_id, device_id, data) VALUES ($1, $2, $3) "
                + "ON CONFLICT (user_id) DO UPDATE SET device_id = excluded.device_id, data = excluded.data",
                user.Value, device.DeviceId, device.Data).ConfigureAwait(false);
            await deviceKeys.SetAsync(unit, session, user.Value, device.DeviceId, upload.Device!).ConfigureAwait(false);
            await DeviceKeyStore.AddSignatureAsync(session, user.Value, device.DeviceId, crossSigned).ConfigureAwait(false);
            await oneTimeKeys.AddAsync(session, user.Value, device.DeviceId, upload.OneTime, unit.Position).ConfigureAwait(false);
            await oneTimeKeys.SetFallbackAsync(session, user.Value, device.DeviceId, upload.Fallback).ConfigureAwait(false);
        });
        await log.AppendAsync(unit).ConfigureAwait(false);
        await mates.WakeAsync(unit.Changed).ConfigureAwait(false);
        if (old is not null && old.DeviceId != device.DeviceId)
        {
            await sessions.RemoveAsync(user, [old.DeviceId]).ConfigureAwait(false);
        }
    }

    /// <summary>Ends it; its id, or null when there was none.</summary>
    public async Task<string?> RemoveAsync(UserId user)
    {
        if (await FindAsync(user).ConfigureAwait(false) is not { } device)
        {
            return null;
        }

        await sessions.RemoveAsync(user, [device.DeviceId]).ConfigureAwait(false);
        return device.DeviceId;
    }

    /// <summary>Messages after a position, and whether there are more. Nothing is deleted by reading.</summary>
    public async ValueTask<(List<ToDeviceMessage> Messages, bool More)> ReadAsync(UserId user, string deviceId, long after)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        var found = await session.QueryAsync(
            "SELECT t.position, t.sender, t.type, t.content FROM devices d JOIN to_device t ON t.device = d.nid "
            + "WHERE d.user_id = $1 AND d.device_id = $2 AND t.position > $3 ORDER BY t.position LIMIT $4",
            r => new ToDeviceMessage(r.GetInt64(0), r.GetString(1), r.GetString(2), r.GetBytes(3)),
            user.Value, deviceId, after, Batch + 1L).ConfigureAwait(false);
        return found.Count > Batch ? (found[..Batch], true) : (found, false);
    }

    /// <summary>Inside the transaction in which a device ends.</summary>
    public static async ValueTask DropAsync(DbSession session, Device device) => await session.ExecuteAsync(
        "DELETE FROM dehydrated_devices WHERE user_id = $1 AND device_id = $2", device.User.Value, device.DeviceId).ConfigureAwait(false);

    private static ValueTask<DehydratedDevice?> FindAsync(DbSession session, UserId user) => session.FindAsync(
        "SELECT device_id, data FROM dehydrated_devices WHERE user_id = $1",
        r => new DehydratedDevice(r.GetString(0), r.GetBytes(1)), user.Value);

    /// <summary>The signature of the person's self-signing key, verified before the one writer has anything to do with it.</summary>
    private async ValueTask<KeySignature> CheckCrossSignedAsync(UserId user, SignedKey device)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        var keys = await CrossSigningStore.ListAsync(session, user.Value).ConfigureAwait(false);
        var own = keys.Find(k => k.Usage == "self_signing");
        return own is not null && device.IsSignedBy(user.Value, own.KeyId, own.PublicKey)
            ? device.Signatures.First(s => s.Signer == user.Value && s.KeyId == own.KeyId)
            : throw UploadedKeys.InvalidSignature("A dehydrated device must be signed by your self-signing key.");
    }
}
