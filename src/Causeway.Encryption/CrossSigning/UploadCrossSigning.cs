using System.Text.Json;
using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Matrix;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Encryption;

/// <summary>
/// POST /_matrix/client/v3/keys/device_signing/upload: a person publishes cross-signing keys. The first upload, and the
/// same keys again, need no proof of who asks; anything else does. Client-server API, "Cross-signing".
/// </summary>
internal sealed class UploadCrossSigning(Database database, SessionStore sessions, InteractiveAuth auth, LogWriter log, RoomMates mates) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var user = request.Requester.User;
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        var given = CrossSigningUsage.All
            .Select(usage => body.Root.FindObject(usage + "_key") is { } key ? Parse(key, usage, user) : null).OfType<Given>().ToList();
        var stored = await ReadAsync(user).ConfigureAwait(false);
        await CheckAsync(user, given, stored).ConfigureAwait(false);
        var isNew = given.Exists(g => !stored.Exists(s => s.Usage == g.Key.Usage && s.PublicKey == g.Key.PublicKey));
        if (isNew && stored.Exists(s => s.Usage == CrossSigningUsage.Master))
        {
            await auth.CheckPasswordAsync(request, body.Root).ConfigureAwait(false);
        }

        var unit = new EncryptionUnit((unit, session) => StoreAsync(unit, session, request.Requester, given, stored));
        await log.AppendAsync(unit).ConfigureAwait(false);
        await mates.WakeAsync(unit.Changed).ConfigureAwait(false);
        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }

    private static Given Parse(JsonElement json, string usage, UserId user)
    {
        var key = SignedKey.Parse(json, usage + "_key");
        if (json.GetString("user_id") != user.Value)
        {
            throw Refusal.InvalidParam($"'{usage}_key' must name you as its user.");
        }

        if (json.FindStrings("usage") is not { } usages || !usages.Contains(usage))
        {
            throw Refusal.InvalidParam($"'{usage}_key.usage' must hold '{usage}'.");
        }

        return key.Keys.Count == 1 && key.Keys.Single() is var (name, value) && name == $"ed25519:{value}" && SignedKey.IsPublicKey(value)
            ? new Given(new CrossSigningKey(usage, value, key.Json), key)
            : throw Refusal.InvalidParam($"'{usage}_key.keys' must hold one Ed25519 key, named by itself.");
    }

    private async ValueTask<List<CrossSigningKey>> ReadAsync(UserId user)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await CrossSigningStore.ListAsync(session, user.Value).ConfigureAwait(false);
    }

    private async ValueTask CheckAsync(UserId user, List<Given> given, List<CrossSigningKey> stored)
    {
        var master = given.Find(g => g.Key.Usage == CrossSigningUsage.Master)?.Key ?? stored.Find(s => s.Usage == CrossSigningUsage.Master);
        if (given.Count > 0 && master is null)
        {
            throw Refusal.MissingParam("master_key");
        }

        foreach (var g in given.Where(g => g.Key.Usage != CrossSigningUsage.Master))
        {
            if (!g.Signed.IsSignedBy(user.Value, master!.KeyId, master.PublicKey))
            {
                throw UploadedKeys.InvalidSignature($"The master key did not sign the {g.Key.Usage} key.");
            }
        }

        var devices = (await sessions.ListAsync(user).ConfigureAwait(false)).ConvertAll(d => d.DeviceId);
        if (given.Exists(g => devices.Contains(g.Key.PublicKey)))
        {
            throw Refusal.Forbidden("A key has the name of one of your devices.");
        }
    }

    private static async ValueTask StoreAsync(
        EncryptionUnit unit, DbSession session, Requester requester, List<Given> given, List<CrossSigningKey> seen)
    {
        await SessionStore.CheckDeviceAsync(session, requester).ConfigureAwait(false);
        var user = requester.User.Value;
        var stored = await CrossSigningStore.ListAsync(session, user).ConfigureAwait(false);
        if (!stored.Select(s => (s.Usage, s.PublicKey)).ToHashSet().SetEquals(seen.Select(s => (s.Usage, s.PublicKey))))
        {
            // Another device uploaded its own meanwhile: what was checked no longer holds.
            throw Refusal.Forbidden("The keys were changed at the same time by another device.");
        }

        var newMaster = given.Find(g => g.Key.Usage == CrossSigningUsage.Master && !stored.Exists(s => s.PublicKey == g.Key.PublicKey));
        foreach (var old in stored.Where(s => newMaster is not null && !given.Exists(g => g.Key.Usage == s.Usage)))
        {
            await CrossSigningStore.DropAsync(session, user, old).ConfigureAwait(false);
        }

        foreach (var (key, signed) in given)
        {
            var old = stored.Find(s => s.Usage == key.Usage);
            if (old is null || old.PublicKey != key.PublicKey || !old.Json.AsSpan().SequenceEqual(key.Json))
            {
                await CrossSigningStore.SetAsync(session, user, key, old).ConfigureAwait(false);
                await unit.NoteChangeAsync(session, user).ConfigureAwait(false);
            }

            // A master key may bring the signature of the device that made it; others come by keys/signatures/upload.
            foreach (var signature in await SoundAsync(session, requester, key, signed, given, stored).ConfigureAwait(false))
            {
                await DeviceKeyStore.AddSignatureAsync(session, user, key.PublicKey, signature).ConfigureAwait(false);
            }
        }
    }

    private static async ValueTask<IEnumerable<KeySignature>> SoundAsync(
        DbSession session, Requester requester, CrossSigningKey key, SignedKey signed, List<Given> given, List<CrossSigningKey> stored)
    {
        var user = requester.User.Value;
        string signerId;
        string? signer;
        if (key.Usage == CrossSigningUsage.Master)
        {
            signerId = $"ed25519:{requester.DeviceId}";
            var device = await DeviceKeyStore.FindAsync(session, user, requester.DeviceId).ConfigureAwait(false);
            signer = device is null ? null : DeviceKeyStore.Keys(device).GetValueOrDefault(signerId);
        }
        else
        {
            var master = given.Find(g => g.Key.Usage == CrossSigningUsage.Master)?.Key ?? stored.First(s => s.Usage == CrossSigningUsage.Master);
            (signerId, signer) = (master.KeyId, master.PublicKey);
        }

        return signer is not null && signed.IsSignedBy(user, signerId, signer)
            ? signed.Signatures.Where(s => s.Signer == user && s.KeyId == signerId)
            : [];
    }

    private sealed record Given(CrossSigningKey Key, SignedKey Signed);
}
