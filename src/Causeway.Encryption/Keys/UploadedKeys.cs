using System.Runtime.InteropServices;
using System.Text.Json;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Encryption;

/// <summary>A one-time or fallback key of an upload.</summary>
/// <param name="Algorithm">What precedes the colon of its name.</param>
/// <param name="KeyId">What follows it.</param>
/// <param name="Json">Canonical, with its signatures: it is handed out as it came.</param>
/// <param name="Signed">The object, where it is one; an unsigned key is a string.</param>
internal sealed record OneTimeKey(string Algorithm, string KeyId, byte[] Json, SignedKey? Signed);

/// <summary>The body of an upload, checked before anything is stored.</summary>
internal sealed record UploadedKeys(SignedKey? Device, List<OneTimeKey> OneTime, List<OneTimeKey> Fallback)
{
    private const int MaxName = 255;

    public bool IsEmpty => Device is null && OneTime.Count == 0 && Fallback.Count == 0;

    /// <param name="body">The request's body.</param>
    /// <param name="user">Whose keys these must be.</param>
    /// <param name="deviceId">The device whose keys these must be.</param>
    public static UploadedKeys Parse(JsonElement body, UserId user, string deviceId)
    {
        var fallback = ParseOneTime(body, "fallback_keys");
        return fallback.GroupBy(k => k.Algorithm).Any(g => g.Count() > 1)
            ? throw Refusal.InvalidParam("'fallback_keys' may have one key of each algorithm.")
            : new UploadedKeys(
                body.FindObject("device_keys") is { } device ? ParseDevice(device, user, deviceId) : null,
                ParseOneTime(body, "one_time_keys"), fallback);
    }

    private static SignedKey ParseDevice(JsonElement json, UserId user, string deviceId)
    {
        var key = SignedKey.Parse(json, "device_keys");
        if (json.GetString("user_id") != user.Value || json.GetString("device_id") != deviceId)
        {
            throw Refusal.InvalidParam("'device_keys' must name your own user and device.");
        }

        _ = json.FindStrings("algorithms") ?? throw Refusal.MissingParam("device_keys.algorithms");
        foreach (var (name, value) in key.Keys)
        {
            var isKnown = name.StartsWith("ed25519:", StringComparison.Ordinal) || name.StartsWith("curve25519:", StringComparison.Ordinal);
            if (!name.EndsWith(":" + deviceId, StringComparison.Ordinal) || (isKnown && !SignedKey.IsPublicKey(value)))
            {
                throw Refusal.InvalidParam($"'device_keys.keys' has a key that is none of this device: '{name}'.");
            }
        }

        var id = $"ed25519:{deviceId}";
        if (!key.Keys.TryGetValue(id, out var signing))
        {
            throw Refusal.MissingParam($"device_keys.keys.{id}");
        }

        return key.IsSignedBy(user.Value, id, signing) ? key : throw InvalidSignature("The device did not sign its keys.");
    }

    /// <summary>Refuses one-time keys that the device did not sign.</summary>
    public void CheckSignatures(UserId user, string deviceId, string signingKey)
    {
        foreach (var key in OneTime.Concat(Fallback))
        {
            if (key.Signed is { } signed && !signed.IsSignedBy(user.Value, $"ed25519:{deviceId}", signingKey))
            {
                throw InvalidSignature($"The device did not sign {key.Algorithm}:{key.KeyId}.");
            }
        }
    }

    internal static Refusal InvalidSignature(string message) => new(400, "M_INVALID_SIGNATURE", message);

    private static List<OneTimeKey> ParseOneTime(JsonElement body, string member)
    {
        var keys = new List<OneTimeKey>();
        foreach (var item in body.FindObject(member)?.EnumerateObject() ?? default)
        {
            var colon = item.Name.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1 || colon == item.Name.Length - 1 || item.Name.Length > MaxName)
            {
                throw Refusal.InvalidParam($"'{member}' must be named 'algorithm:key id'.");
            }

            keys.Add(Parse(item.Value, member, item.Name[..colon], item.Name[(colon + 1)..]));
        }

        return keys;
    }

    private static OneTimeKey Parse(JsonElement value, string member, string algorithm, string keyId)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            return new OneTimeKey(algorithm, keyId, JsonMarshal.GetRawUtf8Value(value).ToArray(), null);
        }

        var signed = SignedKey.Parse(value, member);
        var key = value.GetString("key");
        if (algorithm == "signed_curve25519" && (!SignedKey.IsPublicKey(key) || signed.Signatures.Count == 0))
        {
            throw Refusal.InvalidParam($"'{member}' holds no signed Curve25519 key under '{algorithm}:{keyId}'.");
        }

        _ = value.FindBool("fallback");
        return new OneTimeKey(algorithm, keyId, CanonicalJson.Canonicalise(JsonMarshal.GetRawUtf8Value(value)), signed);
    }
}
