using Causeway.TestKit;

namespace Causeway.Push.Tests;

public sealed class PusherTests
{
    private const string Url = "https://gateway.push.example/_matrix/push/v1/notify";

    [DatabaseTheory]
    public async Task A_pusher_is_shown_as_it_was_set_and_ends_when_its_kind_is_null(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var body = PusherCalls.Body(Url, alice.UserId);
        (body["profile_tag"], body.Data()["format"], body.Data()["custom"]) = ("tag", "event_id_only", new { a = 1 });
        await alice.SetPusherAsync(body);

        var shown = (await alice.PushersAsync()).Single();
        Assert.Equal(
            (alice.UserId, "http", "org.example.app", "App", "Phone", "tag", "en"),
            (shown.GetProperty("pushkey").GetString(), shown.GetProperty("kind").GetString(), shown.GetProperty("app_id").GetString(),
                shown.GetProperty("app_display_name").GetString(), shown.GetProperty("device_display_name").GetString(),
                shown.GetProperty("profile_tag").GetString(), shown.GetProperty("lang").GetString()));
        Assert.Equal($$$"""{"url":"{{{Url}}}","format":"event_id_only","custom":{"a":1}}""", shown.GetProperty("data").GetRawText());
        Assert.True(shown.GetProperty("org.matrix.msc3881.enabled").GetBoolean());
        Assert.Equal(alice.DeviceId, shown.GetProperty("org.matrix.msc3881.device_id").GetString());

        body["lang"] = "zh";
        await alice.SetPusherAsync(body);
        Assert.Equal("zh", (await alice.PushersAsync()).Single().GetProperty("lang").GetString());

        (await alice.RequestRawAsync("POST", "/_matrix/client/v3/pushers/set", $$"""{"kind":null,"app_id":"org.example.app","pushkey":"{{alice.UserId}}"}""")).Ok();
        (await alice.RequestRawAsync("POST", "/_matrix/client/v3/pushers/set", """{"kind":null,"app_id":"org.example.app","pushkey":"none"}""")).Ok();
        Assert.Empty(await alice.PushersAsync());
    }

    [DatabaseTheory]
    [InlineData("kind", null, "M_MISSING_PARAM")]
    [InlineData("kind", "email", "M_INVALID_PARAM")]
    [InlineData("app_id", null, "M_MISSING_PARAM")]
    [InlineData("app_id", "", "M_INVALID_PARAM")]
    [InlineData("app_id", "65", "M_INVALID_PARAM")]
    [InlineData("pushkey", null, "M_MISSING_PARAM")]
    [InlineData("pushkey", "513", "M_INVALID_PARAM")]
    [InlineData("pushkey", "a\0b", "M_INVALID_PARAM")]
    [InlineData("lang", null, "M_MISSING_PARAM")]
    [InlineData("app_display_name", null, "M_MISSING_PARAM")]
    [InlineData("device_display_name", "600", "M_INVALID_PARAM")]
    [InlineData("data", null, "M_MISSING_PARAM")]
    public async Task A_pusher_that_is_none_is_refused(string database, string member, string? value, string error)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var body = PusherCalls.Body(Url);
        body.Remove(member);
        if (value is not null)
        {
            body[member] = int.TryParse(value, out var length) ? new string('x', length) : value;
        }

