using System.Text.Json;
using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Matrix;
using Causeway.Storage;

namespace Causeway.Encryption;

/// <summary>POST /_matrix/client/v3/keys/query: people's device and cross-signing keys. Client-server API, "Tracking the device list for a user".</summary>
internal sealed class KeyQuery(Database database, AccountStore accounts, SessionStore sessions, IOrganisationResolver organisations) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        var (wanted, failures) = KeyTargets.Parse(
            body.Root.FindObject("device_keys") ?? throw Refusal.MissingParam("device_keys"), organisations, (_, list) => Devices(list));
        var found = new List<PersonsKeys>(wanted.Count);
        foreach (var (user, devices) in wanted)
        {
            if (await LoadAsync(user, request.Requester.User, devices).ConfigureAwait(false) is { } keys)
            {
                found.Add(keys);
            }
        }

        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            KeyTargets.WriteFailures(json, failures);
            json.WriteStartObject("device_keys"u8);
            found.ForEach(k => k.WriteDevices(json));
            json.WriteEndObject();
            foreach (var usage in CrossSigningUsage.All.Where(u => found.Exists(k => k.Has(u))))
            {
                json.WriteStartObject(usage + "_keys");
                found.ForEach(k => k.WriteCrossSigning(json, usage));
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private async ValueTask<PersonsKeys?> LoadAsync(UserId user, UserId viewer, HashSet<string>? wanted)
    {
        PersonsKeys keys;
        await using (var session = await database.ReadAsync().ConfigureAwait(false))
        {
            var devices = await DeviceKeyStore.ListAsync(session, user.Value).ConfigureAwait(false);
            var crossSigning = await CrossSigningStore.ListAsync(session, user.Value).ConfigureAwait(false);
            keys = new PersonsKeys(user.Value)
            {
                Devices = wanted is null ? devices : devices.FindAll(d => wanted.Contains(d.DeviceId)),
                CrossSigning = user == viewer ? crossSigning : crossSigning.FindAll(k => k.Usage != CrossSigningUsage.UserSigning),
                Signatures = await DeviceKeyStore.ListSignaturesAsync(session, user.Value, viewer.Value).ConfigureAwait(false),
            };
        }

        if (keys.Devices.Count > 0)
        {
            keys.Names = (await sessions.ListAsync(user).ConfigureAwait(false))
                .Where(d => d.DisplayName is not null).ToDictionary(d => d.DeviceId, d => d.DisplayName!, StringComparer.Ordinal);
        }
        else if (keys.CrossSigning.Count == 0 && await accounts.FindAsync(user).ConfigureAwait(false) is null)
        {
            return null;
        }

        return keys;
    }

    private static HashSet<string>? Devices(JsonElement list)
    {
        if (list.ValueKind != JsonValueKind.Array || list.EnumerateArray().Any(d => d.ValueKind != JsonValueKind.String))
        {
            throw Refusal.BadJson("'device_keys' must map user ids to lists of device ids.");
        }

        return list.GetArrayLength() == 0 ? null : [.. list.EnumerateArray().Select(d => d.GetString()!)];
    }
}
