using System.Diagnostics;
using System.Text;
using Causeway.Media.Previews;
using Causeway.TestKit;
using Microsoft.AspNetCore.Http;

namespace Causeway.Media.Tests;

public sealed class PreviewTests
{
    [DatabaseTheory]
    public async Task A_page_is_described_and_its_picture_becomes_a_media(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var alice = await server.RegisterAsync();
        await using var site = await FakePages.StartAsync(new Dictionary<string, string>
        {
            ["/"] = """text/html; charset=utf-8|<html><head><title>Not this</title><meta property="og:title" content="A &amp; B"><meta name=description content='What it is'><META PROPERTY=og:image CONTENT=/pic><meta property="og:site_name" content="Site"/></head>""",
            ["/pic"] = "text/html|{picture}",
            ["/plain"] = "text/html|<title> Only \n a title </title><p>x",
            ["/other"] = "application/zip|PK",
        });

        var preview = (await alice.PreviewAsync(site.Url("/"))).Ok().Json;

        Assert.Equal(("A & B", "What it is", "Site"), (preview.GetProperty("og:title").GetString(), preview.GetProperty("og:description").GetString(), preview.GetProperty("og:site_name").GetString()));
        Assert.Equal(("image/png", 40, 30), (preview.GetProperty("og:image:type").GetString(), preview.GetProperty("og:image:width").GetInt32(), preview.GetProperty("og:image:height").GetInt32()));
        var picture = (await alice.DownloadAsync(preview.GetProperty("og:image").GetString()!["mxc://".Length..])).Ok();
        Assert.Equal(("image/png", picture.Body.Length), (picture.Header("Content-Type"), preview.GetProperty("matrix:image:size").GetInt32()));
        Assert.Equal("Only a title", (await alice.PreviewAsync(site.Url("/plain"))).Ok().Json.GetProperty("og:title").GetString());
        Assert.Equal("{}", Encoding.UTF8.GetString((await alice.PreviewAsync(site.Url("/other"))).Ok().Body));
    }

    [DatabaseTheory]
    public async Task Many_who_ask_at_once_are_answered_by_one_fetch_and_later_ones_by_none(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var alice = await server.RegisterAsync();
        var go = new TaskCompletionSource();
        await using var site = await FakePages.StartAsync(async context =>
        {
            await go.Task;
            context.Response.ContentType = "text/html";
            await context.Response.WriteAsync("<title>once</title>");
        });

        var asking = Enumerable.Range(0, 10).Select(_ => alice.PreviewAsync(site.Url("/"))).ToList();
        await Wait.UntilAsync(() => !site.Asked.IsEmpty, TimeSpan.FromSeconds(20), "the first fetch");
        go.SetResult();
        var answers = await Task.WhenAll(asking);
        (await alice.PreviewAsync(site.Url("/#part"))).Ok();

        Assert.All(answers, a => Assert.Equal("once", a.Ok().Json.GetProperty("og:title").GetString()));
        Assert.Single(site.Asked);
    }

