using System.Diagnostics;
using System.Text.Json;
using Causeway.TestKit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Causeway.Push.Tests;

public sealed class DeliveryTests
{
    [DatabaseTheory]
    public async Task A_gateway_is_told_what_happened_to_whom_and_how_much_is_unread(string database)
    {
        var server = await TestServer.SharedAsync(database);
        await using var gateway = await FakeGateway.StartAsync();
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.CreateRoomAsync(new { preset = "public_chat", name = "The room" });
        await bob.JoinAsync(room);
        await alice.SendTextAsync(room, "before there was a pusher");
        var body = PusherCalls.Body(gateway.Url(), bob.UserId);
        body.Data()["brand"] = "x";
        await bob.SetPusherAsync(body);

        var sent = await alice.SendAsync(room, "m.room.message", new Dictionary<string, object>
        {
            ["msgtype"] = "m.text",
            ["body"] = "hello",
            ["m.mentions"] = new { user_ids = new[] { bob.UserId } },
        });
        await gateway.WaitAsync(1);

        var n = gateway.Received.Single().Notification;
        Assert.Equal((sent, room, "m.room.message", alice.UserId), (n.GetProperty("event_id").GetString(), n.GetProperty("room_id").GetString(), n.GetProperty("type").GetString(), n.GetProperty("sender").GetString()));
        Assert.Equal(("The room", "high", "hello"), (n.GetProperty("room_name").GetString(), n.GetProperty("prio").GetString(), n.GetProperty("content").GetProperty("body").GetString()));
        Assert.Equal(alice.UserId[1..alice.UserId.IndexOf(':')], n.GetProperty("sender_display_name").GetString());
        Assert.Equal(2, gateway.Received[0].Unread);
        var device = gateway.Received[0].Device;
        Assert.Equal(("org.example.app", bob.UserId, """{"brand":"x"}"""), (device.GetProperty("app_id").GetString(), device.GetProperty("pushkey").GetString(), device.GetProperty("data").GetRawText()));
        Assert.Equal("""{"sound":"default","highlight":true}""", device.GetProperty("tweaks").GetRawText());
        Assert.True(device.GetProperty("pushkey_ts").GetInt64() > 1_700_000_000);
        Assert.Equal("application/json", gateway.Received[0].Headers["Content-Type"]);
    }

    [DatabaseTheory]
    public async Task The_short_format_tells_the_ids_and_the_count_only(string database)
    {
        var server = await TestServer.SharedAsync(database);
        await using var gateway = await FakeGateway.StartAsync();
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await TestServer.RoomOfAsync(alice, bob, await server.RegisterAsync("third"));
        var body = PusherCalls.Body(gateway.Url());
        body.Data()["format"] = "event_id_only";
        await bob.SetPusherAsync(body);

        await alice.SendTextAsync(room, "secret");
        await gateway.WaitAsync(1);

        Assert.Equal(["event_id", "room_id", "prio", "counts", "devices"], gateway.Received[0].Notification.EnumerateObject().Select(p => p.Name));
        Assert.Equal("low", gateway.Received[0].Notification.GetProperty("prio").GetString());
        Assert.DoesNotContain("secret", System.Text.Encoding.UTF8.GetString(gateway.Received[0].Body));
    }

    [DatabaseTheory]
    public async Task An_invitation_is_pushed_and_says_that_it_is_for_the_person(string database)
    {
        var server = await TestServer.SharedAsync(database);
        await using var gateway = await FakeGateway.StartAsync();
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        await bob.SetPusherAsync(gateway);

        var room = await alice.CreateRoomAsync();
        await alice.InviteAsync(room, bob.UserId);
        await gateway.WaitAsync(1);

        var n = gateway.Received[0].Notification;
        Assert.Equal(("m.room.member", true, room), (n.GetProperty("type").GetString(), n.GetProperty("user_is_target").GetBoolean(), n.GetProperty("room_id").GetString()));
    }

