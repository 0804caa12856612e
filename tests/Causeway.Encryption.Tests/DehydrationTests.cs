using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Causeway.Matrix;
using Causeway.TestKit;

namespace Causeway.Encryption.Tests;

/// <summary>MSC3814.</summary>
public sealed class DehydrationTests
{
    private const string Path = "/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device";

    [DatabaseTheory]
    public async Task It_receives_while_nobody_is_signed_in_and_reading_deletes_nothing(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var signer = await CrossSignAsync(alice);
        (await alice.Client.RequestAsync("GET", Path)).Refused(404, "M_NOT_FOUND");
        var (id, body) = Dehydrated(alice.User, signer);
        Assert.Equal(id, (await PutAsync(alice, body)).Ok().Text("device_id"));
        Assert.Equal(id, (await PutAsync(alice, body)).Ok().Text("device_id"));
        var found = (await alice.Client.RequestAsync("GET", Path)).Ok();
        Assert.Equal("secret", found["device_data"].GetProperty("box").GetString());

        var keys = (await bob.QueryAsync(alice.User)).Ok()["device_keys"].GetProperty(alice.User).GetProperty(id);
        Assert.True(keys.GetProperty("dehydrated").GetBoolean());
        Assert.True(keys.GetProperty("signatures").GetProperty(alice.User).TryGetProperty($"ed25519:{signer.SelfSigning.Public}", out _));
        var claimed = (await bob.Client.RequestAsync("POST", "/_matrix/client/v3/keys/claim", new
        {
            one_time_keys = new Dictionary<string, object> { [alice.User] = new Dictionary<string, string> { [id] = "signed_curve25519" } },
        })).Ok();
        Assert.Contains("fallback", claimed["one_time_keys"].GetProperty(alice.User).GetProperty(id).ToString());

        for (var n = 0; n < 120; n++)
        {
            await bob.SendAsync(alice.User, id, new { n });
        }

        await server.RestartAsync(alice, bob);
        var phone = await server.LoginAsync(alice);
        for (var times = 0; times < 2; times++)
        {
            var events = $"{Path}/{Uri.EscapeDataString(id)}/events";
            var first = (await phone.Client.RequestAsync("GET", events)).Ok();
            var second = (await phone.Client.RequestAsync("GET", $"{events}?from={first.Text("next_batch")}")).Ok();
            Assert.Null(second.Find("next_batch"));
            Assert.Equal(
                Enumerable.Range(0, 120),
                first["events"].EnumerateArray().Concat(second["events"].EnumerateArray()).Select(e => e.GetProperty("content").GetProperty("n").GetInt32()));
            Assert.Equal(
                second["events"].ToString(),
                (await phone.Client.RequestAsync("POST", events, new { next_batch = first.Text("next_batch") })).Ok()["events"].ToString());
            (await phone.Client.RequestAsync("GET", events + "?from=x")).Refused(400, "M_INVALID_PARAM");
            (await bob.Client.RequestAsync("GET", events)).Refused(403, "M_FORBIDDEN");
        }

        // A new one takes the place of the old one, keys and messages and all.
        var (next, another) = Dehydrated(alice.User, signer);
        (await PutAsync(phone, another)).Ok();
        Assert.Equal(next, Assert.Single(Devices(await bob.QueryAsync(alice.User)).ToList()));
        (await phone.Client.RequestAsync("GET", $"{Path}/{Uri.EscapeDataString(id)}/events")).Refused(403, "M_FORBIDDEN");
        Assert.Equal(next, (await phone.Client.RequestAsync("DELETE", Path)).Ok().Text("device_id"));
        (await phone.Client.RequestAsync("DELETE", Path)).Refused(404, "M_NOT_FOUND");
        Assert.Empty(Devices(await bob.QueryAsync(alice.User)));
    }

