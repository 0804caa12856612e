using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Causeway.Conformance.Tests.Answers;

/// <summary>
/// Holds JSON against a schema, in the part of JSON Schema that the OpenAPI documents of the standard use. A keyword it
/// does not know is a fault of the checker and thrown, so that nothing goes unchecked in silence.
/// </summary>
internal sealed class SchemaChecker(JsonElement definitions)
{
    private const int MaxDepth = 64;

    /// <summary>What is wrong, each with its place; empty when all is well.</summary>
    public List<string> Check(JsonElement value, JsonElement schema)
    {
        var problems = new List<string>();
        Check(value, schema, "$", problems, 0);
        return problems;
    }

    private void Check(JsonElement value, JsonElement schema, string at, List<string> problems, int depth)
    {
        if (schema.ValueKind == JsonValueKind.True)
        {
            return;
        }

        if (schema.ValueKind == JsonValueKind.False || depth > MaxDepth)
        {
            problems.Add($"{at}: must not be there");
            return;
        }

        foreach (var keyword in schema.EnumerateObject())
        {
            CheckKeyword(value, schema, keyword.Name, keyword.Value, at, problems, depth + 1);
        }
    }

    private void CheckKeyword(
        JsonElement value, JsonElement schema, string keyword, JsonElement rule, string at, List<string> problems, int depth)
    {
        switch (keyword)
        {
            case "$ref":
                Check(value, definitions.GetProperty(rule.GetString()!), at, problems, depth);
                break;
            case "type":
                Expect(IsOfType(value, rule), $"is {Kind(value)}, not {rule}");
                break;
            case "enum":
                Expect(rule.EnumerateArray().Any(r => JsonElement.DeepEquals(r, value)), $"{Short(value)} is none of {rule}");
                break;
            case "const":
                Expect(JsonElement.DeepEquals(rule, value), $"{Short(value)} is not {rule}");
                break;
            case "required":
                foreach (var name in rule.EnumerateArray().Select(n => n.GetString()!))
                {
                    Expect(value.ValueKind != JsonValueKind.Object || value.TryGetProperty(name, out _), $"lacks \"{name}\"");
                }

                break;
            case "properties":
                foreach (var property in Members(value).Where(m => rule.TryGetProperty(m.Name, out _)))
                {
                    Check(property.Value, rule.GetProperty(property.Name), $"{at}.{property.Name}", problems, depth);
                }

                break;
            case "patternProperties":
                foreach (var (pattern, member) in Matching(value, rule))
                {
                    Check(member.Value, pattern, $"{at}.{member.Name}", problems, depth);
                }

                break;
            case "additionalProperties":
                foreach (var member in Members(value).Where(m => !IsNamed(schema, m.Name)))
                {
                    Check(member.Value, rule, $"{at}.{member.Name}", problems, depth);
                }

                break;
            case "propertyNames":
                foreach (var member in Members(value))
                {
                    Check(JsonSerializer.SerializeToElement(member.Name), rule, $"{at}.{member.Name} (name)", problems, depth);
                }

                break;
            case "minProperties":
                Expect(value.ValueKind != JsonValueKind.Object || Members(value).Count() >= rule.GetInt32(), $"has fewer than {rule} members");
                break;
            case "maxProperties":
                Expect(value.ValueKind != JsonValueKind.Object || Members(value).Count() <= rule.GetInt32(), $"has more than {rule} members");
                break;
            case "items":
                for (var i = 0; value.ValueKind == JsonValueKind.Array && i < value.GetArrayLength(); i++)
                {
                    Check(value[i], rule, $"{at}[{i}]", problems, depth);
                }

                break;
            case "allOf":
                foreach (var part in rule.EnumerateArray())
                {
                    Check(value, part, at, problems, depth);
                }

                break;
            case "anyOf":
                Expect(Fitting(value, rule, at, depth) > 0, "fits none of the alternatives");
                break;
            case "oneOf":
                Expect(Fitting(value, rule, at, depth) == 1, $"fits {Fitting(value, rule, at, depth)} of the alternatives, not one");
                break;
            case "pattern":
                Expect(value.ValueKind != JsonValueKind.String || Regex.IsMatch(value.GetString()!, rule.GetString()!), $"{Short(value)} is not like {rule}");
                break;
            case "maxLength":
                Expect(value.ValueKind != JsonValueKind.String || new StringInfo(value.GetString()!).LengthInTextElements <= rule.GetInt32(), $"is longer than {rule}");
                break;
            case "format":
                Expect(IsOfFormat(value, rule.GetString()!), $"{Short(value)} is no {rule}");
                break;
            default:
                throw new NotSupportedException($"The checker does not know the keyword \"{keyword}\".");
        }

        void Expect(bool holds, string otherwise)
        {
            if (!holds)
            {
                problems.Add($"{at}: {otherwise}");
            }
        }
    }

    private int Fitting(JsonElement value, JsonElement alternatives, string at, int depth) => alternatives.EnumerateArray().Count(schema =>
    {
        var problems = new List<string>();
        Check(value, schema, at, problems, depth);
        return problems.Count == 0;
    });

    private static IEnumerable<JsonProperty> Members(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object ? value.EnumerateObject() : [];

    private static IEnumerable<(JsonElement Schema, JsonProperty Member)> Matching(JsonElement value, JsonElement patterns) =>
        from pattern in patterns.EnumerateObject()
        from member in Members(value)
        where Regex.IsMatch(member.Name, pattern.Name)
        select (pattern.Value, member);

    private static bool IsNamed(JsonElement schema, string name) =>
        (schema.TryGetProperty("properties", out var named) && named.TryGetProperty(name, out _))
        || (schema.TryGetProperty("patternProperties", out var patterns) && patterns.EnumerateObject().Any(p => Regex.IsMatch(name, p.Name)));

    private static bool IsOfType(JsonElement value, JsonElement type) => type.ValueKind == JsonValueKind.Array
        ? type.EnumerateArray().Any(t => IsOfType(value, t.GetString()!))
        : IsOfType(value, type.GetString()!);

    private static bool IsOfType(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && decimal.TryParse(value.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture, out var n) && decimal.IsInteger(n),
        _ => throw new NotSupportedException($"The checker does not know the type \"{type}\"."),
    };

    private static bool IsOfFormat(JsonElement value, string format) => value.ValueKind != JsonValueKind.String || format switch
    {
        "uri" => Uri.TryCreate(value.GetString(), UriKind.Absolute, out _),
        "mx-user-id" => HasSigilAndServer(value.GetString()!, '@'),
        "mx-room-alias" => HasSigilAndServer(value.GetString()!, '#'),
        "mx-room-id" => value.GetString()!.StartsWith('!'),
        "mx-event-id" => value.GetString()!.StartsWith('$'),
        "mx-mxc-uri" => Regex.IsMatch(value.GetString()!, "^mxc://[^/]+/[A-Za-z0-9_-]+$"),
        "mx-unpadded-base64" => Regex.IsMatch(value.GetString()!, "^[A-Za-z0-9+/]*$"),
        "mx-urlsafe-unpadded-base64" => Regex.IsMatch(value.GetString()!, "^[A-Za-z0-9_-]*$"),
        _ => true,
    };

    private static bool HasSigilAndServer(string id, char sigil) => id.Length > 2 && id[0] == sigil && id.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && colon < id.Length - 1;

    private static string Kind(JsonElement value) => $"{value.ValueKind} {Short(value)}";

    private static string Short(JsonElement value) => value.GetRawText() is { Length: > 80 } text ? text[..80] + "..." : value.GetRawText();
}
