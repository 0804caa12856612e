using System.Text;
using System.Text.Json;

namespace Causeway.Matrix;

/// <summary>One push rule, compiled once.</summary>
internal sealed record PushRule
{
    /// <summary>A rule's body may have this many bytes.</summary>
    public const int MaxBytes = 8192;

    private readonly PushCondition[] _conditions;

    private PushRule(PushRuleKind kind, string id, PushActions actions, PushCondition[] conditions)
    {
        Kind = kind;
        Id = id;
        Actions = actions;
        _conditions = conditions;
    }

    public PushRuleKind Kind { get; }

    public string Id { get; }

    public PushActions Actions { get; init; }

    public bool IsEnabled { get; init; } = true;

    public bool IsDefault { get; private init; }

    /// <summary>Of override and underride rules, the conditions as they were given.</summary>
    public byte[]? ConditionsJson { get; private init; }

    /// <summary>Of content rules, the pattern.</summary>
    public string? Pattern { get; private init; }

    /// <exception cref="PushRuleException">The body is not a rule of this kind.</exception>
    public static PushRule Compile(PushRuleKind kind, string id, JsonElement body, bool isDefault = false)
    {
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("actions", out JsonElement actionList))
        {
            throw new PushRuleException(PushRuleFault.Malformed, "A push rule is an object with actions.");
        }

        if (Encoding.UTF8.GetByteCount(body.GetRawText()) > MaxBytes)
        {
            throw new PushRuleException(PushRuleFault.TooLarge, "The push rule is too large.");
        }

        string? pattern = kind == PushRuleKind.Content ? PatternOf(body) : null;
        JsonElement? conditions = kind is PushRuleKind.Override or PushRuleKind.Underride ? ConditionsOf(body) : null;
        PushCondition[] compiled = kind switch
        {
            PushRuleKind.Content => [new EventMatch("content.body", pattern!)],
            PushRuleKind.Room => [new EventPropertyIs("room_id", Quote(id))],
            PushRuleKind.Sender => [new EventPropertyIs("sender", Quote(id))],
            PushRuleKind.Override or PushRuleKind.Underride =>
                conditions is { } list ? [.. list.EnumerateArray().Select(PushCondition.Compile)] : [],
        };
        return new PushRule(kind, id, PushActions.Compile(actionList), compiled)
        {
            IsDefault = isDefault,
            IsEnabled = !body.TryGetProperty("enabled", out JsonElement enabled) || enabled.ValueKind != JsonValueKind.False,
            Pattern = pattern,
            ConditionsJson = compiled.Length == 0 || conditions is null ? null : Encoding.UTF8.GetBytes(conditions.Value.GetRawText()),
        };
    }

    public bool Matches(ref EventProperties properties, in PushContext context)
    {
        foreach (PushCondition condition in _conditions)
        {
            if (!condition.Holds(ref properties, context))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Writes the rule as the client-server API shows it.</summary>
    public void WriteTo(Utf8JsonWriter writer, UserId owner)
    {
        writer.WriteStartObject();
        writer.WritePropertyName("actions"u8);
        writer.WriteRawValue(Actions.Json, skipInputValidation: true);
        if (ConditionsJson is not null || Kind is PushRuleKind.Override or PushRuleKind.Underride)
        {
            writer.WritePropertyName("conditions"u8);
            writer.WriteRawValue(ConditionsFor(owner), skipInputValidation: true);
        }

        writer.WriteBoolean("default"u8, IsDefault);
        writer.WriteBoolean("enabled"u8, IsEnabled);
        if (Pattern is not null)
        {
            writer.WriteString("pattern"u8, Pattern);
        }

        writer.WriteString("rule_id"u8, Id);
        writer.WriteEndObject();
    }

    /// <summary>Writes the rule as <see cref="PushRuleset.ToStored"/> keeps it.</summary>
    public void WriteStored(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("rule_id"u8, Id);
        writer.WritePropertyName("actions"u8);
        writer.WriteRawValue(Actions.Json, skipInputValidation: true);
        if (!IsEnabled)
        {
            writer.WriteBoolean("enabled"u8, false);
        }

        if (ConditionsJson is not null)
        {
            writer.WritePropertyName("conditions"u8);
            writer.WriteRawValue(ConditionsJson, skipInputValidation: true);
        }

        if (Pattern is not null)
        {
            writer.WriteString("pattern"u8, Pattern);
        }

        writer.WriteEndObject();
    }

    private byte[] ConditionsFor(UserId owner)
    {
        if (ConditionsJson is null)
        {
            return [(byte)'[', (byte)']'];
        }

        if (!IsDefault || ConditionsJson.AsSpan().IndexOf(Encoding.ASCII.GetBytes(PushCondition.Owner)) < 0)
        {
            return ConditionsJson;
        }

        string json = Encoding.UTF8.GetString(ConditionsJson);
        string quoted = Encoding.UTF8.GetString(Quote(owner.Value));
        return Encoding.UTF8.GetBytes(json.Replace($"\"{PushCondition.Owner}\"", quoted, StringComparison.Ordinal));
    }

    private static byte[] Quote(string text)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>(text.Length + 16);
        JsonEscapes.WriteQuoted(output, text);
        return output.WrittenSpan.ToArray();
    }

    private static string PatternOf(JsonElement body) =>
        body.TryGetProperty("pattern", out JsonElement pattern) && pattern.ValueKind == JsonValueKind.String
            ? pattern.GetString()!
            : throw new PushRuleException(PushRuleFault.Malformed, "A content rule needs a pattern.");

    private static JsonElement? ConditionsOf(JsonElement body)
    {
        if (!body.TryGetProperty("conditions", out JsonElement conditions))
        {
            return null;
        }

        bool valid = conditions.ValueKind == JsonValueKind.Array && conditions.EnumerateArray().All(condition =>
            condition.ValueKind == JsonValueKind.Object
            && condition.TryGetProperty("kind", out JsonElement kind) && kind.ValueKind == JsonValueKind.String);
        return valid ? conditions : throw new PushRuleException(PushRuleFault.Malformed, "The conditions are not an array of conditions.");
    }
}
