namespace Causeway.Conformance.Tests.Answers.Tours;

/// <summary>The content repository, at the authenticated and at the deprecated addresses.</summary>
internal static class MediaTour
{
    private const string Old = "/_matrix/media/v3";

    // The smallest picture there is: one pixel.
    private const string Pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    public static async Task FilesAsync(Tour t)
    {
        var picture = Convert.FromBase64String(Pixel);
        var uploaded = await t.UploadAsync(t.Alice, $"POST {Old}/upload?filename=a.png", "200", picture);
        var media = uploaded.Text("content_uri")["mxc://".Length..];
        await t.UploadAsync(t.Alice, $"POST {Old}/upload", "413 M_TOO_LARGE", new byte[(1 << 20) + 1]);
        var waiting = (await t.GoAsync(t.Alice, "POST /_matrix/media/v1/create", "200")).Text("content_uri")["mxc://".Length..];
        await t.GoAsync(t.Alice, $"GET v1/media/download/{waiting}?timeout_ms=1", "504 M_NOT_YET_UPLOADED");
        await t.GoAsync(t.Alice, $"GET v1/media/download/{waiting}/a.png?timeout_ms=1", "504 M_NOT_YET_UPLOADED");
        await t.GoAsync(t.Alice, $"GET v1/media/thumbnail/{waiting}?timeout_ms=1&width=8&height=8", "504 M_NOT_YET_UPLOADED");
        await t.UploadAsync(t.Bob, $"PUT {Old}/upload/{waiting}", "403 M_FORBIDDEN", picture);
        await t.UploadAsync(t.Alice, $"PUT {Old}/upload/{waiting}", "413 M_TOO_LARGE", new byte[(1 << 20) + 1]);
        await t.UploadAsync(t.Alice, $"PUT {Old}/upload/{waiting}", "200", picture);
        await t.UploadAsync(t.Alice, $"PUT {Old}/upload/{waiting}", "409 M_CANNOT_OVERWRITE_MEDIA", picture);
        await t.UploadAsync(t.Alice, $"PUT {Old}/upload/localhost/none", "404 M_NOT_FOUND", picture);
        await t.GoAsync(t.Alice, $"GET v1/media/download/{media}", "200");
        await t.GoAsync(t.Alice, $"GET v1/media/download/{media}/b.png", "200");
        await t.GoAsync(t.Alice, "GET v1/media/download/localhost/none", "404 M_NOT_FOUND");
        await t.GoAsync(t.Alice, "GET v1/media/download/localhost/none/b.png", "404 M_NOT_FOUND");
        await t.GoAsync(t.Alice, $"GET v1/media/thumbnail/{media}?width=8&height=8", "200");
        await t.GoAsync(t.Alice, $"GET v1/media/thumbnail/{media}?width=-8&height=8", "400");
        await t.GoAsync(t.Alice, "GET v1/media/config", "200");
        await t.GoAsync(t.Alice, $"GET {Old}/config", "200");
        var page = Requests.Escape(new Uri(t.Server.Address, "/").ToString());
        await t.GoAsync(t.Alice, $"GET v1/media/preview_url?url={page}", "200");
        await t.GoAsync(t.Alice, $"GET {Old}/preview_url?url={page}", "200");
        await t.GoAsync(t.Alice, "GET v1/media/preview_url?url=nonsense", "400");

        await using var open = await TestServer.StartAsync(o => o with { UnauthenticatedMedia = true });
        var (alice, nobody) = (await open.RegisterAsync("alice", t.Note), open.Client(t.Note));
        var old = (await t.UploadAsync(alice, $"POST {Old}/upload", "200", picture, open)).Text("content_uri")["mxc://".Length..];
        await t.GoAsync(nobody, $"GET {Old}/download/{old}", "200");
        await t.GoAsync(nobody, $"GET {Old}/download/{old}/a.png", "200");
        await t.GoAsync(nobody, $"GET {Old}/thumbnail/{old}?width=8&height=8", "200");
        await t.GoAsync(nobody, $"GET {Old}/thumbnail/{old}?width=0&height=8", "400");
        await t.GoAsync(nobody, $"GET {Old}/download/localhost/none", "404 M_NOT_FOUND");
        var later = (await t.GoAsync(alice, "POST /_matrix/media/v1/create", "200")).Text("content_uri")["mxc://".Length..];
        foreach (var path in new[] { $"download/{later}?", $"download/{later}/a.png?", $"thumbnail/{later}?width=8&height=8&" })
        {
            await t.GoAsync(nobody, $"GET {Old}/{path}timeout_ms=1", "504 M_NOT_YET_UPLOADED");
        }
    }
}
