using System.IO.Compression;
using System.Net;
using System.Text;

namespace Causeway.Hosting.Tests;

public sealed class OutboundClientTests
{
    private static readonly Dictionary<string, string> Names = new()
    {
        ["rebound.example"] = "127.0.0.1", ["private4.example"] = "10.1.2.3", ["private6.example"] = "fd00::1", ["local6.example"] = "::1",
        ["link.example"] = "169.254.169.254", ["mapped.example"] = "::ffff:192.168.0.1", ["nat64.example"] = "64:ff9b::7f00:1",
        ["sixtofour.example"] = "2002:7f00:1::", ["site.example"] = "127.0.0.1", ["other.site.example"] = "127.0.0.1",
    };

    [Theory]
    [InlineData("http://127.0.0.1/")]
    [InlineData("http://127.1/")]
    [InlineData("http://2130706433/")]
    [InlineData("http://0x7f000001/")]
    [InlineData("http://0x7f.0.0.1/")]
    [InlineData("http://0177.0.0.1/")]
    [InlineData("http://017700000001/")]
    [InlineData("http://0.0.0.0/")]
    [InlineData("http://0/")]
    [InlineData("http://10.0.0.1/")]
    [InlineData("http://100.64.0.1/")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://172.16.0.1/")]
    [InlineData("http://172.31.255.255/")]
    [InlineData("http://192.0.0.8/")]
    [InlineData("http://192.0.2.1/")]
    [InlineData("http://192.88.99.1/")]
    [InlineData("http://192.168.1.1/")]
    [InlineData("http://198.18.0.1/")]
    [InlineData("http://198.51.100.1/")]
    [InlineData("http://203.0.113.1/")]
    [InlineData("http://224.0.0.1/")]
    [InlineData("http://240.0.0.1/")]
    [InlineData("http://255.255.255.255/")]
    [InlineData("http://[::]/")]
    [InlineData("http://[::1]/")]
    [InlineData("http://[::127.0.0.1]/")]
    [InlineData("http://[::ffff:127.0.0.1]/")]
    [InlineData("http://[::ffff:7f00:1]/")]
    [InlineData("http://[::ffff:0:127.0.0.1]/")]
    [InlineData("http://[64:ff9b::127.0.0.1]/")]
    [InlineData("http://[64:ff9b::10.0.0.1]/")]
    [InlineData("http://[64:ff9b:1::8.8.8.8]/")]
    [InlineData("http://[2002:7f00:1::]/")]
    [InlineData("http://[2001::1]/")]
    [InlineData("http://[2001:db8::1]/")]
    [InlineData("http://[3fff::1]/")]
    [InlineData("http://[fc00::1]/")]
    [InlineData("http://[fd12::1]/")]
    [InlineData("http://[fe80::1]/")]
    [InlineData("http://[fec0::1]/")]
    [InlineData("http://[ff02::1]/")]
    [InlineData("http://[100::1]/")]
    [InlineData("http://rebound.example/")]
    [InlineData("http://private4.example/")]
    [InlineData("https://private6.example/")]
    [InlineData("http://local6.example/")]
    [InlineData("http://link.example/")]
    [InlineData("http://mapped.example/")]
    [InlineData("http://nat64.example/")]
    [InlineData("http://sixtofour.example/")]
    [InlineData("http://user@8.8.8.8/")]
    [InlineData("http://user:password@8.8.8.8/")]
    [InlineData("http://8.8.8.8@127.0.0.1/")]
    [InlineData("http://8.8.8.8:22/")]
    [InlineData("http://8.8.8.8:25/")]
    [InlineData("http://8.8.8.8:6379/")]
    [InlineData("http://8.8.8.8:6667/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://8.8.8.8/")]
    [InlineData("gopher://8.8.8.8/")]
    [InlineData("data:text/plain,x")]
    public async Task A_hostile_address_is_refused(string url)
    {
        using var client = Client();

        Assert.Equal(OutboundFault.Refused, await FaultAsync(client, url));
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.0.0.0/8", true)]
    [InlineData("127.0.0.1:{port}", true)]
    [InlineData("127.0.0.1:1", false)]
    [InlineData("site.example", true)]
    [InlineData("site.example:{port}", true)]
    [InlineData("site.example:1", false)]
    [InlineData("SITE.example", true)]
    [InlineData("*.example", true)]
    [InlineData("*.site.example", false)]
    [InlineData("ite.example", false)]
    [InlineData("10.0.0.0/8", false)]
    [InlineData("::1", false)]
    public async Task What_the_operator_allows_is_reached_and_no_more(string allow, bool isReached)
    {
        await using var site = FakeSite.Start(_ => FakeSite.Ok("hello"));
        using var client = Client(allow.Replace("{port}", $"{site.Port}"));
        var url = $"http://site.example:{site.Port}/";

        if (isReached)
        {
            using var answer = await client.SendAsync(Get(url));
            Assert.Equal("hello", Encoding.UTF8.GetString(await answer.ReadBodyAsync()));
        }
        else
        {
            Assert.Equal(OutboundFault.Refused, await FaultAsync(client, url));
        }

        Assert.Equal(isReached ? 1 : 0, site.Requests.Count);
    }

    [Theory]
    [InlineData("nonsense!")]
    [InlineData("10.0.0.0/99")]
    [InlineData("name:port")]
    [InlineData("name:70000")]
    [InlineData("")]
    public void An_entry_that_cannot_be_read_is_refused(string entry) => Assert.Throws<ArgumentException>(() => Client(entry));

    [Fact]
    public async Task A_name_that_changes_its_meaning_is_judged_by_the_address_connected_to()
    {
        await using var site = FakeSite.Start(_ => FakeSite.Ok("secret"));
        var asked = 0;
        using var client = new OutboundClient(
            new OutboundOptions { Resolve = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse(asked++ == 0 ? "10.0.0.1" : "127.0.0.1")]) },
            TimeProvider.System);

        Assert.Equal(OutboundFault.Refused, await FaultAsync(client, $"http://turns.example:{site.Port}/"));
        Assert.Equal(OutboundFault.Refused, await FaultAsync(client, $"http://turns.example:{site.Port}/"));

        Assert.Equal((2, 0), (asked, site.Requests.Count));
    }

