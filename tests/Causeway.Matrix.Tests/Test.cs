using System.Text;
using System.Text.Json.Nodes;

namespace Causeway.Matrix.Tests;

/// <summary>Small helpers of the tests.</summary>
internal static class Test
{
    public static readonly EventSigner Signer = new(ServerName.Parse("s"), SigningKey.FromSeed("ed25519:t", new byte[32]));

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(ReadOnlySpan<byte> utf8) => Encoding.UTF8.GetString(utf8);

    /// <summary>The object with one member set or, for null, removed; canonical.</summary>
    public static byte[] With(ReadOnlySpan<byte> json, string name, string? value)
    {
        JsonObject node = JsonNode.Parse(json)!.AsObject();
        node.Remove(name);
        if (value is not null)
        {
            node[name] = JsonNode.Parse(value);
        }

        return CanonicalJson.Canonicalise(Utf8(node.ToJsonString()), strict: false);
    }

    public static RoomVersionRules Rules(string version) => RoomVersionRules.Find(version)!;
}
