using System.Text.Json;
using System.Text.RegularExpressions;
using Causeway.TestKit;

namespace Causeway.Conformance.Tests.Answers;

/// <summary>One endpoint as the OpenAPI documents have it.</summary>
/// <param name="Access">none, optional, token or appservice.</param>
/// <param name="Guest">Whether the guest access module lets guests in.</param>
/// <param name="Limited">Whether it may be rate-limited.</param>
/// <param name="Answers">Status to alternatives: two operations may share one path.</param>
internal sealed record Endpoint(
    string Method, string Path, string Access, bool Guest, bool Limited, IReadOnlyDictionary<string, IReadOnlyList<Documented>> Answers)
{
    public string Name => $"{Method} {Path}";

    public IEnumerable<string> CodesOf(string status) => Answers.TryGetValue(status, out var all) ? all.SelectMany(a => a.Codes) : [];
}

/// <summary>One documented answer; no schema where the body is no JSON or is not described.</summary>
internal sealed record Documented(JsonElement? Schema, IReadOnlyList<string> Codes);

/// <summary>What the standard says about answers, from standard.json.</summary>
internal sealed partial class Standard
{
    /// <summary>Codes that any endpoint may give: the standard's "Common error codes", and those of "Other error codes" that are bound to none.</summary>
    private static readonly HashSet<string> CommonCodes =
    [
        "M_FORBIDDEN", "M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_USER_LOCKED", "M_USER_SUSPENDED", "M_BAD_JSON", "M_NOT_JSON",
        "M_NOT_FOUND", "M_LIMIT_EXCEEDED", "M_RESOURCE_LIMIT_EXCEEDED", "M_UNRECOGNIZED", "M_UNKNOWN", "M_MISSING_PARAM",
        "M_INVALID_PARAM", "M_TOO_LARGE", "M_GUEST_ACCESS_FORBIDDEN", "M_CANNOT_LEAVE_SERVER_NOTICE_ROOM",
    ];

    private static readonly JsonElement Error =
        JsonElement.Parse("""{"type":"object","required":["errcode","error"],"properties":{"errcode":{"type":"string","pattern":"^[A-Z0-9_.]+$"},"error":{"type":"string"}}}""");

    /// <summary>Endpoints with interactive auth answer so, whether their document lists it or not.</summary>
    private static readonly JsonElement InteractiveAuth = JsonElement.Parse("""{"$ref":"api/client-server/definitions/auth_response"}""");

    private readonly SchemaChecker _checker;
    private readonly ILookup<string, (Endpoint Endpoint, Regex Path)> _byMethod;

    private Standard(JsonElement root)
    {
        _checker = new SchemaChecker(root.GetProperty("definitions"));
        Endpoints = [.. root.GetProperty("endpoints").EnumerateArray().GroupBy(e => (Text(e, "method"), Text(e, "path"))).Select(Read)];
        _byMethod = Endpoints.OrderBy(e => e.Path.Count(c => c == '{')).ToLookup(e => e.Method, e => (e, Pattern(e.Path)));
    }

    public static Standard Document { get; } = new(JsonElement.Parse(
        File.ReadAllBytes(Repository.PathOf("tests", "Causeway.Conformance.Tests", "Answers", "standard.json"))));

    public IReadOnlyList<Endpoint> Endpoints { get; }

    /// <summary>The endpoint a path belongs to, or null where the standard has none.</summary>
    public Endpoint? Find(string method, string path) =>
        _byMethod[method].FirstOrDefault(e => e.Path.IsMatch(path)).Endpoint;

    /// <summary>What of an answer the standard does not allow.</summary>
    /// <param name="body">The body when it is JSON.</param>
    public List<string> Check(Endpoint endpoint, int status, JsonElement? body)
    {
        var documented = endpoint.Answers.GetValueOrDefault($"{status}", []);
        if (status < 400)
        {
            return documented.Count == 0 ? [$"the status {status} is not documented"] : Best(documented, body);
        }

        if (body is not { ValueKind: JsonValueKind.Object } json)
        {
            return ["an error without a JSON object"];
        }

        var code = json.TryGetProperty("errcode", out var found) ? found.GetString() : null;
        if (status == 401 && code is null)
        {
            return _checker.Check(json, InteractiveAuth);
        }

        var problems = code is null || !CommonCodes.Contains(code) ? Best(documented.Count > 0 ? documented : [new Documented(Error, [])], json) : _checker.Check(json, Error);
        if (code is not null && !CommonCodes.Contains(code) && !endpoint.CodesOf($"{status}").Contains(code))
        {
            problems.Add($"{code} is not documented for status {status}");
        }

        return problems;
    }

    private List<string> Best(IReadOnlyList<Documented> alternatives, JsonElement? body) =>
        alternatives.Select(a => Check(a, body)).MinBy(p => p.Count)!;

    private List<string> Check(Documented documented, JsonElement? body) =>
        documented.Schema is not { } schema ? [] : body is { } json ? _checker.Check(json, schema) : ["the body is no JSON"];

    private static Endpoint Read(IGrouping<(string Method, string Path), JsonElement> same)
    {
        var answers = from e in same
                      from answer in e.GetProperty("answers").EnumerateObject()
                      group Read(answer.Value) by answer.Name;
        var first = same.First();
        return new Endpoint(
            same.Key.Method, same.Key.Path, Text(first, "access"), first.GetProperty("guest").GetBoolean(), first.GetProperty("limited").GetBoolean(),
            answers.ToDictionary(a => a.Key, a => (IReadOnlyList<Documented>)[.. a]));
    }

    private static Documented Read(JsonElement answer) => new(
        answer.TryGetProperty("schema", out var schema) ? schema : null,
        answer.TryGetProperty("codes", out var codes) ? [.. codes.EnumerateArray().Select(c => c.GetString()!)] : []);

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static Regex Pattern(string path) =>
        new($"^{Placeholder().Replace(Regex.Escape(path).Replace("/\\{stateKey}", "(/[^/]*)?", StringComparison.Ordinal), "[^/]+")}/?$");

    [GeneratedRegex(@"\\\{[^}]*}")]
    private static partial Regex Placeholder();
}
