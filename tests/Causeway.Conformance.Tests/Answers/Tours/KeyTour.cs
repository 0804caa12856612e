using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Causeway.Encryption.Tests;
using Causeway.Matrix;

namespace Causeway.Conformance.Tests.Answers.Tours;

/// <summary>End-to-end encryption: keys of devices, cross-signing, messages to devices, backups.</summary>
internal static class KeyTour
{
    public static async Task KeysAsync(Tour t)
    {
        var since = (await t.Alice.SyncAsync()).NextBatch;
        var device = new TestDevice(t.Bob);
        await t.RawAsync(t.Bob, "POST v3/keys/upload", "200", new JsonObject { ["device_keys"] = device.DeviceKeys(), ["one_time_keys"] = device.OneTimeKeys(0, 5), ["fallback_keys"] = device.OneTimeKeys(9, 1, fallback: true) }.ToJsonString());
        await t.RawAsync(t.Bob, "POST v3/keys/upload", "400", """{"device_keys":{"user_id":"@x:y"}}""");
        await t.GoAsync(t.Alice, "POST v3/keys/query", "200", new { device_keys = new Dictionary<string, string[]> { [t.Bob.UserId] = [] } });
        await t.GoAsync(t.Alice, "POST v3/keys/query", "400", new { device_keys = 5 });
        await t.GoAsync(t.Alice, "POST v3/keys/claim", "200", new { one_time_keys = new Dictionary<string, object> { [t.Bob.UserId] = new Dictionary<string, string> { [t.Bob.DeviceId] = "signed_curve25519" } } });
        await t.GoAsync(t.Alice, "POST v3/keys/claim", "400", new { one_time_keys = 5 });
        var until = (await t.Alice.SyncAsync(since)).NextBatch;
        await t.GoAsync(t.Alice, $"GET v3/keys/changes?from={since}&to={until}", "200");
        await t.GoAsync(t.Alice, "GET v3/keys/changes?from=nonsense&to=nonsense", "400");
        await t.GoAsync(t.Alice, "PUT v3/sendToDevice/org.example.tour/1", "200", new { messages = new Dictionary<string, object> { [t.Bob.UserId] = new Dictionary<string, object> { ["*"] = new { a = 1 } } } });
        await t.GoAsync(t.Bob, "GET v3/sync", "200");
        await t.GoAsync(t.Alice, "PUT v3/sendToDevice/org.example.tour/2", "400", new { messages = 5 });

        var (master, own) = (new Key(), new Key());
        JsonObject Json(string usage, Key key) => new() { ["user_id"] = t.Bob.UserId, ["usage"] = new JsonArray(usage), ["keys"] = new JsonObject { [$"ed25519:{key.Public}"] = key.Public } };
        JsonObject Upload(Key signer) => new() { ["master_key"] = Json("master", master), ["self_signing_key"] = signer.Sign(Json("self_signing", own), t.Bob.UserId) };
        await t.RawAsync(t.Bob, "POST v3/keys/device_signing/upload", "400 M_INVALID_SIGNATURE", Upload(own).ToJsonString());
        var alone = Upload(master);
        alone.Remove("master_key");
        await t.RawAsync(t.Bob, "POST v3/keys/device_signing/upload", "400 M_MISSING_PARAM", alone.ToJsonString());
        await t.RawAsync(t.Bob, "POST v3/keys/device_signing/upload", "200", Upload(master).ToJsonString());
        master = new Key();
        await t.RawAsync(t.Bob, "POST v3/keys/device_signing/upload", "401", Upload(master).ToJsonString());
        await t.RawAsync(t.Bob, "POST v3/keys/signatures/upload", "200", new JsonObject
        {
            [t.Bob.UserId] = new JsonObject { [t.Bob.DeviceId] = own.Sign(device.DeviceKeys(), t.Bob.UserId), ["NONE"] = device.DeviceKeys() },
        }.ToJsonString());
        await t.RawAsync(t.Bob, "POST v3/keys/signatures/upload", "400", $"{{\"{t.Bob.UserId}\":5}}");
        await t.GoAsync(t.Alice, "POST v3/keys/query", "200", new { device_keys = new Dictionary<string, string[]> { [t.Bob.UserId] = [] } });
    }

