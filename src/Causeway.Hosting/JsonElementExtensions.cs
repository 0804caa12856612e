using System.Text.Json;

namespace Causeway.Hosting;

/// <summary>Typed reads from a body: a wrong type is M_BAD_JSON, an absent value is null.</summary>
public static class JsonElementExtensions
{
    /// <summary>A string member, or null when absent or null.</summary>
    public static string? FindString(this JsonElement o, string name) => Find(o, name, JsonValueKind.String)?.GetString();

    /// <summary>A string member that must be there.</summary>
    public static string GetString(this JsonElement o, string name) => o.FindString(name) ?? throw Refusal.MissingParam(name);

    /// <summary>A boolean member, or null.</summary>
    public static bool? FindBool(this JsonElement o, string name)
    {
        if (!o.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw Refusal.BadJson($"'{name}' must be true or false."),
        };
    }

    /// <summary>An integer member within ±(2^53-1), or null.</summary>
    public static long? FindInteger(this JsonElement o, string name)
    {
        if (Find(o, name, JsonValueKind.Number) is not { } value)
        {
            return null;
        }

        return value.TryGetInt64(out var number) && Math.Abs((decimal)number) <= 9_007_199_254_740_991m
            ? number
            : throw Refusal.BadJson($"'{name}' must be an integer within 2^53-1.");
    }

    /// <summary>An object member, or null.</summary>
    public static JsonElement? FindObject(this JsonElement o, string name) => Find(o, name, JsonValueKind.Object);

    /// <summary>An array member, or null.</summary>
    public static JsonElement? FindArray(this JsonElement o, string name) => Find(o, name, JsonValueKind.Array);

    /// <summary>An array of strings, or null.</summary>
    public static List<string>? FindStrings(this JsonElement o, string name)
    {
        if (o.FindArray(name) is not { } array)
        {
            return null;
        }

        var list = new List<string>(array.GetArrayLength());
        foreach (var item in array.EnumerateArray())
        {
            list.Add(item.ValueKind == JsonValueKind.String
                ? item.GetString()!
                : throw Refusal.BadJson($"'{name}' must be a list of strings."));
        }

        return list;
    }

    private static JsonElement? Find(JsonElement o, string name, JsonValueKind kind)
    {
        if (!o.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind == kind
            ? value
            : throw Refusal.BadJson($"'{name}' must be {(kind == JsonValueKind.Array ? "an array" : kind == JsonValueKind.Object ? "an object" : $"a {kind.ToString().ToLowerInvariant()}")}.");
    }
}
