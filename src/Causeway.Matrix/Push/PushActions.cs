using System.Buffers;
using System.Text.Json;

namespace Causeway.Matrix;

/// <summary>The actions of a push rule (client-server API, "Actions"), without the historical ones that mean nothing.</summary>
internal sealed class PushActions
{
    private PushActions(byte[] json) => Json = json;

    /// <summary>The canonical JSON array.</summary>
    public byte[] Json { get; }

    public bool Notify { get; private set; }

    public bool Highlight { get; private set; }

    public string? Sound { get; private set; }

    /// <exception cref="PushRuleException">Not an array of actions.</exception>
    public static PushActions Compile(JsonElement actions)
    {
        if (actions.ValueKind != JsonValueKind.Array)
        {
            throw new PushRuleException(PushRuleFault.Malformed, "The actions are not an array.");
        }

        var output = new ArrayBufferWriter<byte>(64);
        using (var writer = new Utf8JsonWriter(output, JsonText.Writer))
        {
            writer.WriteStartArray();
            foreach (JsonElement action in actions.EnumerateArray().Where(action => !IsHistorical(action)))
            {
                action.WriteTo(writer);
            }

            writer.WriteEndArray();
        }

        var compiled = new PushActions(output.WrittenSpan.ToArray());
        foreach (JsonElement action in actions.EnumerateArray())
        {
            compiled.Add(action);
        }

        return compiled;
    }

    private static bool IsHistorical(JsonElement action) =>
        action.ValueKind == JsonValueKind.String && action.GetString() is "dont_notify" or "coalesce";

    private void Add(JsonElement action)
    {
        if (action.ValueKind == JsonValueKind.Object
            && action.TryGetProperty("set_tweak", out JsonElement tweak) && tweak.ValueKind == JsonValueKind.String)
        {
            bool hasValue = action.TryGetProperty("value", out JsonElement value);
            switch (tweak.GetString())
            {
                case "highlight":
                    Highlight = !hasValue || value.ValueKind == JsonValueKind.True;
                    break;
                case "sound" when hasValue && value.ValueKind == JsonValueKind.String:
                    Sound = value.GetString();
                    break;
            }

            return;
        }

        bool isNotify = action.ValueKind == JsonValueKind.String && action.GetString() == "notify";
        Notify |= isNotify;
        if (!isNotify && !IsHistorical(action))
        {
            throw new PushRuleException(PushRuleFault.Malformed, "An action is neither notify nor a tweak.");
        }
    }
}
