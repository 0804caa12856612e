using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causeway.Matrix;
using Causeway.TestKit;

namespace Causeway.Encryption.Tests;

/// <summary>A device as a client keeps it: its signing key, and ways to sign and ask.</summary>
public sealed class TestDevice(MatrixClient client)
{
    private const string Api = "/_matrix/client/v3/";
    private readonly SigningKey _key = SigningKey.FromSeed("ed25519:x", RandomNumberGenerator.GetBytes(32));
    private readonly string _curveKey = UnpaddedBase64.Encode(RandomNumberGenerator.GetBytes(32));
    private int _transactions;

    public MatrixClient Client { get; set; } = client;

    public string User => Client.UserId;

    public string Id => Client.DeviceId;

    public string PublicKey => UnpaddedBase64.Encode(_key.PublicKey);

    public JsonObject DeviceKeys() => Sign(new JsonObject
    {
        ["user_id"] = User,
        ["device_id"] = Id,
        ["algorithms"] = new JsonArray("m.olm.v1.curve25519-aes-sha2", "m.megolm.v1.aes-sha2"),
        ["keys"] = new JsonObject { [$"ed25519:{Id}"] = PublicKey, [$"curve25519:{Id}"] = _curveKey },
    });

    /// <summary>Signs as this device.</summary>
    public JsonObject Sign(JsonObject json) => SignAs(json, User, $"ed25519:{Id}", _key);

    public static JsonObject SignAs(JsonObject json, string user, string keyId, SigningKey key)
    {
        var bytes = SignedJson.Essential(CanonicalJson.Canonicalise(Encoding.UTF8.GetBytes(json.ToJsonString())));
        json["signatures"] ??= new JsonObject();
        json["signatures"]![user] ??= new JsonObject();
        json["signatures"]![user]![keyId] = UnpaddedBase64.Encode(key.Sign(bytes));
        return json;
    }

    /// <summary>Signed one-time keys by name.</summary>
    public JsonObject OneTimeKeys(int from, int count, bool fallback = false)
    {
        var keys = new JsonObject();
        for (var i = from; i < from + count; i++)
        {
            var key = new JsonObject { ["key"] = UnpaddedBase64.Encode(SHA256.HashData(Encoding.UTF8.GetBytes($"{User} {Id} {i}"))) };
            if (fallback)
            {
                key["fallback"] = true;
            }

            keys[$"signed_curve25519:K{i:D5}"] = Sign(key);
        }

        return keys;
    }

    public Task<MatrixAnswer> UploadAsync(JsonObject body) => Client.RequestRawAsync("POST", Api + "keys/upload", body.ToJsonString());

    public Task<MatrixAnswer> QueryAsync(params string[] users) =>
        Client.RequestAsync("POST", Api + "keys/query", new { device_keys = users.ToDictionary(u => u, _ => Array.Empty<string>()) });

    public Task<MatrixAnswer> ClaimAsync(params TestDevice[] devices) => Client.RequestAsync("POST", Api + "keys/claim", new
    {
        one_time_keys = devices.GroupBy(d => d.User).ToDictionary(g => g.Key, g => g.ToDictionary(d => d.Id, _ => "signed_curve25519")),
    });

    /// <summary>Claims one key; its name, or null.</summary>
    public async Task<string?> ClaimOneAsync(TestDevice of)
    {
        var answer = (await ClaimAsync(of)).Ok();
        return answer["one_time_keys"].TryGetProperty(of.User, out var devices)
            ? devices.GetProperty(of.Id).EnumerateObject().Single().Name : null;
    }

    public async Task SendAsync(string user, string device, object content, string? transaction = null, string type = "m.test") =>
        (await Client.RequestAsync(
            "PUT", Api + $"sendToDevice/{type}/{transaction ?? $"t{Interlocked.Increment(ref _transactions)}"}",
            new { messages = new Dictionary<string, object> { [user] = new Dictionary<string, object> { [device] = content } } })).Ok();

    public Task<SyncAnswer> SyncAsync(string? since = null, int timeout = 0) => Client.SyncAsync(since, timeout);

    public Task<MatrixAnswer> RequestAsync(string method, string path, object? body = null) => Client.RequestAsync(method, Api + path, body);

    public Task<MatrixAnswer> RequestAsync(string method, string path, JsonNode body) =>
        Client.RequestRawAsync(method, Api + path, body.ToJsonString());
}

/// <summary>Ways into a /sync answer.</summary>
public static class SyncAnswers
{
    public static IReadOnlyList<JsonElement> ToDevice(this SyncAnswer sync) =>
        sync.Body.TryGetProperty("to_device", out var part) ? [.. part.GetProperty("events").EnumerateArray()] : [];

    /// <summary>The number in each message's content.</summary>
    public static List<int> Numbers(this SyncAnswer sync) => [.. sync.ToDevice().Select(e => e.GetProperty("content").GetProperty("n").GetInt32())];

    public static List<string> Changed(this SyncAnswer sync) => Lists(sync, "changed");

    public static List<string> Left(this SyncAnswer sync) => Lists(sync, "left");

    public static int KeyCount(this SyncAnswer sync) => sync.Body.GetProperty("device_one_time_keys_count").GetProperty("signed_curve25519").GetInt32();

    public static List<string> UnusedFallback(this SyncAnswer sync) =>
        [.. sync.Body.GetProperty("device_unused_fallback_key_types").EnumerateArray().Select(e => e.GetString()!)];

    private static List<string> Lists(SyncAnswer sync, string name) => sync.Body.TryGetProperty("device_lists", out var lists)
        ? [.. lists.GetProperty(name).EnumerateArray().Select(e => e.GetString()!)] : [];
}