    public static async Task BackupAsync(Tour t)
    {
        var nobody = await t.PersonAsync("unsaved");
        var body = new { algorithm = "m.megolm_backup.v1.curve25519-aes-sha2", auth_data = new { public_key = "abc" } };
        await t.GoAsync(nobody, "GET v3/room_keys/version", "404 M_NOT_FOUND");
        var old = (await t.GoAsync(t.Alice, "POST v3/room_keys/version", "200", body)).Text("version");
        var version = (await t.GoAsync(t.Alice, "POST v3/room_keys/version", "200", body)).Text("version");
        await t.GoAsync(t.Alice, "GET v3/room_keys/version", "200");
        await t.GoAsync(t.Alice, $"GET v3/room_keys/version/{version}", "200");
        await t.GoAsync(t.Alice, "GET v3/room_keys/version/99999", "404 M_NOT_FOUND");
        await t.GoAsync(t.Alice, $"PUT v3/room_keys/version/{version}", "200", body);
        await t.GoAsync(t.Alice, $"PUT v3/room_keys/version/{version}", "400 M_INVALID_PARAM", new { algorithm = "org.example.other", body.auth_data });
        await t.GoAsync(t.Alice, "PUT v3/room_keys/version/99999", "404 M_NOT_FOUND", body);

        var key = new { first_message_index = 1, forwarded_count = 0, is_verified = true, session_data = new { ephemeral = "e", ciphertext = "c", mac = "m" } };
        var sessions = new { sessions = new Dictionary<string, object> { ["s2"] = key } };
        var rooms = new { rooms = new Dictionary<string, object> { [t.Room] = sessions } };
        var room = Requests.Escape(t.Room);
        foreach (var (path, what) in new (string, object)[] { ($"/{room}/s1", key), ($"/{room}", sessions), ("", rooms) })
        {
            await t.GoAsync(t.Alice, $"PUT v3/room_keys/keys{path}?version={version}", "200", what);
            var refused = await t.GoAsync(t.Alice, $"PUT v3/room_keys/keys{path}?version={old}", "403 M_WRONG_ROOM_KEYS_VERSION", what);
            if (refused.Find("current_version")?.GetString() != version)
            {
                t.Surprise($"M_WRONG_ROOM_KEYS_VERSION without the current version: {refused}");
            }

            await t.GoAsync(nobody, $"PUT v3/room_keys/keys{path}?version=99999", "404 M_NOT_FOUND", what);
        }

        foreach (var path in new[] { $"/{room}/s1", $"/{room}", "" })
        {
            await t.GoAsync(t.Alice, $"GET v3/room_keys/keys{path}?version={version}", "200");
            await t.GoAsync(t.Alice, $"GET v3/room_keys/keys{path}?version=99999", "404 M_NOT_FOUND");
            await t.GoAsync(t.Alice, $"DELETE v3/room_keys/keys{path}?version={version}", "200");
            await t.GoAsync(t.Alice, $"DELETE v3/room_keys/keys{path}?version=99999", "404 M_NOT_FOUND");
        }

        await t.GoAsync(t.Alice, $"DELETE v3/room_keys/version/{version}", "200");
        await t.GoAsync(t.Alice, "DELETE v3/room_keys/version/99999", "404 M_NOT_FOUND");
    }

    private sealed class Key
    {
        private readonly SigningKey _key = SigningKey.FromSeed("ed25519:x", RandomNumberGenerator.GetBytes(32));

        public string Public => UnpaddedBase64.Encode(_key.PublicKey);

        public JsonObject Sign(JsonObject json, string user) => TestDevice.SignAs(json, user, $"ed25519:{Public}", _key);
    }
}
