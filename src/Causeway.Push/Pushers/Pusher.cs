using System.Text.Json;
using Causeway.Matrix;

namespace Causeway.Push;

/// <summary>Where one application of a person wants to be told of notifications.</summary>
internal sealed class Pusher
{
    private readonly JsonElement _data;

    /// <param name="data">The client's <c>data</c>, a JSON object.</param>
    public Pusher(byte[] data)
    {
        Data = data;
        using (var json = JsonDocument.Parse(data))
        {
            _data = json.RootElement.Clone();
        }

        Url = Uri.TryCreate(Text(_data, "url"), UriKind.Absolute, out var url) ? url : null;
        IsEventIdOnly = Text(_data, "format") == "event_id_only";
        IsEventsOnly = IsTrue(_data, "events_only");
        IsOnlyLastPerRoom = IsTrue(_data, "only_last_per_room");
    }

    /// <summary>Its number: the log position at which it was first set. Nothing older is pushed to it.</summary>
    public required long Nid { get; init; }

    public required long Organisation { get; init; }

    public required UserId User { get; init; }

    public required string AppId { get; init; }

    public required string PushKey { get; init; }

    /// <summary>When the key was last set, in seconds.</summary>
    public required long PushKeyTime { get; init; }

    /// <summary>The device it ends with.</summary>
    public required long Device { get; init; }

    public required string DeviceId { get; init; }

    public required string AppName { get; init; }

    public required string DeviceName { get; init; }

    public required string? ProfileTag { get; init; }

    public required string Language { get; init; }

    public required bool IsEnabled { get; init; }

    /// <summary>Whether its gateway is the one in this server.</summary>
    public required bool IsOwnGateway { get; init; }

    public byte[] Data { get; }

    /// <summary>The gateway's address.</summary>
    public Uri? Url { get; }

    public bool IsEventIdOnly { get; }

    /// <summary>Counts without an event are not sent: a browser must show something for each message it gets.</summary>
    public bool IsEventsOnly { get; }

    /// <summary>Of the notifications of a room that wait, only the newest is sent.</summary>
    public bool IsOnlyLastPerRoom { get; }

    /// <summary>Members that are merged into each Web Push message, or an undefined element.</summary>
    public JsonElement DefaultPayload =>
        _data.TryGetProperty("default_payload", out var payload) && payload.ValueKind == JsonValueKind.Object ? payload : default;

    /// <summary>The members of the data.</summary>
    public JsonElement.ObjectEnumerator Members => _data.EnumerateObject();

    /// <summary>A string of the data, or null.</summary>
    public string? Find(string name) => Text(_data, name);

    /// <summary>As GET /pushers shows it.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("pushkey"u8, PushKey);
        json.WriteString("kind"u8, "http"u8);
        json.WriteString("app_id"u8, AppId);
        json.WriteString("app_display_name"u8, AppName);
        json.WriteString("device_display_name"u8, DeviceName);
        if (ProfileTag is not null)
        {
            json.WriteString("profile_tag"u8, ProfileTag);
        }

        json.WriteString("lang"u8, Language);
        json.WritePropertyName("data"u8);
        json.WriteRawValue(Data, skipInputValidation: true);
        json.WriteBoolean("org.matrix.msc3881.enabled"u8, IsEnabled);
        json.WriteString("org.matrix.msc3881.device_id"u8, DeviceId);
        json.WriteEndObject();
    }

    private static string? Text(JsonElement data, string name) =>
        data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static bool IsTrue(JsonElement data, string name) => data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
}
