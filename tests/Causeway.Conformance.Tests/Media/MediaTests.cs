using Causeway.Conformance.Tests.Baseline;
using Causeway.TestKit;

namespace Causeway.Conformance.Tests.Media;

/// <summary>Client-server API, "Content repository".</summary>
public sealed class MediaTests : BehaviourTests
{
    private const string Upload = "POST /_matrix/media/v3/upload";

    [Behaviour]
    public async Task What_was_uploaded_is_downloaded_with_its_type()
    {
        using var answer = await DownloadAsync(await UploadAsync("hello"u8.ToArray(), type: "text/plain"));
        Assert.Equal("hello", await answer.Content.ReadAsStringAsync());
        Assert.Equal("text/plain", answer.Content.Headers.ContentType!.MediaType);
    }

    [Behaviour]
    public async Task The_name_of_the_upload_is_given_at_the_download()
    {
        using var answer = await DownloadAsync(await UploadAsync("x"u8.ToArray(), "report.txt", "text/plain"));
        Assert.Equal("report.txt", answer.Content.Headers.ContentDisposition!.FileName!.Trim('"'));
    }

    [Behaviour]
    public async Task A_name_beyond_ASCII_comes_back_whole()
    {
        using var answer = await DownloadAsync(await UploadAsync("x"u8.ToArray(), "заметка ☕.txt", "text/plain"));
        Assert.Equal("заметка ☕.txt", answer.Content.Headers.ContentDisposition!.FileNameStar);
    }

    [Behaviour]
    public async Task A_name_with_spaces_quotes_and_semicolons_comes_back_whole()
    {
        foreach (var name in new[] { "name;with;semicolons", "name with spaces", "semi;colon and space" })
        {
            using var answer = await DownloadAsync(await UploadAsync("x"u8.ToArray(), name, "text/plain"));
            Assert.Equal(name, answer.Content.Headers.ContentDisposition!.FileNameStar ?? answer.Content.Headers.ContentDisposition.FileName!.Trim('"'));
        }
    }

    [Behaviour]
    public async Task The_name_in_the_path_wins()
    {
        using var answer = await DownloadAsync(await UploadAsync("x"u8.ToArray(), "one.txt", "text/plain") + "/two.txt");
        Assert.Equal("two.txt", answer.Content.Headers.ContentDisposition!.FileName!.Trim('"'));
    }

    [Behaviour]
    public async Task Without_a_type_it_is_bytes()
    {
        using var answer = await DownloadAsync(await UploadAsync("x"u8.ToArray(), type: "application/octet-stream"));
        Assert.Equal("application/octet-stream", answer.Content.Headers.ContentType!.MediaType);
    }

    [Behaviour]
    public async Task A_picture_is_shown_and_a_page_is_not()
    {
        using var picture = await DownloadAsync(await UploadAsync([0x89, 0x50], type: "image/png"));
        Assert.Equal("inline", picture.Content.Headers.ContentDisposition!.DispositionType);
        using var page = await DownloadAsync(await UploadAsync("<p>"u8.ToArray(), type: "text/html"));
        Assert.Equal("attachment", page.Content.Headers.ContentDisposition!.DispositionType);
    }

    [Behaviour]
    public async Task Downloads_carry_the_headers_that_keep_browsers_safe()
    {
        using var answer = await DownloadAsync(await UploadAsync("x"u8.ToArray()));
        Assert.Contains("sandbox", answer.Headers.GetValues("Content-Security-Policy").Single());
        Assert.Equal("cross-origin", answer.Headers.GetValues("Cross-Origin-Resource-Policy").Single());
    }

    [Behaviour]
    public async Task Without_a_token_nothing_is_downloaded()
    {
        var media = await UploadAsync("x"u8.ToArray());
        (await Nobody.GetAsync($"v1/media/download/{media}")).Refused(401, "M_MISSING_TOKEN");
        (await Nobody.GetAsync($"/_matrix/media/v3/download/{media}")).Refused(404, "M_NOT_FOUND");
    }

    [Behaviour]
    public async Task An_id_made_before_waits_for_its_file()
    {
        var made = (await Alice.PostAsync("/_matrix/media/v1/create")).Ok();
        var media = made.Text("content_uri")["mxc://".Length..];
        Assert.True(made["unused_expires_at"].GetInt64() > 0);
        (await Bob.GetAsync($"v1/media/download/{media}?timeout_ms=0")).Refused(504, "M_NOT_YET_UPLOADED");
        Assert.Equal(200, (await Requests.UploadAsync(Server, Alice, $"PUT /_matrix/media/v3/upload/{media}", "x"u8.ToArray())).Status);
        using var answer = await DownloadAsync(media);
        Assert.Equal("x", await answer.Content.ReadAsStringAsync());
    }

    [Behaviour]
    public async Task The_limit_of_an_upload_is_told_and_kept()
    {
        var limit = (await Alice.GetAsync("v1/media/config")).Ok()["m.upload.size"].GetInt32();
        Assert.Equal((413, "M_TOO_LARGE"), Outcome(await Requests.UploadAsync(Server, Alice, Upload, new byte[limit + 1])));
    }

    private static (int, string?) Outcome(MatrixAnswer answer) => (answer.Status, answer.ErrorCode);

    private async Task<string> UploadAsync(byte[] bytes, string? name = null, string type = "image/png") =>
        (await Requests.UploadAsync(Server, Alice, Upload + (name is null ? "" : "?filename=" + Requests.Escape(name)), bytes, type: type)).Ok().Text("content_uri")["mxc://".Length..];

    private async Task<HttpResponseMessage> DownloadAsync(string media)
    {
        var answer = await Requests.DownloadAsync(Server, Bob, $"v1/media/download/{media}");
        Assert.Equal(200, (int)answer.StatusCode);
        return answer;
    }
}
