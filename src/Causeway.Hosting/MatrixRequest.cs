using System.Globalization;
using System.Text.Json;
using Causeway.Matrix;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Causeway.Hosting;

/// <summary>A request as endpoints see it: who asks, path and query values, the body, the answer.</summary>
public sealed class MatrixRequest(HttpContext context, Organisation organisation, HostingOptions options)
{
    internal static readonly object Waits = new();

    private Requester? _requester;

    /// <summary>The underlying HTTP context.</summary>
    public HttpContext Http { get; } = context;

    /// <summary>The organisation that the request's host name stands for.</summary>
    public Organisation Organisation { get; } = organisation;

    /// <summary>Ends when the client goes away.</summary>
    public CancellationToken Aborted => Http.RequestAborted;

    /// <summary>Who asks. Endpoints with <see cref="Access.None"/> and <see cref="Access.Optional"/> use <see cref="FindRequester"/>.</summary>
    public Requester Requester => _requester ?? throw Refusal.MissingToken();

    /// <summary>Who asks, or null where no token was given.</summary>
    public Requester? FindRequester => _requester;

    /// <summary>The bearer token, or null.</summary>
    public string? Token
    {
        get
        {
            var header = Http.Request.Headers.Authorization.ToString();
            if (header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            {
                return header[7..].Trim();
            }

            return options.AllowQueryTokens ? Query("access_token") : null;
        }
    }

    /// <summary>The client's address.</summary>
    public string RemoteAddress => Http.Connection.RemoteIpAddress?.ToString() ?? "";

    internal void Authenticated(Requester requester) => _requester = requester;

    /// <summary>A path value, decoded; "" for an absent optional one.</summary>
    public string Path(string name)
    {
        if (Http.Request.RouteValues.TryGetValue(name, out var value) && value is string text)
        {
            // Kestrel decodes every escape but %2F, so a value holding one is read again from what was sent.
            var decoded = text.Contains("%2F", StringComparison.OrdinalIgnoreCase) ? DecodeSegment(name, text) : text;
            return decoded.Contains('\0', StringComparison.Ordinal)
                ? throw Refusal.InvalidParam($"'{name}' holds a NUL.")
                : decoded;
        }

        return "";
    }

    /// <summary>A room id from the path.</summary>
    public RoomId RoomId(string name = "roomId") =>
        Matrix.RoomId.TryParse(Path(name), out var id) ? id : throw Refusal.InvalidParam($"'{name}' is not a room id.");

    /// <summary>A user id from the path.</summary>
    public UserId UserId(string name = "userId") =>
        Matrix.UserId.TryParse(Path(name), out var id) ? id : throw Refusal.InvalidParam($"'{name}' is not a user id.");

    /// <summary>An event id from the path.</summary>
    public EventId EventId(string name = "eventId") =>
        Matrix.EventId.TryParse(Path(name), out var id) ? id : throw Refusal.InvalidParam($"'{name}' is not an event id.");

    /// <summary>The user id of the path, which must be the requester's own.</summary>
    public UserId OwnUserId(string name = "userId")
    {
        var id = UserId(name);
        return id == Requester.User ? id : throw Refusal.Forbidden("You can do this only for yourself.");
    }

    /// <summary>A query value, or null.</summary>
    public string? Query(string name)
    {
        var value = Http.Request.Query[name];
        return value.Count == 0 ? null : value[0];
    }

    /// <summary>All values of a query name that may be repeated.</summary>
    public IReadOnlyList<string> QueryAll(string name) =>
        [.. Http.Request.Query[name].Where(v => v is not null).Select(v => v!)];

    /// <summary>An integer from the query, or null.</summary>
    public long? QueryInteger(string name) => Query(name) switch
    {
        null => null,
        var text when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n)
            && n is >= -9_007_199_254_740_991 and <= 9_007_199_254_740_991 => n,
        _ => throw Refusal.InvalidParam($"'{name}' is not an integer."),
    };

    /// <summary>A boolean from the query; absent is false.</summary>
    public bool QueryBool(string name) => Query(name) switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw Refusal.InvalidParam($"'{name}' must be true or false."),
    };

    /// <summary>The body, checked; dispose it.</summary>
    public Task<JsonBody> ReadJsonAsync(bool emptyIsObject = false) => JsonBody.ReadAsync(Http, options, emptyIsObject);

    /// <summary>Says that this request sleeps on purpose (a long-poll), so that it does not count as slow.</summary>
    public void SaysItWaits() => Http.Items[Waits] = Waits;

    /// <summary>Answers 200 with what the function writes (a whole object).</summary>
    public Task ReplyAsync(Action<Utf8JsonWriter> write) => JsonReply.SendAsync(Http, 200, write);

    /// <summary>Answers 200 with JSON bytes.</summary>
    public Task ReplyAsync(ReadOnlyMemory<byte> json) => JsonReply.SendAsync(Http, 200, json);

    /// <summary>Answers 200 with an empty object.</summary>
    public Task ReplyEmptyAsync() => JsonReply.SendAsync(Http, 200, EmptyObject);

    /// <summary>Answers with another status.</summary>
    public Task ReplyAsync(int status, Action<Utf8JsonWriter> write) => JsonReply.SendAsync(Http, status, write);

    private static readonly byte[] EmptyObject = "{}"u8.ToArray();

    private string DecodeSegment(string name, string routed)
    {
        var pattern = (Http.GetEndpoint() as Microsoft.AspNetCore.Routing.RouteEndpoint)?.RoutePattern.RawText ?? "";
        var at = pattern.Split('/').ToList().FindIndex(s => s.StartsWith('{') && s.Trim('{', '}', '?', '*') == name);
        var raw = Http.Features.Get<IHttpRequestFeature>()?.RawTarget.Split('?')[0].Split('/');
        return raw is not null && at >= 0 && at < raw.Length ? Uri.UnescapeDataString(raw[at]) : routed;
    }
}