    [Fact]
    public async Task Of_several_addresses_only_the_allowed_ones_are_tried()
    {
        await using var site = FakeSite.Start(_ => FakeSite.Ok("hello"));
        using var client = new OutboundClient(
            new OutboundOptions
            {
                Allow = ["127.0.0.1"],
                Resolve = (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("127.0.0.2"), IPAddress.Parse("10.0.0.1"), IPAddress.Loopback]),
            },
            TimeProvider.System);

        using var answer = await client.SendAsync(Get($"http://many.example:{site.Port}/"));

        Assert.Equal(200, answer.Status);
    }

    [Theory]
    [InlineData("http://127.0.0.2/")]
    [InlineData("http://[::1]/")]
    [InlineData("http://private4.example/")]
    [InlineData("http://user@site.example/")]
    [InlineData("//169.254.169.254/latest")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://site.example:22/")]
    public async Task A_redirect_is_judged_like_the_first_address(string to)
    {
        await using var site = FakeSite.Start(_ => FakeSite.Redirect(to));
        using var client = Client($"127.0.0.1:{site.Port}");

        Assert.Equal(OutboundFault.Refused, await FaultAsync(client, $"http://site.example:{site.Port}/", redirects: 5));
    }

    [Fact]
    public async Task Redirects_are_counted_and_a_relative_one_is_followed()
    {
        await using var site = FakeSite.Start(r => r.StartsWith("GET /end ", StringComparison.Ordinal) ? FakeSite.Ok("end") : FakeSite.Redirect(r.StartsWith("GET /one ", StringComparison.Ordinal) ? "end" : r.Split(' ')[1]));
        using var client = Client("127.0.0.1");

        using var answer = await client.SendAsync(Get($"http://site.example:{site.Port}/one") with { MaxRedirects = 1 });
        Assert.Equal(("/end", "end"), (answer.Url.AbsolutePath, Encoding.UTF8.GetString(await answer.ReadBodyAsync())));
        Assert.Equal(OutboundFault.TooMuch, await FaultAsync(client, $"http://site.example:{site.Port}/one"));
        Assert.Equal(OutboundFault.TooMuch, await FaultAsync(client, $"http://site.example:{site.Port}/circle", redirects: 5));
        Assert.Equal(1 + 1 + 1 + 6, site.Requests.Count);
    }

    [Fact]
    public async Task Only_the_first_address_gets_the_secret_and_nobody_a_cookie()
    {
        await using var site = FakeSite.Start(r => r.StartsWith("GET /end ", StringComparison.Ordinal)
            ? FakeSite.Ok("end") : "HTTP/1.1 302 Go\r\nSet-Cookie: a=b\r\nLocation: /end\r\nContent-Length: 0\r\n\r\n");
        using var client = Client("127.0.0.1");

        (await client.SendAsync(Get($"http://site.example:{site.Port}/") with { MaxRedirects = 1, Headers = [("Authorization", "secret"), ("X-Kept", "yes")] })).Dispose();

        var (first, second) = (site.Requests.First(), site.Requests.Last());
        Assert.Contains("Authorization: secret", first);
        Assert.DoesNotContain("Authorization", second);
        Assert.DoesNotContain("Cookie", second);
        Assert.Contains("X-Kept: yes", second);
        Assert.DoesNotContain("traceparent", first);
    }

    [Fact]
    public async Task A_post_is_not_sent_on_to_where_it_is_redirected()
    {
        await using var site = FakeSite.Start(async (_, stream, end) =>
        {
            await stream.ReadExactlyAsync(new byte[4], end);
            await stream.WriteAsync(Encoding.Latin1.GetBytes(FakeSite.Redirect("/end", 307)), end);
        });
        using var client = Client("127.0.0.1");

        using var answer = await client.SendAsync(new OutboundRequest(HttpMethod.Post, new Uri($"http://site.example:{site.Port}/"))
        {
            Content = new ByteArrayContent("body"u8.ToArray()),
            MaxRedirects = 5,
        });

        Assert.Equal((307, 1), (answer.Status, site.Requests.Count));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\nx")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n{endless}")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}")]
    [InlineData("HTTP/1.1 200 OK\r\nX: {endless}")]
    [InlineData("HTTP/1.1 200 OK\r\n{headers}")]
    public async Task What_does_not_end_is_cut_off(string start)
    {
        await using var site = FakeSite.Start(async (_, stream, end) =>
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(start.Split('{')[0]), end);
            var more = Encoding.Latin1.GetBytes(
                start.Contains("{chunks}", StringComparison.Ordinal) ? "4\r\nabcd\r\n" : start.Contains("{headers}", StringComparison.Ordinal) ? "A: b\r\n" : "abcdefgh");
            while (start.Contains('{'))
            {
                await stream.WriteAsync(more, end);
            }
        });
        using var client = Client("127.0.0.1");

        Assert.Equal(OutboundFault.TooMuch, await FaultAsync(client, $"http://site.example:{site.Port}/"));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task A_decompression_bomb_is_cut_off(string encoding)
    {
        var packed = new MemoryStream();
        await using (Stream zip = encoding == "br" ? new BrotliStream(packed, CompressionLevel.Optimal, true) : new GZipStream(packed, CompressionLevel.Optimal, true))
        {
            await zip.WriteAsync(new byte[50_000_000]);
        }

        await using var site = FakeSite.Start(async (_, stream, end) =>
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes($"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {packed.Length}\r\n\r\n"), end);
            await stream.WriteAsync(packed.ToArray(), end);
        });
        using var client = Client("127.0.0.1");

        Assert.True(packed.Length < 100_000);
        Assert.Equal(OutboundFault.TooMuch, await FaultAsync(client, $"http://site.example:{site.Port}/", compressed: true));
        Assert.Equal(OutboundFault.Failed, await FaultAsync(client, $"http://site.example:{site.Port}/"));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip\r\nContent-Length: 1\r\n\r\nx")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{close}")]
    [InlineData("SSH-2.0-OpenSSH\r\n{close}")]
    [InlineData("HTTP/1.1 302 Go\r\nLocation: http://[broken\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("{close}")]
    public async Task Nonsense_is_a_fault_and_no_exception_of_another_kind(string answer)
    {
        await using var site = FakeSite.Start(async (_, stream, end) =>
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(answer.Replace("{close}", "")), end);
            if (answer.Contains("{close}", StringComparison.Ordinal))
            {
                throw new IOException();
            }
        });
        using var client = Client("127.0.0.1");

        Assert.Equal(OutboundFault.Failed, await FaultAsync(client, $"http://site.example:{site.Port}/", redirects: 1, compressed: true));
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nX-Slow: ")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")]
    public async Task A_slow_sender_is_given_up(string start)
    {
        await using var site = FakeSite.Start(async (_, stream, end) =>
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(start), end);
            for (var i = 0; i < 500; i++)
            {
                await Task.Delay(20, end);
                await stream.WriteAsync(Encoding.Latin1.GetBytes(start.Length == 0 ? "" : "a"), end);
            }
        });
        using var client = Client("127.0.0.1");

        Assert.Equal(OutboundFault.TimedOut, await FaultAsync(client, $"http://site.example:{site.Port}/", timeout: TimeSpan.FromMilliseconds(300)));
    }

    [Fact]
    public async Task A_look_up_that_hangs_or_finds_nothing_is_a_fault()
    {
        using var hanging = new OutboundClient(
            new OutboundOptions { Resolve = async (_, end) => { await Task.Delay(Timeout.Infinite, end); return []; } }, TimeProvider.System);
        using var client = Client();

        Assert.Equal(OutboundFault.TimedOut, await FaultAsync(hanging, "http://slow.example/", timeout: TimeSpan.FromMilliseconds(100)));
        Assert.Equal(OutboundFault.Failed, await FaultAsync(client, "http://none.example/"));
    }

    [Fact]
    public async Task The_caller_can_cancel()
    {
        await using var site = FakeSite.Start(async (_, _, end) => await Task.Delay(Timeout.Infinite, end));
        using var client = Client("127.0.0.1");
        using var source = new CancellationTokenSource();

        var asking = client.SendAsync(Get($"http://site.example:{site.Port}/"), source.Token);
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    [Fact]
    public async Task One_host_is_asked_by_few_at_a_time()
    {
        await using var site = FakeSite.Start(async (_, stream, end) =>
        {
            await Task.Delay(10, end);
            await stream.WriteAsync(Encoding.Latin1.GetBytes(FakeSite.Ok("x")), end);
        });
        using var client = Client("127.0.0.1");

        await Task.WhenAll(Enumerable.Range(0, 40).Select(async _ =>
        {
            using var answer = await client.SendAsync(Get($"http://site.example:{site.Port}/"));
            await answer.ReadBodyAsync();
        }));

        Assert.Equal(40, site.Requests.Count);
        Assert.InRange(site.MostAtOnce, 1, 4);
    }

    [Theory]
    [InlineData("https://a.example/", "http://a.example/", true)]
    [InlineData("https://a.example/", "/b", false)]
    [InlineData("http://a.example/", "https://a.example/", false)]
    public void A_redirect_from_https_to_http_is_refused(string from, string to, bool isRefused)
    {
        using var answer = new HttpResponseMessage(HttpStatusCode.Found);
        answer.Headers.TryAddWithoutValidation("Location", to);

        if (isRefused)
        {
            Assert.Equal(OutboundFault.Refused, Assert.Throws<OutboundException>(() => OutboundClient.FindRedirect(HttpMethod.Get, new Uri(from), answer)).Fault);
        }
        else
        {
            Assert.Equal("https", OutboundClient.FindRedirect(HttpMethod.Get, new Uri(from), answer)!.Scheme);
        }
    }

    private static OutboundRequest Get(string url) => new(HttpMethod.Get, new Uri(url)) { MaxBodyBytes = 100_000, Timeout = TimeSpan.FromSeconds(20) };

    private static OutboundClient Client(params string[] allow) => new(
        new OutboundOptions
        {
            Allow = allow,
            MaxPerHost = 4,
            Resolve = (name, _) => Task.FromResult<IPAddress[]>(Names.TryGetValue(name, out var address) ? [IPAddress.Parse(address)] : []),
        },
        TimeProvider.System);

    private static async Task<OutboundFault> FaultAsync(
        OutboundClient client, string url, int redirects = 0, bool compressed = false, TimeSpan? timeout = null)
    {
        var request = Get(url) with { MaxRedirects = redirects, AcceptCompressed = compressed };
        var fault = await Assert.ThrowsAsync<OutboundException>(async () =>
        {
            using var answer = await client.SendAsync(request with { Timeout = timeout ?? request.Timeout });
            await answer.ReadBodyAsync();
        });
        return fault.Fault;
    }
}