    [DatabaseTheory]
    public async Task Nobody_is_told_of_what_is_not_for_them(string database)
    {
        var server = await TestServer.SharedAsync(database);
        await using var gateway = await FakeGateway.StartAsync();
        var (alice, bob, mallory) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"), await server.RegisterAsync("mallory"));
        var room = await TestServer.RoomOfAsync(alice, bob, mallory);
        var (left, muted) = (await TestServer.RoomOfAsync(alice, bob), await TestServer.RoomOfAsync(alice, bob));
        await bob.SetPusherAsync(gateway);
        (await bob.RequestAsync("PUT", $"/_matrix/client/v3/user/{bob.UserId}/account_data/m.ignored_user_list", new { ignored_users = new Dictionary<string, object> { [mallory.UserId] = new { } } })).Ok();
        (await bob.RequestAsync("PUT", $"/_matrix/client/v3/pushrules/global/room/{Uri.EscapeDataString(muted)}", new { actions = Array.Empty<string>() })).Ok();
        await bob.LeaveAsync(left);

        await bob.SendTextAsync(room, "my own");
        await mallory.SendTextAsync(room, "ignored");
        await alice.SendTextAsync(left, "left");
        await alice.SendTextAsync(muted, "muted");
        await alice.SendAsync(room, "m.reaction", new { });
        var last = await alice.SendTextAsync(room, "this one");
        await gateway.WaitAsync(1);

        Assert.Equal([last], gateway.Events);
    }

    [DatabaseTheory]
    public async Task A_locked_account_is_told_nothing(string database)
    {
        var server = await TestServer.SharedAsync(database);
        await using var gateway = await FakeGateway.StartAsync();
        await using var others = await FakeGateway.StartAsync();
        var (alice, bob, carol) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"), await server.RegisterAsync("carol"));
        var room = await TestServer.RoomOfAsync(alice, bob, carol);
        await bob.SetPusherAsync(PusherCalls.Body(gateway.Url(), bob.UserId));
        await carol.SetPusherAsync(PusherCalls.Body(others.Url(), carol.UserId));
        var first = await alice.SendTextAsync(room, "before");
        await gateway.WaitAsync(1);
        var accounts = server.Get<Accounts.AccountStore>();
        await accounts.SetLockedAsync(Matrix.UserId.Parse(bob.UserId), true);
        var unheard = await alice.SendTextAsync(room, "locked");

        // Queued for both in one transaction; so once carol has it and nothing waits, it was given up for bob.
        await others.WaitAsync(2);
        await Wait.UntilAsync(async () => !await WaitingAsync(server, unheard), TimeSpan.FromSeconds(20), "the queue to be empty");
        await accounts.SetLockedAsync(Matrix.UserId.Parse(bob.UserId), false);
        var second = await alice.SendTextAsync(room, "after");
        await Wait.UntilAsync(() => gateway.Events.Contains(second), TimeSpan.FromSeconds(20), "the last");

        Assert.Equal([first, second], gateway.Events);
    }

    [DatabaseTheory]
    public async Task What_is_read_elsewhere_lowers_the_count(string database)
    {
        var server = await TestServer.SharedAsync(database);
        await using var gateway = await FakeGateway.StartAsync();
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var (one, two) = (await TestServer.RoomOfAsync(alice, bob), await TestServer.RoomOfAsync(alice, bob));
        await bob.SetPusherAsync(gateway);
        var first = await alice.SendTextAsync(one, "1");
        await gateway.WaitAsync(1);
        var second = await alice.SendTextAsync(two, "2");
        await gateway.WaitAsync(2);
        Assert.Equal([1, 2], gateway.Received.Select(r => r.Unread));

        await bob.SendReceiptAsync(one, first);
        await gateway.WaitAsync(3);
        await bob.SendReceiptAsync(two, second);
        await gateway.WaitAsync(4);

        Assert.Equal([(null, 1), (null, 0)], gateway.Received[2..].Select(r => (r.EventId, r.Unread)));
        Assert.Equal("low", gateway.Received[3].Notification.GetProperty("prio").GetString());
    }

    [DatabaseTheory]
    public async Task A_gateway_that_fails_is_tried_again_later_and_later_and_gets_everything_in_order(string database)
    {
        var clock = new ManualClock();
        await using var server = await TestServer.StartAsync(database, clock);
        await using var gateway = await FakeGateway.StartAsync();
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await TestServer.RoomOfAsync(alice, bob);
        await bob.SetPusherAsync(gateway);
        gateway.Answer = (context, _) =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };

        var sent = new List<string> { await alice.SendTextAsync(room, "0") };
        for (var failure = 1; failure <= 4; failure++)
        {
            await gateway.WaitAsync(failure);
            await clock.PausesAsync(failure);
            sent.Add(await alice.SendTextAsync(room, $"{failure}"));
            Assert.Equal(failure, gateway.Received.Count);
            if (failure == 4)
            {
                gateway.Answer = (context, _) => FakeGateway.OkAsync(context);
            }

            clock.Advance(TimeSpan.FromSeconds(Math.Pow(2, failure - 1)));
        }

