using System.Net.Http.Headers;
using System.Text.Json;
using Causeway.TestKit;

namespace Causeway.Media.Tests;

/// <summary>An answer of which headers and bytes matter.</summary>
public sealed record Answer(int Status, byte[] Body, HttpResponseMessage Message)
{
    public string? ErrorCode => Message.Content.Headers.ContentType?.MediaType == "application/json" && Body is [(byte)'{', ..]
        && JsonDocument.Parse(Body).RootElement.TryGetProperty("errcode", out var code) ? code.GetString() : null;

    public JsonElement Json => JsonDocument.Parse(Body).RootElement;

    public string? Header(string name) => Message.Headers.NonValidated.TryGetValues(name, out var values)
        || Message.Content.Headers.NonValidated.TryGetValues(name, out values) ? values.ToString() : null;

    public Answer Ok() => Status == 200 ? this : throw new InvalidOperationException($"{Status} {System.Text.Encoding.UTF8.GetString(Body)}");

    public void Refused(int status, string code) => Assert.Equal((status, code), (Status, ErrorCode));
}

/// <summary>A signed-in person who uploads and downloads.</summary>
public sealed class MediaClient(MatrixClient matrix, Uri server)
{
    public const string Api = "/_matrix/client/v1/media/";
    private static readonly HttpClient Http = new(new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5), UseCookies = false });

    public MatrixClient Matrix => matrix;

    /// <summary>Uploads and returns SERVER/ID.</summary>
    public async Task<string> UploadAsync(byte[] bytes, string? type = "application/octet-stream", string? name = null) =>
        (await TryUploadAsync(bytes, type, name)).Ok().Json.GetProperty("content_uri").GetString()!["mxc://".Length..];

    public Task<Answer> TryUploadAsync(byte[] bytes, string? type = "application/octet-stream", string? name = null) =>
        SendAsync("POST", "/_matrix/media/v3/upload" + (name is null ? "" : "?filename=" + Uri.EscapeDataString(name)), new ByteArrayContent(bytes), type);

    public Task<Answer> DownloadAsync(string media, params (string, string)[] headers) => SendAsync("GET", $"{Api}download/{media}", headers: headers);

    public Task<Answer> ThumbnailAsync(string media, int width, int height, string method = "scale") =>
        SendAsync("GET", $"{Api}thumbnail/{media}?width={width}&height={height}&method={method}");

    public Task<Answer> PreviewAsync(string url) => SendAsync("GET", $"{Api}preview_url?url={Uri.EscapeDataString(url)}");

    public async Task<Answer> SendAsync(
        string method, string path, HttpContent? body = null, string? type = null, bool withToken = true, (string Name, string Value)[]? headers = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(server, path)) { Content = body };
        if (type is not null)
        {
            body!.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        foreach (var (name, value) in headers ?? [])
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (withToken)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", matrix.AccessToken);
        }

        var answer = await Http.SendAsync(request);
        return new Answer((int)answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(), answer);
    }
}