        (await alice.TrySetPusherAsync(body)).Refused(400, error);
        Assert.Empty(await alice.PushersAsync());
    }

    [DatabaseTheory]
    [InlineData("https://gateway.example/")]
    [InlineData("https://gateway.example/_matrix/push/v1/notify/../../x")]
    [InlineData("http://gateway.example/_matrix/push/v1/notify")]
    [InlineData("ftp://gateway.example/_matrix/push/v1/notify")]
    [InlineData("file:///_matrix/push/v1/notify")]
    [InlineData("/_matrix/push/v1/notify")]
    [InlineData("https://user:password@gateway.example/_matrix/push/v1/notify")]
    [InlineData("https://127.0.0.1/_matrix/push/v1/notify")]
    [InlineData("https://127.1/_matrix/push/v1/notify")]
    [InlineData("https://2130706433/_matrix/push/v1/notify")]
    [InlineData("https://[::1]/_matrix/push/v1/notify")]
    [InlineData("https://[::ffff:10.0.0.1]/_matrix/push/v1/notify")]
    [InlineData("https://169.254.169.254/_matrix/push/v1/notify")]
    [InlineData("https://192.168.1.1:8443/_matrix/push/v1/notify")]
    public async Task A_gateway_that_may_not_be_is_refused_when_it_is_set(string database, string url)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");

        (await alice.TrySetPusherAsync(PusherCalls.Body(url))).Refused(400, "M_INVALID_PARAM");
        Assert.Empty(await alice.PushersAsync());
    }

    [DatabaseTheory]
    public async Task A_device_signed_in_as_somebody_else_leaves_its_first_owner_unless_told_to_add(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var body = PusherCalls.Body(Url, $"shared-{database}");
        await alice.SetPusherAsync(body);
        body["append"] = true;
        await bob.SetPusherAsync(body);
        Assert.Equal((1, 1), ((await alice.PushersAsync()).Count, (await bob.PushersAsync()).Count));

        body["append"] = false;
        await bob.SetPusherAsync(body);

        Assert.Equal((0, 1), ((await alice.PushersAsync()).Count, (await bob.PushersAsync()).Count));
    }

    [DatabaseTheory]
    public async Task A_pusher_ends_with_its_device_and_is_shown_to_nobody_else(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        var phone = await new MatrixClient(server.Address).LoginAsync(alice.UserId);
        await alice.SetPusherAsync(PusherCalls.Body(Url, $"{alice.UserId}-desk"));
        await phone.SetPusherAsync(PusherCalls.Body(Url, $"{alice.UserId}-phone"));
        Assert.Equal(2, (await alice.PushersAsync()).Count);
        Assert.Empty(await (await server.RegisterAsync("bob")).PushersAsync());

        await phone.LogoutAsync();

        Assert.Equal($"{alice.UserId}-desk", (await alice.PushersAsync()).Single().GetProperty("pushkey").GetString());
        await using var session = await server.Get<Storage.Database>().ReadAsync();
        Assert.Equal(1, await session.FindAsync("SELECT count(*) FROM pushers WHERE user_id = $1", r => r.GetInt64(0), alice.UserId));
    }

    [DatabaseTheory]
    public async Task Pushers_end_with_the_account(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        await alice.SetPusherAsync(PusherCalls.Body(Url, $"{alice.UserId}-key"));

        (await alice.RequestAsync("POST", "/_matrix/client/v3/account/deactivate", new { auth = new { type = "m.login.password", password = MatrixClient.Password } })).Ok();

        await using var session = await server.Get<Storage.Database>().ReadAsync();
        Assert.Equal(0, await session.FindAsync("SELECT count(*) FROM pushers WHERE user_id = $1", r => r.GetInt64(0), alice.UserId));
        Assert.Empty(server.Get<PusherStore>().Of(alice.UserId));
    }

    [DatabaseTheory]
    public async Task Another_device_switches_a_pusher_off_and_on_and_it_stays_with_its_own(string database)
    {
        var server = await TestServer.SharedAsync(database);
        await using var gateway = await FakeGateway.StartAsync();
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await TestServer.RoomOfAsync(alice, bob);
        var desk = await new MatrixClient(server.Address).LoginAsync(bob.UserId);
        var body = PusherCalls.Body(gateway.Url(), bob.UserId);
        await bob.SetPusherAsync(body);
        body["org.matrix.msc3881.enabled"] = false;
        await desk.SetPusherAsync(body);

        await alice.SendTextAsync(room, "unheard");
        var shown = (await desk.PushersAsync()).Single();
        Assert.Equal((false, bob.DeviceId), (shown.GetProperty("org.matrix.msc3881.enabled").GetBoolean(), shown.GetProperty("org.matrix.msc3881.device_id").GetString()));

        body["org.matrix.msc3881.enabled"] = true;
        await desk.SetPusherAsync(body);
        var heard = await alice.SendTextAsync(room, "heard");
        await gateway.WaitAsync(1);

        Assert.Equal([heard], gateway.Events);
        Assert.Equal(bob.DeviceId, (await desk.PushersAsync()).Single().GetProperty("org.matrix.msc3881.device_id").GetString());
        Assert.True((await bob.RequestAsync("GET", "/_matrix/client/versions")).Ok()["unstable_features"].GetProperty("org.matrix.msc3881").GetBoolean());
    }

    [DatabaseTheory]
    public async Task One_account_has_so_many_pushers_and_no_more(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var alice = await server.RegisterAsync("alice");
        for (var i = 0; i < PusherStore.MaxOfUser; i++)
        {
            await alice.SetPusherAsync(PusherCalls.Body(Url, $"{alice.UserId}-{i}"));
        }

        (await alice.TrySetPusherAsync(PusherCalls.Body(Url, $"{alice.UserId}-more"))).Refused(400, "M_INVALID_PARAM");
        await alice.SetPusherAsync(PusherCalls.Body(Url, $"{alice.UserId}-0"));
    }

    [DatabaseTheory]
    public async Task A_test_tells_what_became_of_it_for_each_pusher(string database)
    {
        var server = await TestServer.SharedAsync(database);
        await using var gateway = await FakeGateway.StartAsync();
        var alice = await server.RegisterAsync("alice");
        (await alice.TestPushAsync()).Refused(404, "M_NOT_FOUND");
        foreach (var key in new[] { "good", "failing", "dead" })
        {
            await alice.SetPusherAsync(PusherCalls.Body(gateway.Url(), $"{alice.UserId}-{key}"));
        }

        await alice.SetPusherAsync(PusherCalls.Body("http://gateway.push.example:9/_matrix/push/v1/notify", $"{alice.UserId}-away"));
        var off = PusherCalls.Body(gateway.Url(), $"{alice.UserId}-off");
        off["org.matrix.msc3881.enabled"] = false;
        await alice.SetPusherAsync(off);
        gateway.Answer = (context, received) =>
        {
            var key = received.Device.GetProperty("pushkey").GetString()!;
            context.Response.StatusCode = key.EndsWith("failing", StringComparison.Ordinal) ? 503 : 200;
            return Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(
                context.Response, key.EndsWith("dead", StringComparison.Ordinal) ? $$"""{"rejected":["{{key}}"]}""" : """{"rejected":[]}""");
        };

        var told = (await alice.TestPushAsync()).Ok()["pushers"].EnumerateArray().ToDictionary(
            p => p.GetProperty("pushkey").GetString()![(alice.UserId.Length + 1)..], p => (p.GetProperty("delivered").GetBoolean(), p.GetProperty("reason").GetString()));

        Assert.Equal((true, "The push gateway took it."), told["good"]);
        Assert.Equal((false, "The push gateway answered with status 503."), told["failing"]);
        Assert.Equal((false, "The push gateway says that this pushkey is not valid. The pusher was removed."), told["dead"]);
        Assert.Equal((false, "The push gateway could not be reached."), told["away"]);
        Assert.Equal((false, "This pusher is switched off."), told["off"]);
        Assert.Equal(4, (await alice.PushersAsync()).Count);
    }

    [DatabaseTheory]
    public async Task Tests_are_limited(string database)
    {
        await using var server = await TestServer.StartAsync(database, new ManualClock(), o => o with { RateLimits = true });
        await using var gateway = await FakeGateway.StartAsync();
        var alice = await server.RegisterAsync("alice");
        await alice.SetPusherAsync(gateway);
        MatrixAnswer answer;
        var taken = 0;
        while ((answer = await alice.TestPushAsync()).Status == 200)
        {
            Assert.True(++taken < 50);
        }

        answer.Refused(429, "M_LIMIT_EXCEEDED");
        Assert.Equal(taken, gateway.Received.Count);
    }
}
