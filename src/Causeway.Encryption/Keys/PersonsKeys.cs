using System.Text.Json;

namespace Causeway.Encryption;

/// <summary>A person's keys as one viewer may see them.</summary>
internal sealed class PersonsKeys(string user)
{
    public required List<(string DeviceId, byte[] Json)> Devices { get; init; }

    public required List<CrossSigningKey> CrossSigning { get; init; }

    public required ILookup<string, KeySignature> Signatures { get; init; }

    /// <summary>Display names of devices.</summary>
    public IReadOnlyDictionary<string, string> Names { get; set; } = new Dictionary<string, string>();

    public bool Has(string usage) => CrossSigning.Exists(k => k.Usage == usage);

    public void WriteDevices(Utf8JsonWriter json)
    {
        json.WriteStartObject(user);
        foreach (var (deviceId, key) in Devices)
        {
            json.WritePropertyName(deviceId);
            Write(json, key, deviceId, Names.GetValueOrDefault(deviceId));
        }

        json.WriteEndObject();
    }

    public void WriteCrossSigning(Utf8JsonWriter json, string usage)
    {
        if (CrossSigning.Find(k => k.Usage == usage) is { } key)
        {
            json.WritePropertyName(user);
            Write(json, key.Json, key.PublicKey, null);
        }
    }

    private void Write(Utf8JsonWriter json, byte[] key, string target, string? name)
    {
        using var document = JsonDocument.Parse(key);
        json.WriteStartObject();
        foreach (var member in document.RootElement.EnumerateObject())
        {
            member.WriteTo(json);
        }

        json.WriteStartObject("signatures"u8);
        foreach (var signer in Signatures[target].GroupBy(s => s.Signer))
        {
            json.WriteStartObject(signer.Key);
            foreach (var signature in signer)
            {
                json.WriteString(signature.KeyId, signature.Signature);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
        if (name is not null)
        {
            json.WriteStartObject("unsigned"u8);
            json.WriteString("device_display_name"u8, name);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