    [DatabaseTheory]
    public async Task One_that_is_not_whole_or_not_ones_own_is_refused_and_nothing_is_stored(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, mallory) = (await server.RegisterAsync("alice"), await server.RegisterAsync("mallory"));
        var foreign = new CrossSigner(alice);
        (await PutAsync(alice, Dehydrated(alice.User, foreign).Body)).Refused(400, "M_INVALID_SIGNATURE");
        var signer = await CrossSignAsync(alice);
        (await PutAsync(alice, Dehydrated(alice.User, foreign).Body)).Refused(400, "M_INVALID_SIGNATURE");
        (await PutAsync(mallory, Dehydrated(alice.User, signer).Body)).Refused(400, "M_INVALID_PARAM");
        foreach (var member in new[] { "device_id", "device_data", "device_keys", "fallback_keys" })
        {
            var (_, body) = Dehydrated(alice.User, signer);
            body.Remove(member);
            (await PutAsync(alice, body)).Refused(400, "M_MISSING_PARAM");
        }

        var forged = Dehydrated(alice.User, signer).Body;
        forged["fallback_keys"]!.AsObject().First().Value!["key"] = UnpaddedBase64.Encode(new byte[32]);
        (await PutAsync(alice, forged)).Refused(400, "M_INVALID_SIGNATURE");
        (await alice.Client.RequestAsync("GET", Path)).Refused(404, "M_NOT_FOUND");
    }

    [DatabaseTheory]
    public async Task It_ends_with_all_sessions(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        (await PutAsync(alice, Dehydrated(alice.User, await CrossSignAsync(alice)).Body)).Ok();
        (await alice.Client.RequestAsync("POST", "/_matrix/client/v3/logout/all", new { })).Ok();
        (await (await server.LoginAsync(alice)).Client.RequestAsync("GET", Path)).Refused(404, "M_NOT_FOUND");
    }

    private static async Task<CrossSigner> CrossSignAsync(TestDevice device)
    {
        var signer = new CrossSigner(device);
        (await device.RequestAsync("POST", "keys/device_signing/upload", signer.Upload())).Ok();
        return signer;
    }

    private static Task<MatrixAnswer> PutAsync(TestDevice device, JsonObject body) =>
        device.Client.RequestRawAsync("PUT", Path, body.ToJsonString());

    /// <summary>Ids of dehydrated devices are keys, longer than those of logins.</summary>
    private static IEnumerable<string> Devices(MatrixAnswer query) =>
        query.Ok()["device_keys"].EnumerateObject().SelectMany(u => u.Value.EnumerateObject()).Select(d => d.Name).Where(id => id.Length == 43);

    private static (string Id, JsonObject Body) Dehydrated(string user, CrossSigner signer)
    {
        var id = UnpaddedBase64.Encode(RandomNumberGenerator.GetBytes(32));
        var key = SigningKey.FromSeed("ed25519:x", RandomNumberGenerator.GetBytes(32));
        JsonObject Sign(JsonObject json) => TestDevice.SignAs(json, user, $"ed25519:{id}", key);
        return (id, new JsonObject
        {
            ["device_id"] = id,
            ["device_data"] = new JsonObject { ["algorithm"] = "m.dehydration.v2", ["box"] = "secret" },
            ["initial_device_display_name"] = "Asleep",
            ["device_keys"] = signer.SelfSigning.Sign(Sign(new JsonObject
            {
                ["user_id"] = user,
                ["device_id"] = id,
                ["dehydrated"] = true,
                ["algorithms"] = new JsonArray("m.olm.v1.curve25519-aes-sha2"),
                ["keys"] = new JsonObject { [$"ed25519:{id}"] = UnpaddedBase64.Encode(key.PublicKey), [$"curve25519:{id}"] = id },
            })),
            ["fallback_keys"] = new JsonObject
            {
                ["signed_curve25519:F"] = Sign(new JsonObject { ["key"] = UnpaddedBase64.Encode(SHA256.HashData(Encoding.UTF8.GetBytes(id))), ["fallback"] = true }),
            },
        });
    }
}
