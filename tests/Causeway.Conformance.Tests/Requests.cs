using System.Net.Http.Headers;
using System.Text.Json;
using Causeway.Conformance.Tests.Answers;
using Causeway.TestKit;

namespace Causeway.Conformance.Tests;

/// <summary>Requests as short as the standard's tables: the path follows /_matrix/client/ unless it begins with a slash.</summary>
internal static class Requests
{
    public static Task<MatrixAnswer> GetAsync(this MatrixClient client, string path) => client.AskAsync("GET", path);

    public static Task<MatrixAnswer> PutAsync(this MatrixClient client, string path, object body) => client.AskAsync("PUT", path, body);

    public static Task<MatrixAnswer> PostAsync(this MatrixClient client, string path, object? body = null) => client.AskAsync("POST", path, body ?? new { });

    public static Task<MatrixAnswer> DeleteAsync(this MatrixClient client, string path, object? body = null) => client.AskAsync("DELETE", path, body);

    public static Task<MatrixAnswer> AskAsync(this MatrixClient client, string method, string path, object? body = null) =>
        client.RequestAsync(method, Full(path), body);

    /// <summary>The path below a room.</summary>
    public static string In(string room, string rest, string version = "v3") => $"{version}/rooms/{Escape(room)}/{rest}";

    public static string Escape(string part) => Uri.EscapeDataString(part);

    /// <summary>The room alias that ends in the server's name.</summary>
    public static string Alias(string name) => $"#{name}:localhost";

    public static string Full(string path) => path.StartsWith('/') ? path : "/_matrix/client/" + path;

    public static object State(string type, object content, string key = "") => new { type, content, state_key = key };

    /// <summary>A request whose body is a picture's bytes.</summary>
    public static async Task<MatrixAnswer> UploadAsync(
        TestServer server, MatrixClient who, string request, byte[] bytes, Action<Exchange>? note = null, string type = "image/png")
    {
        var space = request.IndexOf(' ', StringComparison.Ordinal);
        using var message = new HttpRequestMessage(new HttpMethod(request[..space]), new Uri(server.Address, Full(request[(space + 1)..])));
        message.Content = new ByteArrayContent(bytes);
        message.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        using var response = await SendAsync(who, message, note);
        return new MatrixAnswer((int)response.StatusCode, JsonElement.Parse(await response.Content.ReadAsStringAsync()), request);
    }

    /// <summary>A file with its headers.</summary>
    public static Task<HttpResponseMessage> DownloadAsync(TestServer server, MatrixClient who, string path) =>
        SendAsync(who, new HttpRequestMessage(HttpMethod.Get, new Uri(server.Address, Full(path))));

    private static async Task<HttpResponseMessage> SendAsync(MatrixClient who, HttpRequestMessage message, Action<Exchange>? note = null)
    {
        if (who.AccessToken is { } token)
        {
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        using var http = new HttpMessageInvoker(new CheckedTransport(note ?? Exchange.MustBeSound), disposeHandler: false);
        return await http.SendAsync(message, CancellationToken.None);
    }
}