        await gateway.WaitAsync(9);
        Assert.Equal([sent[0], sent[0], sent[0], sent[0], .. sent], gateway.Events);
    }

    [DatabaseTheory]
    public async Task A_gateway_that_asks_for_a_pause_gets_it(string database)
    {
        var clock = new ManualClock();
        await using var server = await TestServer.StartAsync(database, clock);
        await using var gateway = await FakeGateway.StartAsync();
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await TestServer.RoomOfAsync(alice, bob);
        await bob.SetPusherAsync(gateway);
        gateway.Answer = (context, _) =>
        {
            (context.Response.StatusCode, context.Response.Headers.RetryAfter) = (429, "1234");
            return Task.CompletedTask;
        };

        await alice.SendTextAsync(room, "x");
        await clock.SleepsAsync(TimeSpan.FromSeconds(1234));
        gateway.Answer = (context, _) => FakeGateway.OkAsync(context);

        // Setting the pusher anew ends the pause.
        await bob.SetPusherAsync(gateway);
        await gateway.WaitAsync(2);
    }

    [DatabaseTheory]
    public async Task What_is_a_day_old_is_given_up(string database)
    {
        var clock = new ManualClock();
        await using var server = await TestServer.StartAsync(database, clock);
        await using var gateway = await FakeGateway.StartAsync();
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await TestServer.RoomOfAsync(alice, bob);
        await bob.SetPusherAsync(gateway);
        gateway.Answer = (context, _) =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        };
        await alice.SendTextAsync(room, "old");
        await clock.PausesAsync(1);

        gateway.Answer = (context, _) => FakeGateway.OkAsync(context);
        clock.Advance(TimeSpan.FromHours(25));
        var fresh = await alice.SendTextAsync(room, "new");
        await gateway.WaitAsync(2);

        Assert.Equal(fresh, gateway.Events[^1]);
        Assert.Equal(2, gateway.Received.Count);
    }

    [DatabaseTheory]
    public async Task A_rejected_key_ends_its_pusher_and_no_other(string database)
    {
        var server = await TestServer.SharedAsync(database);
        await using var gateway = await FakeGateway.StartAsync();
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await TestServer.RoomOfAsync(alice, bob);
        await bob.SetPusherAsync(gateway, "dead");
        await bob.SetPusherAsync(gateway, "alive");
        gateway.Answer = (context, received) => context.Response.WriteAsync(
            JsonSerializer.Serialize(new { rejected = received.Device.GetProperty("pushkey").GetString() == bob.UserId + "dead" ? new[] { bob.UserId + "dead" } : [] }));

        await alice.SendTextAsync(room, "1");
        await gateway.WaitAsync(2);
        await Wait.UntilAsync(async () => (await bob.PushersAsync()).Count == 1, TimeSpan.FromSeconds(20), "the end of the pusher");
        await alice.SendTextAsync(room, "2");
        await gateway.WaitAsync(3);

        Assert.Equal(bob.UserId + "alive", gateway.Received[2].Device.GetProperty("pushkey").GetString());
        Assert.Equal(bob.UserId + "alive", (await bob.PushersAsync()).Single().GetProperty("pushkey").GetString());
    }

    [DatabaseTheory]
    public async Task A_restart_loses_nothing_and_repeats_nothing_that_was_taken(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        await using var gateway = await FakeGateway.StartAsync();
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await TestServer.RoomOfAsync(alice, bob);
        await bob.SetPusherAsync(gateway);
        var sent = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            sent.Add(await alice.SendTextAsync(room, $"taken {i}"));
        }

        await gateway.WaitAsync(3);
        gateway.Answer = (context, _) =>
        {
            context.Response.StatusCode = 502;
            return Task.CompletedTask;
        };
        for (var i = 0; i < 5; i++)
        {
            sent.Add(await alice.SendTextAsync(room, $"waits {i}"));
        }

        await gateway.WaitAsync(4);
        var before = gateway.Received.Count;
        await server.RestartAsync();
        await gateway.WaitAsync(before + 1);
        before = gateway.Received.Count;
        gateway.Answer = (context, _) => FakeGateway.OkAsync(context);
        sent.Add(await server.Again(alice).SendTextAsync(room, "after"));
        await Wait.UntilAsync(() => gateway.Events.Contains(sent[^1]), TimeSpan.FromSeconds(30), "the last");

        Assert.Equal(sent, gateway.Events.Distinct());
        Assert.Equal(sent[3..], gateway.Events[^6..]);
    }

    [DatabaseTheory]
    public async Task What_was_written_while_nothing_was_read_is_pushed_after_the_start(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        await using var gateway = await FakeGateway.StartAsync();
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await TestServer.RoomOfAsync(alice, bob);
        await bob.SetPusherAsync(gateway);

        // As if it were killed: the worker is gone, the server goes on writing.
        foreach (var service in server.App.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<PushWorker>())
        {
            await service.StopAsync(default);
        }

        var sent = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            sent.Add(await alice.SendTextAsync(room, $"{i}"));
        }

        Assert.Empty(gateway.Received);
        await server.RestartAsync();
        await gateway.WaitAsync(5);
        Assert.Equal(sent, gateway.Events);
    }

    [DatabaseTheory]
    public async Task What_waits_for_a_pusher_goes_with_it(string database)
    {
        var clock = new ManualClock();
        await using var server = await TestServer.StartAsync(database, clock);
        await using var gateway = await FakeGateway.StartAsync();
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await TestServer.RoomOfAsync(alice, bob);
        await bob.SetPusherAsync(gateway);
        gateway.Answer = (context, _) =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        var sent = await alice.SendTextAsync(room, "1");
        await clock.PausesAsync(1);
        Assert.True(await WaitingAsync(server, sent));

        await bob.LogoutAsync();
        clock.Advance(TimeSpan.FromHours(1));
        await server.RestartAsync();

        Assert.Equal(0, await WaitingAsync(server));
        Assert.Single(gateway.Received);
    }

    [DatabaseTheory]
    public async Task A_pusher_that_is_far_behind_gets_the_newest_of_each_room(string database)
    {
        var clock = new ManualClock();
        await using var server = await TestServer.StartAsync(database, clock);
        await using var gateway = await FakeGateway.StartAsync();
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var (busy, quiet) = (await TestServer.RoomOfAsync(alice, bob), await TestServer.RoomOfAsync(alice, bob));
        await bob.SetPusherAsync(gateway);
        gateway.Answer = (context, _) =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        var first = await alice.SendTextAsync(quiet, "quiet");
        await gateway.WaitAsync(1);
        await clock.PausesAsync(1);
        var mention = await alice.SendAsync(busy, "m.room.message", new Dictionary<string, object>
        {
            ["msgtype"] = "m.text", ["body"] = "you", ["m.mentions"] = new { user_ids = new[] { bob.UserId } },
        });
        var last = "";
        for (var i = 0; i < 40; i++)
        {
            last = await alice.SendTextAsync(busy, $"{i}");
        }

        await Wait.UntilAsync(async () => await WaitingAsync(server, last) && await WaitingAsync(server) <= 22, TimeSpan.FromSeconds(20), "the queue to become short");
        gateway.Answer = (context, _) => FakeGateway.OkAsync(context);
        clock.Advance(TimeSpan.FromSeconds(1));
        await Wait.UntilAsync(() => gateway.Events.Contains(last), TimeSpan.FromSeconds(20), "the last");

        Assert.Equal([first, mention], gateway.Events[1..3]);
        Assert.InRange(gateway.Events.Count, 4, 24);
        Assert.Equal(41, gateway.Received[^1].Unread - 1);
        await Wait.UntilAsync(async () => await WaitingAsync(server) == 0, TimeSpan.FromSeconds(20), "an empty queue");
    }

    [DatabaseTheory]
    public async Task Only_the_last_of_a_room_waits_for_who_wants_it_so(string database)
    {
        var clock = new ManualClock();
        await using var server = await TestServer.StartAsync(database, clock);
        await using var gateway = await FakeGateway.StartAsync();
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await TestServer.RoomOfAsync(alice, bob);
        var body = PusherCalls.Body(gateway.Url());
        body.Data()["only_last_per_room"] = true;
        await bob.SetPusherAsync(body);
        gateway.Answer = (context, _) =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        await alice.SendTextAsync(room, "1");
        await clock.PausesAsync(1);
        await alice.SendTextAsync(room, "2");
        var last = await alice.SendTextAsync(room, "3");
        await Wait.UntilAsync(async () => await WaitingAsync(server, last) && await WaitingAsync(server) == 1, TimeSpan.FromSeconds(20), "the last alone to wait");

        gateway.Answer = (context, _) => FakeGateway.OkAsync(context);
        clock.Advance(TimeSpan.FromSeconds(1));
        await gateway.WaitAsync(2);

        Assert.Equal(last, gateway.Events[1]);
    }

    [DatabaseTheory]
    public async Task What_was_read_or_redacted_meanwhile_is_not_pushed(string database)
    {
        var clock = new ManualClock();
        await using var server = await TestServer.StartAsync(database, clock);
        await using var gateway = await FakeGateway.StartAsync();
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var (room, other) = (await TestServer.RoomOfAsync(alice, bob), await TestServer.RoomOfAsync(alice, bob));
        await bob.SetPusherAsync(gateway);
        gateway.Answer = (context, _) =>
        {
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        };
        await alice.SendTextAsync(room, "1");
        await clock.PausesAsync(1);
        await alice.RedactAsync(room, await alice.SendTextAsync(room, "2"));
        var read = await alice.SendTextAsync(room, "3");
        var last = await alice.SendTextAsync(other, "4");
        await bob.SendReceiptAsync(room, read);
        await Wait.UntilAsync(async () => await WaitingAsync(server) == 4, TimeSpan.FromSeconds(20), "four that wait");

        gateway.Answer = (context, _) => FakeGateway.OkAsync(context);
        clock.Advance(TimeSpan.FromSeconds(1));
        await gateway.WaitAsync(2);

        Assert.Equal((last, 1), (gateway.Received[1].EventId, gateway.Received[1].Unread));
    }

    [DatabaseTheory]
    [InlineData("http://inner.example:{port}/_matrix/push/v1/notify")]
    [InlineData("http://gateway.push.example:{port}/redirect")]
    public async Task The_inner_network_is_not_reached_by_name_nor_by_redirect(string database, string url)
    {
        var server = await TestServer.SharedAsync(database);
        await using var inner = await FakeGateway.StartAsync();
        await using var gateway = await FakeGateway.StartAsync();
        gateway.Answer = (context, _) =>
        {
            context.Response.Redirect(inner.Url(host: "127.0.0.1"), permanent: true, preserveMethod: true);
            return Task.CompletedTask;
        };
        var bob = await server.RegisterAsync("bob");

        // A name of the public internet that leads inside is known only when it is looked up; so https it must be.
        await bob.SetPusherAsync(PusherCalls.Body(
            url.Contains("redirect", StringComparison.Ordinal) ? gateway.Url() : url.Replace("http:", "https:").Replace("{port}", $"{inner.Port}")));
        var told = (await bob.TestPushAsync()).Ok()["pushers"][0];

        Assert.False(told.GetProperty("delivered").GetBoolean());
        Assert.Equal(
            url.Contains("redirect", StringComparison.Ordinal) ? "The push gateway answered with status 308." : "The push gateway could not be reached.",
            told.GetProperty("reason").GetString());
        Assert.Empty(inner.Received);
    }

    [DatabaseTheory]
    public async Task A_hostile_gateway_keeps_nobody_else_waiting(string database)
    {
        var server = await TestServer.SharedAsync(database);
        await using var hostile = await FakeGateway.StartAsync();
        await using var gateway = await FakeGateway.StartAsync();
        var (alice, bob, mallory) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"), await server.RegisterAsync("mallory"));
        var room = await TestServer.RoomOfAsync(alice, bob, mallory);
        await bob.SetPusherAsync(gateway);
        foreach (var key in new[] { "endless", "silent", "garbage" })
        {
            await mallory.SetPusherAsync(PusherCalls.Body(hostile.Url(host: $"{key}.push.example"), mallory.UserId + key));
        }

        hostile.Answer = async (context, received) =>
        {
            switch (received.Device.GetProperty("pushkey").GetString()![mallory.UserId.Length..])
            {
                case "endless":
                    for (var block = new byte[1 << 16]; !context.RequestAborted.IsCancellationRequested;)
                    {
                        await context.Response.Body.WriteAsync(block);
                    }

                    break;
                case "silent":
                    await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                    break;
                default:
                    await context.Response.WriteAsync("[[[{\"rejected\":\ud83d");
                    break;
            }
        };

        var watch = Stopwatch.StartNew();
        await alice.SendTextAsync(room, "1");
        await alice.SendTextAsync(room, "2");
        await gateway.WaitAsync(2);

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(9), $"{watch.Elapsed}");
        await Wait.UntilAsync(() => hostile.Received.Count(r => r.Device.GetProperty("pushkey").GetString() == mallory.UserId + "garbage") == 2, TimeSpan.FromSeconds(20), "what is no JSON to count as taken");
    }

    private static async Task<bool> WaitingAsync(TestServer server, string eventId)
    {
        await using var session = await server.Get<Storage.Database>().ReadAsync();
        return await session.FindAsync("SELECT count(*) FROM push_queue WHERE event_id = $1", r => r.GetInt64(0), eventId) > 0;
    }

    private static async Task<long> WaitingAsync(TestServer server)
    {
        await using var session = await server.Get<Storage.Database>().ReadAsync();
        return await session.FindAsync("SELECT count(*) FROM push_queue", r => r.GetInt64(0));
    }
}
