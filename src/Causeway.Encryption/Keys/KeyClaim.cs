using System.Text.Json;
using Causeway.Hosting;
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
        var wishes = wanted.SelectMany(p => p.Value.Select(d => new KeyWish(p.User.Value, d.DeviceId, d.Algorithm))).ToList();
        List<ClaimedKey> claimed = [];
        await log.AppendAsync(new EncryptionUnit(async (unit, session) =>
            claimed = await store.ClaimAsync(session, wishes, unit.Position).ConfigureAwait(false))
        {
            Committed = () => claimed.ForEach(c => counts.Forget(c.Wish.User, c.Wish.DeviceId)),
        }).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            KeyTargets.WriteFailures(json, failures);
            json.WriteStartObject("one_time_keys"u8);
            foreach (var person in claimed.GroupBy(c => c.Wish.User))
            {
                json.WriteStartObject(person.Key);
                foreach (var key in person)
                {
                    json.WriteStartObject(key.Wish.DeviceId);
                    json.WritePropertyName($"{key.Wish.Algorithm}:{key.KeyId}");
                    json.WriteRawValue(key.Json, skipInputValidation: true);
                    json.WriteEndObject();
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private static List<(string DeviceId, string Algorithm)> Devices(JsonElement devices) =>
        devices.ValueKind == JsonValueKind.Object && devices.EnumerateObject().All(d => d.Value.ValueKind == JsonValueKind.String)
            ? [.. devices.EnumerateObject().Select(d => (d.Name, d.Value.GetString()!))]
            : throw Refusal.BadJson("'one_time_keys' must map user ids to device ids to algorithms.");
}
