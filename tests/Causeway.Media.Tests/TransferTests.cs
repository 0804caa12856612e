using System.Security.Cryptography;
using System.Text;
using Causeway.TestKit;

namespace Causeway.Media.Tests;

public sealed class TransferTests
{
    private static readonly byte[] Hello = Encoding.UTF8.GetBytes("0123456789");

    [DatabaseTheory]
    public async Task What_was_uploaded_is_downloaded_with_the_headers_that_protect(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync(), await server.RegisterAsync());
        var bytes = RandomNumberGenerator.GetBytes(1_000_000);

        var media = await alice.UploadAsync(bytes, "image/PNG", "photo.png");
        var answer = (await bob.DownloadAsync(media)).Ok();

        Assert.Equal(bytes, answer.Body);
        Assert.Equal("image/PNG", answer.Header("Content-Type"));
        Assert.Equal("inline; filename=\"photo.png\"", answer.Header("Content-Disposition"));
        Assert.Equal("sandbox; default-src 'none'; script-src 'none'; plugin-types application/pdf; style-src 'unsafe-inline'; object-src 'self';", answer.Header("Content-Security-Policy"));
        Assert.Equal("cross-origin", answer.Header("Cross-Origin-Resource-Policy"));
        Assert.Equal("nosniff", answer.Header("X-Content-Type-Options"));
        Assert.Equal("private, max-age=31536000, immutable", answer.Header("Cache-Control"));
        Assert.Equal("1000000", answer.Header("Content-Length"));
        Assert.Equal("*", answer.Header("Access-Control-Allow-Origin"));
        Assert.Matches("^localhost/[A-Za-z0-9]{24}$", media);
        Assert.Equal("attachment; filename=\"other.bin\"", (await bob.SendAsync("GET", $"{MediaClient.Api}download/{await alice.UploadAsync(bytes)}/other.bin")).Ok().Header("Content-Disposition"));
    }

    [DatabaseTheory]
    [InlineData("image/png", "inline", "image/png")]
    [InlineData("IMAGE/PNG", "inline", "IMAGE/PNG")]
    [InlineData("text/plain; charset=utf-8", "inline", "text/plain; charset=utf-8")]
    [InlineData("image/svg+xml", "attachment", "image/svg+xml")]
    [InlineData("Image/SVG+xml", "attachment", "Image/SVG+xml")]
    [InlineData("text/html", "attachment", "text/html")]
    [InlineData("TEXT/HTML;charset=utf-8", "attachment", "TEXT/HTML;charset=utf-8")]
    [InlineData("application/xhtml+xml", "attachment", "application/xhtml+xml")]
    [InlineData("application/pdf", "attachment", "application/pdf")]
    [InlineData("multipart/form-data; boundary=x", "attachment", "multipart/form-data; boundary=x")]
    [InlineData("image/png, text/html", "attachment", "application/octet-stream")]
    [InlineData("nonsense", "attachment", "application/octet-stream")]
    [InlineData("/", "attachment", "application/octet-stream")]
    [InlineData(null, "attachment", "application/octet-stream")]
    public async Task Only_types_that_are_safe_are_shown_whatever_the_bytes_are(string database, string? type, string kind, string served)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync();
        var polyglot = Encoding.UTF8.GetBytes("GIF89a/*<script>alert(1)</script>*/=1");

        var answer = (await alice.DownloadAsync(await alice.UploadAsync(polyglot, type))).Ok();

        Assert.Equal(kind, answer.Header("Content-Disposition"));
        Assert.Equal(served, answer.Header("Content-Type"));
        Assert.Contains("sandbox", answer.Header("Content-Security-Policy"));
        Assert.Equal("nosniff", answer.Header("X-Content-Type-Options"));
    }

    [DatabaseTheory]
    [InlineData("../../etc/passwd", "filename=\"passwd\"")]
    [InlineData("..\\..\\boot.ini", "filename=\"boot.ini\"")]
    [InlineData("a\r\nSet-Cookie: x=y", "filename=\"aSet-Cookie: x=y\"")]
    [InlineData("a\"; filename=evil.exe", "filename*=utf-8''a%22%3B%20filename%3Devil.exe")]
    [InlineData("é.txt", "filename*=utf-8''%C3%A9.txt")]
    [InlineData("\u202Etxt.exe", "filename=\"txt.exe\"")]
    [InlineData("a%2e%2e", "filename*=utf-8''a%252e%252e")]
    [InlineData(".htaccess", "filename=\"htaccess\"")]
    [InlineData("...", null)]
    [InlineData("/", null)]
    public async Task A_hostile_name_is_made_harmless(string database, string name, string? disposition)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync();

        var answer = (await alice.DownloadAsync(await alice.UploadAsync(Hello, "text/plain", name))).Ok();

        Assert.Equal(disposition is null ? "inline" : "inline; " + disposition, answer.Header("Content-Disposition"));
        Assert.Null(answer.Header("Set-Cookie"));
    }

    [DatabaseTheory]
    [InlineData("bytes=0-0", 206, "0", "bytes 0-0/10")]
    [InlineData("bytes=2-4", 206, "234", "bytes 2-4/10")]
    [InlineData("bytes=7-", 206, "789", "bytes 7-9/10")]
    [InlineData("bytes=-3", 206, "789", "bytes 7-9/10")]
    [InlineData("bytes=-30", 206, "0123456789", "bytes 0-9/10")]
    [InlineData("bytes=8-99999999999", 206, "89", "bytes 8-9/10")]
    [InlineData("bytes=10-", 416, null, "bytes */10")]
    [InlineData("bytes=-0", 416, null, "bytes */10")]
    [InlineData("bytes=99-100", 416, null, "bytes */10")]
    [InlineData("bytes=4-2", 200, "0123456789", null)]
    [InlineData("bytes=0-1,3-4", 200, "0123456789", null)]
    [InlineData("bytes=--1", 200, "0123456789", null)]
    [InlineData("bytes=99999999999999999999-", 200, "0123456789", null)]
    [InlineData("chars=0-1", 200, "0123456789", null)]
    public async Task A_part_is_served(string database, string range, int status, string? body, string? contentRange)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync();
        var media = await alice.UploadAsync(Hello, "text/plain");

        var answer = await alice.DownloadAsync(media, ("Range", range));

        Assert.Equal((status, contentRange), (answer.Status, answer.Header("Content-Range")));
        Assert.Equal(body ?? "M_INVALID_PARAM", body is null ? answer.ErrorCode : Encoding.UTF8.GetString(answer.Body));
    }

    [DatabaseTheory]
    public async Task A_client_that_has_it_is_not_sent_it_again(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync();
        var media = await alice.UploadAsync(Hello, "text/plain");
        var tag = (await alice.DownloadAsync(media)).Ok().Header("ETag")!;

        Assert.Equal(304, (await alice.DownloadAsync(media, ("If-None-Match", tag))).Status);
        Assert.Equal(304, (await alice.DownloadAsync(media, ("If-None-Match", "\"x\", W/" + tag))).Status);
        Assert.Equal(200, (await alice.DownloadAsync(media, ("If-None-Match", "\"x\""))).Status);
        Assert.Equal(206, (await alice.DownloadAsync(media, ("Range", "bytes=0-1"), ("If-Range", tag))).Status);
        Assert.Equal(200, (await alice.DownloadAsync(media, ("Range", "bytes=0-1"), ("If-Range", "\"x\""))).Status);
        Assert.Equal(401, (await alice.SendAsync("GET", $"{MediaClient.Api}download/{media}", withToken: false, headers: [("If-None-Match", tag)])).Status);
    }

    [DatabaseTheory]
    [InlineData("localhost/none")]
    [InlineData("localhost/..%2f..%2fcauseway.db")]
    [InlineData("localhost/a%01b")]
    [InlineData("..%2f..%2fetc/passwd")]
    [InlineData("matrix.example/abcdef")]
    [InlineData("127.0.0.1:22/abcdef")]
    [InlineData("local%20host/abcdef")]
    [InlineData("localhost/%C3%A9")]
    public async Task What_is_not_ours_is_not_found_and_nothing_is_fetched_for_it(string database, string media)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync();

        foreach (var kind in new[] { "download/{0}", "download/{0}/name", "thumbnail/{0}?width=32&height=32" })
        {
            var answer = await alice.SendAsync("GET", MediaClient.Api + kind.Replace("{0}", media, StringComparison.Ordinal));
            Assert.True(answer is { Status: 404, ErrorCode: "M_NOT_FOUND" } or { Status: 400, ErrorCode: "M_INVALID_PARAM" }, $"{kind} {answer.Status}");
            Assert.Contains("sandbox", answer.Header("Content-Security-Policy"));
        }
    }

    [DatabaseTheory]
    public async Task The_deprecated_addresses_serve_nothing_without_a_token_unless_told_to(string database)
    {
        await using var open = await TestServer.StartAsync(database, o => o with { UnauthenticatedMedia = true });
        foreach (var (server, isOpen) in new[] { (await TestServer.SharedAsync(database), false), (open, true) })
        {
            var alice = await server.RegisterAsync();
            var media = await alice.UploadAsync(Pictures.Png(10, 10), "image/png");
            foreach (var path in new[] { $"v3/download/{media}", $"r0/download/{media}/x.png", $"v3/thumbnail/{media}?width=32&height=32" })
            {
                var answer = await alice.SendAsync("GET", "/_matrix/media/" + path, withToken: false);
                Assert.Equal((isOpen ? 200 : 404, isOpen ? null : "M_NOT_FOUND"), (answer.Status, answer.ErrorCode));
            }

            Assert.Equal(4 << 20, (await alice.SendAsync("GET", "/_matrix/media/v3/config")).Ok().Json.GetProperty("m.upload.size").GetInt64());
            Assert.Equal(4 << 20, (await alice.SendAsync("GET", MediaClient.Api + "config")).Ok().Json.GetProperty("m.upload.size").GetInt64());
            Assert.Equal(401, (await alice.SendAsync("GET", $"{MediaClient.Api}download/{media}", withToken: false)).Status);
        }
    }

    [DatabaseTheory]
    public async Task What_is_too_large_is_refused_and_leaves_nothing(string database)
    {
        await using var server = await TestServer.StartAsync(database, o => o with { MaxUpload = 100_000 });
        var alice = await server.RegisterAsync();
        var chunked = new StreamContent(new MemoryStream(new byte[500_000]));
        chunked.Headers.ContentLength = null;

        (await alice.TryUploadAsync(new byte[100_001])).Refused(413, "M_TOO_LARGE");
        var answer = await alice.SendAsync("POST", "/_matrix/media/v3/upload", chunked, headers: [("Transfer-Encoding", "chunked")]);
        answer.Refused(413, "M_TOO_LARGE");
        await alice.UploadAsync(new byte[100_000]);

        Assert.Single(server.Stored());
    }

    [DatabaseTheory]
    public async Task An_upload_that_breaks_off_leaves_nothing(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var alice = await server.RegisterAsync();
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(server.Address.Host, server.Address.Port);
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /_matrix/media/v3/upload HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {alice.Matrix.AccessToken}\r\nContent-Length: 1000000\r\n\r\nsome"));
        await Wait.UntilAsync(() => server.Stored().Count == 1, TimeSpan.FromSeconds(20), "the upload's beginning");

        socket.Close();

        await Wait.UntilAsync(() => server.Stored().Count == 0, TimeSpan.FromSeconds(20), "the end of what broke off");
    }

    [DatabaseTheory]
    public async Task Quotas_of_an_account_and_of_all_hold(string database)
    {
        await using var server = await TestServer.StartAsync(database, o => o with { MediaQuota = 1000, MediaQuotaTotal = 1500 });
        var (alice, bob) = (await server.RegisterAsync(), await server.RegisterAsync());
        var first = RandomNumberGenerator.GetBytes(800);
        var admin = await server.AdministratorAsync();

        var media = await alice.UploadAsync(first);
        (await alice.TryUploadAsync(RandomNumberGenerator.GetBytes(201))).Refused(403, "M_FORBIDDEN");
        (await bob.TryUploadAsync(RandomNumberGenerator.GetBytes(900))).Refused(403, "M_FORBIDDEN");
        // The same bytes take no room twice, but count for who uploads them.
        await bob.UploadAsync(first);
        (await bob.TryUploadAsync(RandomNumberGenerator.GetBytes(201))).Refused(403, "M_FORBIDDEN");
        Assert.Single(server.Stored());
        (await admin.SendAsync("DELETE", $"/_synapse/admin/v1/media/{media}")).Ok();
        await alice.UploadAsync(RandomNumberGenerator.GetBytes(600));
    }

    [DatabaseTheory]
    public async Task An_id_made_before_is_filled_once_by_who_made_it(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync(), await server.RegisterAsync());
        var made = (await alice.SendAsync("POST", "/_matrix/media/v1/create")).Ok().Json;
        var media = made.GetProperty("content_uri").GetString()!["mxc://".Length..];
        var path = "/_matrix/media/v3/upload/" + media;

        (await bob.DownloadAsync(media + "?timeout_ms=0")).Refused(504, "M_NOT_YET_UPLOADED");
        (await bob.DownloadAsync(media + "?timeout_ms=50")).Refused(504, "M_NOT_YET_UPLOADED");
        (await bob.ThumbnailAsync(media + "?timeout_ms=0&", 32, 32)).Refused(400, "M_MISSING_PARAM");
        (await bob.SendAsync("PUT", path, new ByteArrayContent(Hello))).Refused(403, "M_FORBIDDEN");
        (await bob.SendAsync("PUT", path + "x", new ByteArrayContent(Hello))).Refused(404, "M_NOT_FOUND");
        var waiting = bob.DownloadAsync(media + "?timeout_ms=30000");
        (await alice.SendAsync("PUT", path + "?filename=a.txt", new ByteArrayContent(Hello), "text/plain")).Ok();
        (await alice.SendAsync("PUT", path, new ByteArrayContent(Hello))).Refused(409, "M_CANNOT_OVERWRITE_MEDIA");

        var got = (await waiting).Ok();
        Assert.Equal((Encoding.UTF8.GetString(Hello), "inline; filename=\"a.txt\""), (Encoding.UTF8.GetString(got.Body), got.Header("Content-Disposition")));
        Assert.InRange(made.GetProperty("unused_expires_at").GetInt64() - TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), 86_000_000, 86_400_000);
    }

    [DatabaseTheory]
    public async Task Of_two_who_fill_an_id_at_the_same_time_one_wins(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync();
        var media = (await alice.SendAsync("POST", "/_matrix/media/v1/create")).Ok().Json.GetProperty("content_uri").GetString()!["mxc://".Length..];

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => alice.SendAsync("PUT", "/_matrix/media/v3/upload/" + media, new ByteArrayContent([(byte)i]))));

        var winner = Array.FindIndex(answers, a => a.Status == 200);
        Assert.Equal(7, answers.Count(a => a is { Status: 409, ErrorCode: "M_CANNOT_OVERWRITE_MEDIA" }));
        Assert.Equal([(byte)winner], (await alice.DownloadAsync(media)).Ok().Body);
    }

    [DatabaseTheory]
    public async Task Ids_that_wait_are_limited_and_expire(string database)
    {
        var clock = new ShiftedClock();
        await using var server = await TestServer.StartAsync(database, clock: clock);
        var alice = await server.RegisterAsync();
        var first = (await alice.SendAsync("POST", "/_matrix/media/v1/create")).Ok().Json.GetProperty("content_uri").GetString()!["mxc://".Length..];
        for (var i = 1; i < 10; i++)
        {
            (await alice.SendAsync("POST", "/_matrix/media/v1/create")).Ok();
        }

        (await alice.SendAsync("POST", "/_matrix/media/v1/create")).Refused(429, "M_LIMIT_EXCEEDED");
        clock.Ahead = TimeSpan.FromHours(25);

        (await alice.SendAsync("PUT", "/_matrix/media/v3/upload/" + first, new ByteArrayContent(Hello))).Refused(404, "M_NOT_FOUND");
        (await alice.DownloadAsync(first)).Refused(404, "M_NOT_FOUND");
        (await alice.SendAsync("POST", "/_matrix/media/v1/create")).Ok();
        await server.Get<MediaSweep>().SweepAsync();
        Assert.Null(await server.Library.Catalogue.FindHashAsync(1, first.Split('/')[1]));
    }

    [DatabaseTheory]
    public async Task Uploads_are_slowed_down(string database)
    {
        await using var server = await TestServer.StartAsync(database, o => o with { RateLimits = true });
        var alice = await server.RegisterAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => alice.TryUploadAsync([(byte)i])));

        Assert.Contains(answers, a => a is { Status: 429, ErrorCode: "M_LIMIT_EXCEEDED" });
        Assert.Contains(answers, a => a.Status == 200);
    }

    [DatabaseTheory]
    public async Task Guests_see_media_and_upload_none(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync();
        var media = await alice.UploadAsync(Hello);
        var guest = new MediaClient(
            new MatrixClient(server.Address)
            {
                AccessToken = (await new MatrixClient(server.Address).RequestAsync("POST", "/_matrix/client/v3/register?kind=guest", new { })).Ok().Text("access_token"),
            },
            server.Address);

        Assert.Equal(Hello, (await guest.DownloadAsync(media)).Ok().Body);
        (await guest.TryUploadAsync(Hello)).Refused(403, "M_GUEST_ACCESS_FORBIDDEN");
    }

    private sealed class ShiftedClock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
    }
}
