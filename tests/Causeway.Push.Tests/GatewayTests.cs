using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Causeway.TestKit;

namespace Causeway.Push.Tests;

public sealed class GatewayTests
{
    private const string Gateway = "/_matrix/push/v1/notify";

    /// <summary>RFC 8291, section 5 and appendix A.</summary>
    [Fact]
    public void The_example_of_the_standard_is_encrypted_to_the_very_same_bytes()
    {
        const string text = "When I grow up, I want to be a watermelon";
        const string expected = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        var asPoint = Base64Url.DecodeFromChars("BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8");
        using var sender = ECDiffieHellman.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            D = Base64Url.DecodeFromChars("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"),
            Q = new ECPoint { X = asPoint[1..33], Y = asPoint[33..] },
        });
        using var browser = new Browser(
            "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94",
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "BTBZMqHH6r4Tts7J_aSIgg");

        var body = WebPushEncryption.Encrypt(
            Encoding.UTF8.GetBytes(text), WebPushKeys.TryParse(browser.P256dh, browser.Auth)!, sender, Base64Url.DecodeFromChars("DGv6ra1nlYgDCS1FRnbzlw"));

        Assert.Equal(expected, Base64Url.EncodeToString(body));
        Assert.Equal(text, Encoding.UTF8.GetString(browser.Decrypt(body)));
    }

    [DatabaseTheory]
    public async Task A_browser_gets_what_only_it_can_read_from_a_sender_that_proves_itself(string database)
    {
        var server = await TestServer.SharedAsync(database);
        await using var service = await FakeGateway.StartAsync();
        using var browser = new Browser();
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreateRoomAsync(new { preset = "public_chat", name = "Room" });
        await bob.JoinAsync(room);
        var key = (await new MatrixClient(server.Address).RequestAsync("GET", "/_matrix/client/unstable/chat.causeway.push/webpush/key")).Ok().Text("public_key");
        service.Answer = (context, _) =>
        {
            context.Response.StatusCode = 201;
            return Task.CompletedTask;
        };
        var body = browser.Pusher(server.Address, service.Url("/subscription/1"));
        body.Data()["default_payload"] = new { account = "bob", room_id = "never this" };
        await bob.SetPusherAsync(body);

        var sent = await alice.SendTextAsync(room, "for bob alone");
        await service.WaitAsync(1);

        var push = service.Received.Single();
        var claims = Browser.CheckVapid(push, key);
        Assert.Equal($"http://gateway.push.example:{service.Port}", claims.GetProperty("aud").GetString());
        Assert.InRange(claims.GetProperty("exp").GetInt64(), DateTimeOffset.UtcNow.ToUnixTimeSeconds(), DateTimeOffset.UtcNow.AddHours(24).ToUnixTimeSeconds());
        Assert.StartsWith("https://", claims.GetProperty("sub").GetString());
        Assert.Equal(("/subscription/1", "86400", "high"), (push.Path, push.Headers["TTL"], push.Headers["Urgency"]));
        Assert.DoesNotContain("Topic", push.Headers.Keys);
        var told = browser.Read(push);
        Assert.Equal(
            ("bob", room, sent, "Room", "for bob alone", 1),
            (told.GetProperty("account").GetString(), told.GetProperty("room_id").GetString(), told.GetProperty("event_id").GetString(),
                told.GetProperty("room_name").GetString(), told.GetProperty("content").GetProperty("body").GetString(), told.GetProperty("unread").GetInt32()));
    }

    [DatabaseTheory]
    public async Task A_message_too_large_for_web_push_goes_without_its_content(string database)
    {
        var server = await TestServer.SharedAsync(database);
        await using var service = await FakeGateway.StartAsync();
        using var browser = new Browser();
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await TestServer.RoomOfAsync(alice, bob);
        var body = browser.Pusher(server.Address, service.Url("/s"));
        body.Data()["only_last_per_room"] = true;
        await bob.SetPusherAsync(body);

        var sent = await alice.SendTextAsync(room, new string('x', 20_000));
        await service.WaitAsync(1);

        var told = browser.Read(service.Received[0]);
        Assert.Equal((sent, room, false), (told.GetProperty("event_id").GetString(), told.GetProperty("room_id").GetString(), told.TryGetProperty("content", out _)));
        Assert.Equal(32, service.Received[0].Headers["Topic"].Length);
    }

    [DatabaseTheory]
    [InlineData(404)]
    [InlineData(410)]
    public async Task A_subscription_that_is_gone_ends_its_pusher(string database, int status)
    {
        var server = await TestServer.SharedAsync(database);
        await using var service = await FakeGateway.StartAsync();
        using var browser = new Browser();
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await TestServer.RoomOfAsync(alice, bob);
        await bob.SetPusherAsync(browser.Pusher(server.Address, service.Url("/s")));
        service.Answer = (context, _) =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        };

        await alice.SendTextAsync(room, "x");
        await Wait.UntilAsync(async () => (await bob.PushersAsync()).Count == 0, TimeSpan.FromSeconds(20), "the end of the pusher");

        Assert.Single(service.Received);
    }

    [DatabaseTheory]
    public async Task A_message_that_a_service_refuses_is_given_up_and_the_next_is_tried(string database)
    {
        var server = await TestServer.SharedAsync(database);
        await using var service = await FakeGateway.StartAsync();
        using var browser = new Browser();
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await TestServer.RoomOfAsync(alice, bob);
        await bob.SetPusherAsync(browser.Pusher(server.Address, service.Url("/s")));
        service.Answer = (context, _) =>
        {
            context.Response.StatusCode = service.Received.Count == 1 ? 413 : 201;
            return Task.CompletedTask;
        };

        await alice.SendTextAsync(room, "1");
        await service.WaitAsync(1);
        var second = await alice.SendTextAsync(room, "2");
        await service.WaitAsync(2);

        Assert.Equal(second, browser.Read(service.Received[1]).GetProperty("event_id").GetString());
        Assert.Single(await bob.PushersAsync());
    }

    [DatabaseTheory]
    public async Task A_unified_push_address_gets_the_body_as_it_is(string database)
    {
        var server = await TestServer.SharedAsync(database);
        await using var service = await FakeGateway.StartAsync();
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await TestServer.RoomOfAsync(alice, bob);
        Assert.Equal(
            "matrix",
            (await new MatrixClient(server.Address).RequestAsync("GET", Gateway)).Ok()["unifiedpush"].GetProperty("gateway").GetString());
        var body = PusherCalls.Body(new Uri(server.Address, Gateway).ToString(), service.Url("/up?token=1"));
        body.Data()["format"] = "event_id_only";
        await bob.SetPusherAsync(body);

        var sent = await alice.SendTextAsync(room, "x");
        await service.WaitAsync(1);

        Assert.Equal(("/up", sent, 1), (service.Received[0].Path, service.Received[0].EventId, service.Received[0].Unread));
        Assert.True(service.Received[0].Headers.ContainsKey("TTL"));
    }

    [DatabaseTheory]
    public async Task The_gateway_delivers_for_its_own_pushers_and_is_no_open_relay(string database)
    {
        var server = await TestServer.SharedAsync(database);
        await using var service = await FakeGateway.StartAsync();
        await using var victim = await FakeGateway.StartAsync();
        using var browser = new Browser();
        var bob = await server.RegisterAsync("bob");
        await bob.SetPusherAsync(browser.Pusher(server.Address, service.Url("/s")));
        var anybody = new MatrixClient(server.Address);
        object Body(string key, string? endpoint, string app = "org.example.web") => new
        {
            notification = new { event_id = "$x", room_id = "!x:y", devices = new[] { new { app_id = app, pushkey = key, data = new { endpoint, auth = browser.Auth } } } },
        };

        Assert.Empty((await anybody.RequestAsync("POST", Gateway, Body(browser.P256dh, service.Url("/s")))).Ok()["rejected"].EnumerateArray());
        Assert.Equal("$x", browser.Read(service.Received.Single()).GetProperty("event_id").GetString());

        using var other = new Browser();
        foreach (var (key, endpoint, app) in new[]
        {
            (other.P256dh, victim.Url("/s"), "org.example.web"), (browser.P256dh, victim.Url("/s"), "org.example.web"),
            (victim.Url("/up"), null, "org.example.web"), (browser.P256dh, service.Url("/s"), "org.example.other"),
        })
        {
            var answer = (await anybody.RequestAsync("POST", Gateway, Body(key, endpoint, app))).Ok();
            Assert.Equal([key], answer["rejected"].EnumerateArray().Select(k => k.GetString()));
        }

        Assert.Empty(victim.Received);
        Assert.Single(service.Received);
        service.Answer = (context, _) =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        (await anybody.RequestAsync("POST", Gateway, Body(browser.P256dh, service.Url("/s")))).Refused(502, "M_UNKNOWN");
        (await anybody.RequestAsync("POST", Gateway, new { })).Refused(400, "M_MISSING_PARAM");
        (await anybody.RequestAsync("POST", Gateway, new { notification = new { devices = Array.Empty<object>() } })).Refused(400, "M_INVALID_PARAM");
        (await anybody.RequestRawAsync("POST", Gateway, """{"notification":{"devices":[1]}}""")).Refused(400, "M_INVALID_PARAM");
    }

    [DatabaseTheory]
    [InlineData("BCVxsr7N", "BTBZMqHH6r4Tts7J_aSIgg", "https://service.push.example/s")]
    [InlineData("BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE", "BTBZMqHH6r4Tts7J_aSIgg", "https://service.push.example/s")]
    [InlineData(null, "short", "https://service.push.example/s")]
    [InlineData(null, null, "https://service.push.example/s")]
    [InlineData(null, "BTBZMqHH6r4Tts7J_aSIgg", "http://service.example/s")]
    [InlineData(null, "BTBZMqHH6r4Tts7J_aSIgg", "https://10.0.0.1/s")]
    [InlineData(null, "BTBZMqHH6r4Tts7J_aSIgg", "file:///etc/passwd")]
    [InlineData("https://127.0.0.1/up", null, null)]
    [InlineData("http://service.example/up", null, null)]
    [InlineData("https://service.push.example/_matrix/push/v1/notify", null, null)]
    [InlineData("https://service.push.example/_MATRIX/push/v1/%6Eotify/", null, null)]
    [InlineData(null, "BTBZMqHH6r4Tts7J_aSIgg", "https://service.push.example/_matrix/push/v1/notify")]
    [InlineData("neither", null, null)]
    public async Task A_subscription_that_is_none_is_refused_when_it_is_set(string database, string? key, string? auth, string? endpoint)
    {
        var server = await TestServer.SharedAsync(database);
        using var browser = new Browser();
        var bob = await server.RegisterAsync("bob");
        var body = browser.Pusher(server.Address, endpoint ?? "");
        body["pushkey"] = key ?? browser.P256dh;
        body.Data()["auth"] = auth;
        if (endpoint is null)
        {
            body.Data().Remove("endpoint");
        }

        var answer = await bob.TrySetPusherAsync(body);

        Assert.True(answer is { Status: 400, ErrorCode: "M_INVALID_PARAM" or "M_MISSING_PARAM" }, answer.ToString());
        Assert.Empty(await bob.PushersAsync());
    }

    [DatabaseTheory]
    public async Task The_key_that_browsers_subscribe_with_is_made_once(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        async Task<string> KeyAsync() => (await new MatrixClient(server.Address).RequestAsync(
            "GET", "/_matrix/client/unstable/chat.causeway.push/webpush/key")).Ok().Text("public_key");
        var keys = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => KeyAsync()));

        await server.RestartAsync();

        Assert.Equal([await KeyAsync()], keys.Distinct());
        Assert.Equal((65, 4), (Base64Url.DecodeFromChars(keys[0]).Length, Base64Url.DecodeFromChars(keys[0])[0]));
    }

    [DatabaseTheory]
    public async Task A_browser_that_wants_events_only_is_not_woken_for_a_count(string database)
    {
        var clock = new ManualClock();
        await using var server = await TestServer.StartAsync(database, clock);
        await using var service = await FakeGateway.StartAsync();
        using var browser = new Browser();
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await TestServer.RoomOfAsync(alice, bob);
        var body = browser.Pusher(server.Address, service.Url("/s"));
        body.Data()["events_only"] = true;
        await bob.SetPusherAsync(body);
        var first = await alice.SendTextAsync(room, "1");
        await service.WaitAsync(1);

        await bob.SendReceiptAsync(room, first);
        clock.Advance(TimeSpan.FromSeconds(10));
        var second = await alice.SendTextAsync(room, "2");
        await service.WaitAsync(2);
        clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal([first, second], service.Received.Select(r => browser.Read(r).GetProperty("event_id").GetString()));
    }
}
