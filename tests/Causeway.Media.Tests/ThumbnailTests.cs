using System.Text;
using Causeway.Media.Thumbnails;
using Causeway.TestKit;

namespace Causeway.Media.Tests;

/// <summary>A test that needs libvips-tools; skipped where they are not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ThumbnailFactAttribute : FactAttribute
{
    public ThumbnailFactAttribute() => Skip = Thumbnailer.FindProgram() is null ? "vipsthumbnail is not installed (apt-get install libvips-tools)" : null;
}

public sealed class ThumbnailTests
{
    [ThumbnailFact]
    public async Task A_thumbnail_has_the_size_that_was_asked_for_or_the_next_larger_one()
    {
        var server = await TestServer.SharedAsync(Databases.Sqlite);
        var alice = await server.RegisterAsync();
        var media = await alice.UploadAsync(Pictures.Png(1000, 500, seed: 1), "image/png");

        foreach (var (width, height, method, madeWidth, madeHeight) in new[]
        {
            (32, 32, "crop", 32, 32), (96, 96, "crop", 96, 96), (90, 90, "crop", 96, 96), (320, 240, "crop", 320, 240),
            (320, 240, "scale", 320, 160), (640, 480, "scale", 640, 320), (800, 600, "scale", 800, 400), (1, 1, "scale", 32, 16),
            // Larger than what thumbnails are made in, or than the picture: the original.
            (801, 600, "scale", 1000, 500), (800, 800, "crop", 1000, 500), (99_999, 99_999, "scale", 1000, 500),
        })
        {
            var answer = (await alice.ThumbnailAsync(media, width, height, method)).Ok();
            Assert.Equal((madeWidth, madeHeight), Pictures.SizeOf(answer.Body));
            Assert.Equal("image/png", answer.Header("Content-Type"));
            Assert.Contains("sandbox", answer.Header("Content-Security-Policy"));
            Assert.StartsWith("inline", answer.Header("Content-Disposition"), StringComparison.Ordinal);
        }
    }

    [ThumbnailFact]
    public async Task Many_who_ask_at_once_get_one_making_and_a_second_ask_none()
    {
        await using var server = await TestServer.StartAsync(Databases.Sqlite);
        var alice = await server.RegisterAsync();
        var media = await alice.UploadAsync(Pictures.Png(900, 900, seed: 2), "image/png");

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => alice.ThumbnailAsync(media, 96, 96)));

        Assert.All(answers, a => Assert.Equal(answers[0].Ok().Body, a.Body));
        Assert.Equal(2, server.Stored().Count);
    }

    [ThumbnailFact]
    public async Task What_breaks_the_decoder_or_its_limits_is_served_as_it_is_and_not_tried_again()
    {
        await using var server = await TestServer.StartAsync(Databases.Sqlite, o => o with { MaxUpload = 50 << 20 });
        var alice = await server.RegisterAsync();
        // Interlaced, so that it must be decoded whole: 6500 x 6500 x 6 bytes are more than the child may have.
        foreach (var picture in new[] { Pictures.Bomb(500, 500)[..33], Pictures.Png(6500, 6500, bits: 16, interlaced: true) })
        {
            var media = await alice.UploadAsync(picture, "image/png");

            Assert.Equal(picture, (await alice.ThumbnailAsync(media, 96, 96)).Ok().Body);

            var hash = (await server.Library.Catalogue.FindHashAsync(1, media.Split('/')[1]))!;
            Assert.Equal((0, "image/png"), await server.Library.Catalogue.FindThumbnailAsync(hash, "96x96-scale"));
        }

        Assert.Equal(2, server.Stored().Count);
    }

    [DatabaseTheory]
    public async Task Without_the_program_the_original_is_served(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var alice = await server.RegisterAsync();
        var picture = Pictures.Png(200, 200);
        var media = await alice.UploadAsync(picture, "image/png");
        var maker = new ThumbnailMaker(
            server.Library, new Thumbnailer(new MediaOptions { Folder = "", Thumbnailer = null }), server.Get<Hosting.IdSource>());
        var entry = await server.Library.Catalogue.FindAsync(1, media.Split('/')[1]);

        var served = await maker.GetAsync(entry!, new ThumbnailSize(96, 96, false));

        Assert.Equal((entry!.Hash, "image/png"), (served.Key, served.Type));
    }

    [DatabaseTheory]
    [InlineData("svg", "image/svg+xml", 400, "M_UNKNOWN")]
    [InlineData("svg", "image/png", 400, "M_UNKNOWN")]
    [InlineData("text", "image/jpeg", 400, "M_UNKNOWN")]
    [InlineData("empty", "image/png", 400, "M_UNKNOWN")]
    [InlineData("tiff", "image/tiff", 400, "M_UNKNOWN")]
    [InlineData("postscript", "image/jpeg", 400, "M_UNKNOWN")]
    [InlineData("huge", "image/png", 413, "M_TOO_LARGE")]
    [InlineData("negative", "image/png", 400, "M_UNKNOWN")]
    public async Task What_is_no_picture_of_the_four_kinds_is_never_given_to_the_program(string database, string kind, string type, int status, string code)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync();
        byte[] bytes = kind switch
        {
            "svg" => Encoding.UTF8.GetBytes("<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/><script>alert(1)</script></svg>"),
            "text" => "hello"u8.ToArray(),
            "tiff" => [0x49, 0x49, 0x2a, 0, 8, 0, 0, 0],
            "postscript" => "%!PS (/etc/passwd) run"u8.ToArray(),
            "huge" => Pictures.Bomb(60_000, 60_000),
            "negative" => Pictures.Bomb(-1, 5),
            _ => [],
        };

        (await alice.ThumbnailAsync(await alice.UploadAsync(bytes, type), 96, 96)).Refused(status, code);
    }

    [DatabaseTheory]
    [InlineData("", "M_MISSING_PARAM")]
    [InlineData("width=96", "M_MISSING_PARAM")]
    [InlineData("width=0&height=96", "M_INVALID_PARAM")]
    [InlineData("width=96&height=-1", "M_INVALID_PARAM")]
    [InlineData("width=9.5&height=96", "M_INVALID_PARAM")]
    [InlineData("width=96&height=96&method=stretch", "M_INVALID_PARAM")]
    [InlineData("width=99999999999999999999&height=96", "M_INVALID_PARAM")]
    public async Task A_size_that_makes_no_sense_is_refused(string database, string query, string code)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync();
        var media = await alice.UploadAsync(Pictures.Png(200, 200), "image/png");

        (await alice.SendAsync("GET", $"{MediaClient.Api}thumbnail/{media}?{query}")).Refused(400, code);
    }

    [Fact]
    public void A_broken_header_is_none_and_never_a_fault()
    {
        var random = new Random(7);
        byte[][] starts =
        [
            Pictures.Png(3, 3), "GIF89a"u8.ToArray(), [0xff, 0xd8, 0xff, 0xe0], [.. "RIFF    WEBPVP8X"u8], [.. "RIFF    WEBPVP8 "u8], [.. "RIFF    WEBPVP8L"u8], [0xff, 0xd8, 0xff, 0xff, 0xff],
        ];
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = new byte[random.Next(64)];
            random.NextBytes(bytes);
            var start = starts[i % starts.Length];
            start.AsSpan(0, Math.Min(start.Length, bytes.Length)).CopyTo(bytes);
            var header = ImageHeader.Read(bytes);
            Assert.True(header is null or { Width: > 0, Height: > 0 });
        }
    }
}
