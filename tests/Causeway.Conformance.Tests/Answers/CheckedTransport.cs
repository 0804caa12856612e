using System.Text.Json;

namespace Causeway.Conformance.Tests.Answers;

/// <summary>A request that belongs to an endpoint of the standard, its answer, and what the standard does not allow of it.</summary>
internal sealed record Exchange(Endpoint Endpoint, string Path, int Status, string? ErrorCode, string Body, IReadOnlyList<string> Problems)
{
    public override string ToString() =>
        $"{Endpoint.Method} {Path} -> {Status} {(Body.Length > 1500 ? Body[..1500] + "..." : Body)}\n    {string.Join("\n    ", Problems)}";

    /// <summary>What clients of behaviour tests do with each exchange.</summary>
    public static void MustBeSound(Exchange exchange)
    {
        if (exchange.Problems.Count > 0)
        {
            throw new DeviationException($"The answer is not as the OpenAPI document has it: {exchange}");
        }
    }
}

internal sealed class DeviationException(string message) : Exception(message);

/// <summary>Holds each answer against the schema of its endpoint and status before the test sees it.</summary>
internal sealed class CheckedTransport(Action<Exchange> note) : DelegatingHandler(Connections)
{
    // One pool for all clients: an HttpClient is disposed with its test, the connections go on.
    private static readonly SocketsHttpHandler Connections = new() { PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30), AllowAutoRedirect = false };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath;
        var response = await base.SendAsync(request, cancellationToken);
        if (Standard.Document.Find(request.Method.Method, path) is { } endpoint)
        {
            await response.Content.LoadIntoBufferAsync(cancellationToken);
            var isJson = response.Content.Headers.ContentType?.MediaType == "application/json";
            var text = isJson ? await response.Content.ReadAsStringAsync(cancellationToken) : "";
            JsonElement? body = isJson && text.Length > 0 ? JsonElement.Parse(text) : null;
            var status = (int)response.StatusCode;
            var code = body is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty("errcode", out var found) ? found.GetString() : null;
            note(new Exchange(endpoint, request.RequestUri.PathAndQuery, status, code, text, Standard.Document.Check(endpoint, status, body)));
        }

        return response;
    }
}
