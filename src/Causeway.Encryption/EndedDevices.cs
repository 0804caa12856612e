using Causeway.Accounts;
using Causeway.Storage;

namespace Causeway.Encryption;

/// <summary>When a device ends, so do its keys and what waits for it, in the same transaction; those who knew its keys are told.</summary>
internal sealed class EndedDevices(ToDeviceStore toDevice, OneTimeKeyCounts counts, RoomMates mates)
{
    public void Follow(SessionStore sessions)
    {
        sessions.DeviceEnding += DropAsync;
        sessions.DeviceRemoved += async (user, deviceId) =>
        {
            counts.Forget(user.Value, deviceId);
            await mates.WakeAsync([user.Value]).ConfigureAwait(false);
        };
    }

    private async ValueTask<bool> DropAsync(DbSession session, Device device, long position)
    {
        await toDevice.DropAsync(session, device.Nid).ConfigureAwait(false);
        await DehydratedDevices.DropAsync(session, device).ConfigureAwait(false);
        var hadKeys = await DeviceKeyStore.DropAsync(session, device.User.Value, device.DeviceId).ConfigureAwait(false);
        if (hadKeys)
        {
            await DeviceListLog.WriteAsync(session, device.User.Value, null, position).ConfigureAwait(false);
        }

        return hadKeys;
    }
}
