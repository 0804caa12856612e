using System.Text.Json;
using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Encryption;

/// <summary>
/// POST /_matrix/client/v3/keys/signatures/upload: a person signs own devices (by the self-signing key), the own master
/// key (by a device), or somebody's master key (by the user-signing key). Each is verified; one that is not sound is a
/// failure of that key alone and is never stored. Client-server API, "Cross-signing".
/// </summary>
internal sealed class UploadSignatures(Database database, LogWriter log, RoomMates mates) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        var requester = request.Requester;
        var failures = new List<(string User, string Key, Refusal Reason)>();
        var sound = new List<SignedTarget>();
        SignerKeys signer;
        await using (var session = await database.ReadAsync().ConfigureAwait(false))
        {
            signer = await SignerKeys.ReadAsync(session, requester.User.Value).ConfigureAwait(false);
            foreach (var person in body.Root.EnumerateObject())
            {
                foreach (var key in Objects(person))
                {
                    try
                    {
                        sound.Add(await CheckAsync(session, signer, person.Name, key.Name, key.Value).ConfigureAwait(false));
                    }
                    catch (Refusal refusal)
                    {
                        failures.Add((person.Name, key.Name, refusal));
                    }
                }
            }
        }

        if (sound.Count > 0)
        {
            var unit = new EncryptionUnit((unit, session) => StoreAsync(unit, session, requester, sound));
            await log.AppendAsync(unit).ConfigureAwait(false);
            await mates.WakeAsync(unit.Changed).ConfigureAwait(false);
        }

        await request.ReplyAsync(json => WriteFailures(json, failures)).ConfigureAwait(false);
    }

    private static async ValueTask<SignedTarget> CheckAsync(DbSession session, SignerKeys signer, string user, string target, JsonElement json)
    {
        var key = SignedKey.Parse(json, target);
        var (stored, allowed) = await FindTargetAsync(session, signer, user, target).ConfigureAwait(false);
        if (stored is null)
        {
            throw Refusal.NotFound("There is no such key that you may sign.");
        }

        if (!stored.AsSpan().SequenceEqual(key.Json))
        {
            throw UploadedKeys.InvalidSignature("The object is not the key as it was uploaded.");
        }

        var mine = key.Signatures.Where(s => s.Signer == signer.User).ToList();
        return mine.Count > 0 && mine.TrueForAll(s => allowed.TryGetValue(s.KeyId, out var by) && key.IsSignedBy(signer.User, s.KeyId, by))
            ? new SignedTarget(user, target, stored, mine)
            : throw UploadedKeys.InvalidSignature("A signature is missing, not sound, or not by a key that may sign this.");
    }

    /// <summary>The key as stored, and the signer's keys that may sign it, by their ids.</summary>
    private static async ValueTask<(byte[]? Json, Dictionary<string, string> Allowed)> FindTargetAsync(
        DbSession session, SignerKeys signer, string user, string target)
    {
        var allowed = new Dictionary<string, string>(StringComparer.Ordinal);
        if (user != signer.User)
        {
            var theirs = await CrossSigningStore.ListAsync(session, user).ConfigureAwait(false);
            signer.Allow(allowed, CrossSigningUsage.UserSigning);
            return (theirs.Find(k => k.Usage == CrossSigningUsage.Master && k.PublicKey == target)?.Json, allowed);
        }

        if (signer.Find(CrossSigningUsage.Master) is { } master && master.PublicKey == target)
        {
            foreach (var (deviceId, _) in signer.Devices)
            {
                signer.AllowDevice(allowed, deviceId);
            }

            return (master.Json, allowed);
        }

        // The device's own signature may come along: clients send back what they were shown.
        signer.Allow(allowed, CrossSigningUsage.SelfSigning);
        signer.AllowDevice(allowed, target);
        return (signer.Devices.GetValueOrDefault(target), allowed);
    }

    private static async ValueTask StoreAsync(EncryptionUnit unit, DbSession session, Requester requester, List<SignedTarget> sound)
    {
        await SessionStore.CheckDeviceAsync(session, requester).ConfigureAwait(false);
        var own = requester.User.Value;
        foreach (var item in sound)
        {
            var crossSigning = await CrossSigningStore.ListAsync(session, item.User).ConfigureAwait(false);
            var now = crossSigning.Find(k => k.PublicKey == item.Target)?.Json
                ?? await DeviceKeyStore.FindAsync(session, item.User, item.Target).ConfigureAwait(false);
            if (now is null || !now.AsSpan().SequenceEqual(item.Json))
            {
                continue; // Replaced since it was checked: the client will sign the new one.
            }

            foreach (var signature in item.Signatures)
            {
                if (await DeviceKeyStore.AddSignatureAsync(session, item.User, item.Target, signature).ConfigureAwait(false))
                {
                    await unit.NoteChangeAsync(session, item.User, item.User == own ? null : own).ConfigureAwait(false);
                }
            }
        }
    }

    private static JsonElement.ObjectEnumerator Objects(JsonProperty person) => person.Value.ValueKind == JsonValueKind.Object
        ? person.Value.EnumerateObject()
        : throw Refusal.BadJson("The body must map user ids to key ids to signed objects.");

    private static void WriteFailures(Utf8JsonWriter json, List<(string User, string Key, Refusal Reason)> failures)
    {
        json.WriteStartObject();
        json.WriteStartObject("failures"u8);
        foreach (var person in failures.GroupBy(f => f.User))
        {
            json.WriteStartObject(person.Key);
            foreach (var (_, key, reason) in person)
            {
                json.WriteStartObject(key);
                json.WriteString("errcode"u8, reason.Code);
                json.WriteString("error"u8, reason.Message);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private sealed record SignedTarget(string User, string Target, byte[] Json, List<KeySignature> Signatures);
}
