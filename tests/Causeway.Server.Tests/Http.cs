using System.Net.Http.Headers;
using System.Text.Json;

namespace Causeway.Server.Tests;

/// <summary>An answer with its headers; bodies that are no JSON object have no error code.</summary>
public sealed record HttpAnswer(int Status, string? ErrorCode, HttpResponseHeaders Headers, string Body)
{
    public bool HasCors => Headers.TryGetValues("Access-Control-Allow-Origin", out var origin) && origin.Single() == "*"
        && Headers.Contains("Access-Control-Allow-Methods") && Headers.Contains("Access-Control-Allow-Headers");
}

/// <summary>Requests of which every byte matters.</summary>
public static class Http
{
    private static readonly HttpClient Client = new(new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5) });

    public static async Task<HttpAnswer> SendAsync(
        TestServer server, string method, string path, string? token = null, byte[]? body = null, string? host = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(server.Address, path));
        request.Headers.Host = host;
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        using var response = await Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new HttpAnswer((int)response.StatusCode, ErrorCode(text), response.Headers, text);
    }

    /// <summary>The same with a body in pieces and no Content-Length.</summary>
    public static async Task<HttpAnswer> SendChunkedAsync(TestServer server, string method, string path, string token, byte[] body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(server.Address, path));
        request.Content = new StreamContent(new MemoryStream(body));
        request.Content.Headers.ContentLength = null;
        request.Headers.TransferEncodingChunked = true;
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new HttpAnswer((int)response.StatusCode, ErrorCode(text), response.Headers, text);
    }

    private static string? ErrorCode(string text)
    {
        if (!text.StartsWith('{'))
        {
            return null;
        }

        using var json = JsonDocument.Parse(text);
        return json.RootElement.TryGetProperty("errcode", out var code) ? code.GetString() : null;
    }
}
