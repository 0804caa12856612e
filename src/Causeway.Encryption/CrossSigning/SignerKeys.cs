using Causeway.Storage;

namespace Causeway.Encryption;

/// <summary>All public keys with which a person may sign.</summary>
internal sealed record SignerKeys(string User, Dictionary<string, byte[]> Devices, List<CrossSigningKey> CrossSigning)
{
    public static async ValueTask<SignerKeys> ReadAsync(DbSession session, string user) => new(
        user,
        (await DeviceKeyStore.ListAsync(session, user).ConfigureAwait(false)).ToDictionary(d => d.DeviceId, d => d.Json, StringComparer.Ordinal),
        await CrossSigningStore.ListAsync(session, user).ConfigureAwait(false));

    public CrossSigningKey? Find(string usage) => CrossSigning.Find(k => k.Usage == usage);

    public void Allow(Dictionary<string, string> allowed, string usage)
    {
        if (Find(usage) is { } key)
        {
            allowed[key.KeyId] = key.PublicKey;
        }
    }

    public void AllowDevice(Dictionary<string, string> allowed, string deviceId)
    {
        var id = $"ed25519:{deviceId}";
        if (Devices.TryGetValue(deviceId, out var json) && DeviceKeyStore.Keys(json).TryGetValue(id, out var key))
        {
            allowed[id] = key;
        }
    }
}
