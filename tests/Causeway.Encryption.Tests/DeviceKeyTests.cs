using System.Text.Json.Nodes;
using Causeway.TestKit;

namespace Causeway.Encryption.Tests;

public sealed class DeviceKeyTests
{
    [DatabaseTheory]
    public async Task Keys_are_shown_to_others_as_they_were_uploaded_with_the_devices_name(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        (await bob.RequestAsync("PUT", $"devices/{bob.Id}", new { display_name = "Bob's phone" })).Ok();

        var answer = (await alice.QueryAsync(bob.User, "@nobody:localhost", "@far:elsewhere.example")).Ok();

        var shown = answer["device_keys"].GetProperty(bob.User).GetProperty(bob.Id);
        var sent = bob.DeviceKeys();
        Assert.True(JsonNode.DeepEquals(sent["keys"], JsonNode.Parse(shown.GetProperty("keys").GetRawText())));
        Assert.Equal("Bob's phone", shown.GetProperty("unsigned").GetProperty("device_display_name").GetString());
        Assert.True(shown.GetProperty("signatures").GetProperty(bob.User).TryGetProperty($"ed25519:{bob.Id}", out _));
        Assert.False(answer["device_keys"].TryGetProperty("@nobody:localhost", out _));
        Assert.True(answer["failures"].TryGetProperty("elsewhere.example", out _));
    }

    [DatabaseTheory]
    public async Task Null_device_keys_are_accepted(string database)
    {
        var alice = await (await TestServer.SharedAsync(database)).RegisterAsync("alice");

        var answer = (await alice.Client.RequestRawAsync(
            "POST", "/_matrix/client/v3/keys/upload", """{"device_keys":null,"one_time_keys":null,"fallback_keys":null}""")).Ok();

        Assert.Equal(0, answer["one_time_key_counts"].GetProperty("signed_curve25519").GetInt32());
    }

    [DatabaseTheory]
    [InlineData("user_id", "\"@mallory:localhost\"")]
    [InlineData("user_id", "5")]
    [InlineData("device_id", "\"OTHER\"")]
    [InlineData("algorithms", "\"m.olm\"")]
    [InlineData("algorithms", "[1]")]
    [InlineData("algorithms", null)]
    [InlineData("keys", "[]")]
    [InlineData("keys", "{\"ed25519:X\":1}")]
    [InlineData("keys", "{}")]
    [InlineData("signatures", "{\"@a:b\":\"text\"}")]
    [InlineData("signatures", "{\"@a:b\":{\"ed25519:X\":null}}")]
    [InlineData("signatures", "{}")]
    [InlineData("extra", "1.5")]
    public async Task Malformed_device_keys_are_refused_and_nothing_is_stored(string database, string member, string? value)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = new TestDevice(await new MatrixClient(server.Address).RegisterAsync($"mal{Guid.NewGuid():N}"));
        var keys = alice.DeviceKeys();
        keys[member] = value is null ? null : JsonNode.Parse(value);
        if (member != "signatures" && value is not null && member != "extra")
        {
            alice.Sign(keys);
        }

        var answer = await alice.UploadAsync(new() { ["device_keys"] = keys, ["one_time_keys"] = alice.OneTimeKeys(1, 1) });

        Assert.Equal(400, answer.Status);
        Assert.Contains(answer.ErrorCode, new[] { "M_BAD_JSON", "M_INVALID_PARAM", "M_MISSING_PARAM", "M_INVALID_SIGNATURE" });
        Assert.False((await alice.QueryAsync(alice.User)).Ok()["device_keys"].GetProperty(alice.User).TryGetProperty(alice.Id, out _));
        Assert.Equal(0, (await alice.SyncAsync()).KeyCount());
    }

    [DatabaseTheory]
    public async Task Forged_signatures_are_refused_and_nothing_is_stored(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, mallory) = (await server.RegisterAsync("alice"), await server.RegisterAsync("mallory"));
        var forged = alice.OneTimeKeys(1, 1);
        forged["signed_curve25519:K00001"]!["key"] = mallory.PublicKey;
        var keys = alice.DeviceKeys();
        keys["algorithms"] = new JsonArray("m.changed");

        (await alice.UploadAsync(new() { ["one_time_keys"] = forged })).Refused(400, "M_INVALID_SIGNATURE");
        (await alice.UploadAsync(new() { ["fallback_keys"] = forged.DeepClone() })).Refused(400, "M_INVALID_SIGNATURE");
        (await alice.UploadAsync(new() { ["device_keys"] = keys })).Refused(400, "M_INVALID_SIGNATURE");
        (await mallory.UploadAsync(new() { ["device_keys"] = alice.DeviceKeys() })).Refused(400, "M_INVALID_PARAM");
        Assert.Equal(0, (await alice.SyncAsync()).KeyCount());
    }

    [DatabaseTheory]
    public async Task A_device_that_ended_takes_its_keys_with_it(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var phone = await server.LoginAsync(bob);
        (await phone.UploadAsync(new() { ["one_time_keys"] = phone.OneTimeKeys(1, 5), ["fallback_keys"] = phone.OneTimeKeys(9, 1, fallback: true) })).Ok();
        await alice.SendAsync(phone.User, phone.Id, new { n = 1 });

        await phone.Client.LogoutAsync();

        var shown = (await alice.QueryAsync(bob.User)).Ok()["device_keys"].GetProperty(bob.User);
        Assert.Equal([bob.Id], shown.EnumerateObject().Select(d => d.Name));
        Assert.Null(await alice.ClaimOneAsync(phone));
        var again = new TestDevice(await new MatrixClient(server.Address).LoginAsync(bob.User, deviceId: phone.Id));
        var sync = await again.SyncAsync();
        Assert.Empty(sync.ToDevice());
        Assert.Equal(0, sync.KeyCount());
    }
}