    [DatabaseTheory]
    [InlineData("http://127.0.0.1:{port}/secret")]
    [InlineData("http://localhost:{port}/secret")]
    [InlineData("http://intranet.example:{port}/secret")]
    [InlineData("http://[::ffff:127.0.0.1]:{port}/secret")]
    [InlineData("http://[::1]:{port}/secret")]
    [InlineData("http://0.0.0.0:{port}/secret")]
    [InlineData("http://2130706433:{port}/secret")]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("http://user@www.page.example:{port}/secret")]
    [InlineData("http://www.page.example:{port}/redirect")]
    [InlineData("http://www.page.example:{port}/circle")]
    [InlineData("http://www.page.example:{port}/missing")]
    [InlineData("http://nobody.invalid/")]
    public async Task The_inner_network_is_not_reached_and_every_failure_looks_the_same(string database, string url)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync();
        await using var site = await FakePages.StartAsync(context =>
        {
            switch (context.Request.Path.Value)
            {
                case "/redirect":
                    context.Response.Redirect($"http://127.0.0.1:{context.Request.Host.Port}/secret");
                    break;
                case "/circle":
                    context.Response.Redirect("/circle");
                    break;
                default:
                    context.Response.StatusCode = context.Request.Path == "/secret" ? 200 : 404;
                    break;
            }

            return Task.CompletedTask;
        });

        var answer = await alice.PreviewAsync(url.Replace("{port}", $"{site.Port}"));

        answer.Refused(502, "M_UNKNOWN");
        Assert.Equal("No preview can be made of this address.", answer.Json.GetProperty("error").GetString());
        Assert.DoesNotContain(site.Asked, a => a.EndsWith("/secret", StringComparison.Ordinal));
    }

    [DatabaseTheory]
    [InlineData("http://127.0.0.1:{port}/pic")]
    [InlineData("http://intranet.example:{port}/pic")]
    [InlineData("/to-intranet")]
    [InlineData("/svg")]
    [InlineData("/huge")]
    [InlineData("/endless")]
    [InlineData("file:///etc/passwd")]
    [InlineData("data:image/png;base64,AAAA")]
    [InlineData("http://[")]
    public async Task A_picture_that_may_not_be_had_is_left_out(string database, string picture)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync();
        await using var site = await FakePages.StartAsync(async context =>
        {
            var response = context.Response;
            response.ContentType = context.Request.Path == "/" ? "text/html" : "image/png";
            switch (context.Request.Path.Value)
            {
                case "/":
                    await response.WriteAsync($"<title>t</title><meta property='og:image' content='{picture.Replace("{port}", $"{context.Request.Host.Port}")}'>");
                    break;
                case "/to-intranet":
                    response.Redirect($"http://127.0.0.1:{context.Request.Host.Port}/pic");
                    break;
                case "/svg":
                    await response.WriteAsync("<svg xmlns='http://www.w3.org/2000/svg'/>");
                    break;
                case "/huge":
                    await response.Body.WriteAsync(Pictures.Bomb(60_000, 60_000));
                    break;
                case "/endless":
                    for (var block = new byte[1 << 20]; !context.RequestAborted.IsCancellationRequested;)
                    {
                        await response.Body.WriteAsync(block);
                    }

                    break;
                default:
                    await response.Body.WriteAsync(Pictures.Png(5, 5));
                    break;
            }
        });

        var preview = (await alice.PreviewAsync(site.Url("/"))).Ok().Json;

        Assert.Equal("t", preview.GetProperty("og:title").GetString());
        Assert.False(preview.TryGetProperty("og:image", out _));
        Assert.DoesNotContain(site.Asked, a => a.EndsWith("/pic", StringComparison.Ordinal));
    }

    [DatabaseTheory]
    public async Task An_endless_page_is_read_to_the_limit_and_an_endless_stream_not_at_all(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync();
        await using var site = await FakePages.StartAsync(async context =>
        {
            context.Response.ContentType = context.Request.Path == "/radio" ? "audio/mpeg" : "text/html";
            await context.Response.WriteAsync("<title>endless</title>");
            for (var block = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("<div>", 10_000))); !context.RequestAborted.IsCancellationRequested;)
            {
                await context.Response.Body.WriteAsync(block);
            }
        });

        Assert.Equal("endless", (await alice.PreviewAsync(site.Url("/"))).Ok().Json.GetProperty("og:title").GetString());
        Assert.Equal("{}", Encoding.UTF8.GetString((await alice.PreviewAsync(site.Url("/radio"))).Ok().Body));
    }

    [DatabaseTheory]
    public async Task What_is_no_web_address_is_refused_and_nobody_without_a_token_asks(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync();

        foreach (var url in new[] { "", "page", "file:///etc/passwd", "ftp://a.page.example/", "javascript:alert(1)", "http://", "http://" + new string('a', 3000) })
        {
            (await alice.PreviewAsync(url)).Refused(400, "M_INVALID_PARAM");
        }

        (await alice.SendAsync("GET", MediaClient.Api + "preview_url")).Refused(400, "M_MISSING_PARAM");
        (await alice.SendAsync("GET", MediaClient.Api + "preview_url?url=http://a.page.example/&ts=x")).Refused(400, "M_INVALID_PARAM");
        Assert.Equal(401, (await alice.SendAsync("GET", MediaClient.Api + "preview_url?url=http://a.page.example/", withToken: false)).Status);
        Assert.Equal(401, (await alice.SendAsync("GET", "/_matrix/media/v3/preview_url?url=http://a.page.example/", withToken: false)).Status);
    }

    [DatabaseTheory]
    public async Task Previews_can_be_switched_off(string database)
    {
        await using var server = await TestServer.StartAsync(database, o => o with { UrlPreviews = false });
        var alice = await server.RegisterAsync();

        (await alice.PreviewAsync("http://a.page.example/")).Refused(404, "M_UNRECOGNIZED");
    }

    [Theory]
    [InlineData("<title>a</title>", "a")]
    [InlineData("<TITLE lang=en>a &lt;b&gt;</TITLE>", "a <b>")]
    [InlineData("<!-- <title>no</title> --><title>yes</title>", "yes")]
    [InlineData("<script>\"<title>no</title>\"</script><title>yes</title>", "yes")]
    [InlineData("<style><title>no</title></style ><title>yes", "yes")]
    [InlineData("<a title='<title>no</title>'><title>yes</title>", "yes")]
    [InlineData("<title>unended", "unended")]
    [InlineData("<!-- unended <title>no</title>", null)]
    [InlineData("<", null)]
    [InlineData("<meta content=", null)]
    [InlineData("<meta content='unended", null)]
    [InlineData("", null)]
    public void The_title_is_found(string html, string? title) => Assert.Equal(title, PageReader.Read(html).Title);

    [Theory]
    [InlineData("text/html; charset=iso-8859-1", "\u00e9", new byte[] { 0xe9 })]
    [InlineData("text/html; charset=\"windows-1252\"", "\u20ac", new byte[] { 0x80 })]
    [InlineData("text/html; charset=shift_jis", "\u3042", new byte[] { 0x82, 0xa0 })]
    [InlineData("text/html; charset=no-such-thing", "\u00e9", new byte[] { 0xc3, 0xa9 })]
    [InlineData(null, "\u00e9", new byte[] { 0xc3, 0xa9 })]
    public void The_charset_is_honoured(string? type, string text, byte[] bytes) => Assert.Equal(text, PageReader.Decode(bytes, type));

    [Theory]
    [InlineData("<div>")]
    [InlineData("<b x=1>")]
    [InlineData("<a><b>")]
    [InlineData("<meta a a a a ")]
    [InlineData("<meta property='a' content='b'>")]
    [InlineData("<title>")]
    [InlineData("<script>")]
    [InlineData("<!--")]
    [InlineData("<meta content='")]
    [InlineData("<x a='\">")]
    [InlineData("<")]
    [InlineData("&amp;")]
    [InlineData("<title>&#x110000;</title>")]
    public void No_page_takes_longer_than_its_length(string part)
    {
        var html = string.Concat(Enumerable.Repeat(part, (512 << 10) / part.Length));
        var watch = Stopwatch.StartNew();

        PageReader.Read(html);

        // A tree builder takes minutes for some of these; this takes milliseconds, and the machine may be busy.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(2), $"{watch.Elapsed}");
    }
}
