using System.Text.Json;
using Causeway.Hosting;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Encryption;

/// <summary>POST /_matrix/client/v3/keys/claim: a one-time key of each device named, handed out once. Client-server API, "One-time and fallback keys".</summary>
internal sealed class KeyClaim(OneTimeKeyStore store, OneTimeKeyCounts counts, LogWriter log, IOrganisationResolver organisations) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        var (wanted, failures) = KeyTargets.Parse(
            body.Root.FindObject("one_time_keys") ?? throw Refusal.MissingParam("one_time_keys"), organisations, (_, devices) => Devices(devices));
        var claimed = new List<(string User, List<Claimed> Keys)>();
        var unit = new EncryptionUnit(async (unit, session) =>
        {
            claimed.Clear();
            foreach (var (user, devices) in wanted)
            {
                claimed.Add((user.Value, await ClaimAsync(session, user.Value, devices, unit.Position).ConfigureAwait(false)));
            }
        })
        {
            Committed = () => claimed.ForEach(c => c.Keys.ForEach(k => counts.Forget(c.User, k.DeviceId))),
        };
        await log.AppendAsync(unit).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            KeyTargets.WriteFailures(json, failures);
            json.WriteStartObject("one_time_keys"u8);
            foreach (var (user, keys) in claimed.Where(c => c.Keys.Count > 0))
            {
                json.WriteStartObject(user);
                keys.ForEach(k => k.WriteTo(json));
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private async ValueTask<List<Claimed>> ClaimAsync(DbSession session, string user, List<(string DeviceId, string Algorithm)> devices, long position)
    {
        var keys = new List<Claimed>(devices.Count);
        foreach (var (device, algorithm) in devices)
        {
            if (await store.ClaimAsync(session, user, device, algorithm, position).ConfigureAwait(false) is var (id, json))
            {
                keys.Add(new Claimed(device, $"{algorithm}:{id}", json));
            }
        }

        return keys;
    }

    private static List<(string DeviceId, string Algorithm)> Devices(JsonElement devices) =>
        devices.ValueKind == JsonValueKind.Object && devices.EnumerateObject().All(d => d.Value.ValueKind == JsonValueKind.String)
            ? [.. devices.EnumerateObject().Select(d => (d.Name, d.Value.GetString()!))]
            : throw Refusal.BadJson("'one_time_keys' must map user ids to device ids to algorithms.");

    private sealed record Claimed(string DeviceId, string Name, byte[] Json)
    {
        public void WriteTo(Utf8JsonWriter json)
        {
            json.WriteStartObject(DeviceId);
            json.WritePropertyName(Name);
            json.WriteRawValue(Json, skipInputValidation: true);
            json.WriteEndObject();
        }
    }
}
