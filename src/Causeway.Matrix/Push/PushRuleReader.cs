using System.Collections.Immutable;
using System.Text.Json;

namespace Causeway.Matrix;

/// <summary>Reads push rules from JSON and checks their ids.</summary>
internal static class PushRuleReader
{
    /// <exception cref="PushRuleException">Not a JSON object.</exception>
    public static JsonDocument ParseObject(ReadOnlyMemory<byte> json)
    {
        JsonDocument document = ParseAny(json);
        if (document.RootElement.ValueKind == JsonValueKind.Object)
        {
            return document;
        }

        document.Dispose();
        throw new PushRuleException(PushRuleFault.Malformed, "Not a JSON object.");
    }

    /// <exception cref="PushRuleException">Not JSON, or not such as could be written again.</exception>
    public static JsonDocument ParseAny(ReadOnlyMemory<byte> json)
    {
        try
        {
            // Canonical form also refuses what JsonDocument would only stumble over later: lone surrogates, bad UTF-8.
            return JsonDocument.Parse(CanonicalJson.Canonicalise(json.Span), JsonText.Reader);
        }
        catch (Exception fault) when (fault is JsonException or CanonicalJsonException)
        {
            throw new PushRuleException(PushRuleFault.Malformed, fault.Message);
        }
    }

    /// <exception cref="PushRuleException">The id may not be that of a user's rule.</exception>
    public static void CheckRuleId(PushRuleKind kind, string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (id.StartsWith('.'))
        {
            throw new PushRuleException(PushRuleFault.ReservedRuleId, "Rule ids that begin with a dot are the server's.");
        }

        bool fits = kind switch
        {
            PushRuleKind.Room => RoomId.TryParse(id, out _),
            PushRuleKind.Sender => UserId.TryParse(id, out _),
            PushRuleKind.Override or PushRuleKind.Underride or PushRuleKind.Content => true,
        };

        // A user id may have a slash in it, and is no less a rule id for that.
        bool isPlain = kind == PushRuleKind.Sender || !id.AsSpan().ContainsAny('/', '\\');
        if (id.Length == 0 || !IdGrammar.IsLegalText(id) || !isPlain || !fits)
        {
            throw new PushRuleException(PushRuleFault.InvalidRuleId, "The rule id is not one of this kind of rule.");
        }
    }

    public static ImmutableList<PushRule> ReadRules(JsonElement stored, PushRuleKind kind)
    {
        if (!stored.TryGetProperty(kind.ToWire(), out JsonElement list))
        {
            return [];
        }

        if (list.ValueKind != JsonValueKind.Array)
        {
            throw Malformed();
        }

        var rules = ImmutableList.CreateBuilder<PushRule>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonElement rule in list.EnumerateArray())
        {
            string? id = rule.ValueKind == JsonValueKind.Object && rule.TryGetProperty("rule_id", out JsonElement value)
                && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
            if (id is null || !seen.Add(id))
            {
                throw Malformed();
            }

            CheckRuleId(kind, id);
            rules.Add(PushRule.Compile(kind, id, rule));
        }

        return rules.ToImmutable();
    }

    public static ImmutableDictionary<string, DefaultRuleEdit> ReadEdits(
        JsonElement stored, ImmutableDictionary<string, DefaultRuleEdit> none)
    {
        if (!stored.TryGetProperty("defaults", out JsonElement edits))
        {
            return none;
        }

        if (edits.ValueKind != JsonValueKind.Object)
        {
            throw Malformed();
        }

        foreach (JsonProperty edit in edits.EnumerateObject())
        {
            if (edit.Value.ValueKind != JsonValueKind.Object)
            {
                throw Malformed();
            }

            bool? enabled = edit.Value.TryGetProperty("enabled", out JsonElement flag) ? flag.ValueKind == JsonValueKind.True : null;
            PushActions? actions = edit.Value.TryGetProperty("actions", out JsonElement list) ? PushActions.Compile(list) : null;
            none = none.SetItem(edit.Name, new DefaultRuleEdit(enabled, actions));
        }

        return none;
    }

    private static PushRuleException Malformed() => new(PushRuleFault.Malformed, "Not a stored push ruleset.");
}
