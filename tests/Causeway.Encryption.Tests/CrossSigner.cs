using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Causeway.Matrix;

namespace Causeway.Encryption.Tests;

/// <summary>A person's cross-signing keys, as a client keeps them.</summary>
internal sealed class CrossSigner(TestDevice device)
{
    public Key Master { get; } = new(device.User);

    public Key SelfSigning { get; } = new(device.User);

    public Key UserSigning { get; } = new(device.User);

    public JsonObject MasterJson() => Json("master", Master);

    public JsonObject Upload() => new()
    {
        ["master_key"] = MasterJson(),
        ["self_signing_key"] = Master.Sign(Json("self_signing", SelfSigning)),
        ["user_signing_key"] = Master.Sign(Json("user_signing", UserSigning)),
    };

    private JsonObject Json(string usage, Key key) => new()
    {
        ["user_id"] = device.User,
        ["usage"] = new JsonArray(usage),
        ["keys"] = new JsonObject { [$"ed25519:{key.Public}"] = key.Public },
    };
}

/// <summary>One of them.</summary>
internal sealed class Key(string user)
{
    private readonly SigningKey _key = SigningKey.FromSeed("ed25519:x", RandomNumberGenerator.GetBytes(32));

    public string Public => UnpaddedBase64.Encode(_key.PublicKey);

    public JsonObject Sign(JsonObject json, string? signer = null) => TestDevice.SignAs(json, signer ?? user, $"ed25519:{Public}", _key);
}
