using Causeway.TestKit;

namespace Causeway.Encryption.Tests;

public sealed class ToDeviceTests
{
    [DatabaseTheory]
    public async Task A_message_wakes_the_device_and_is_gone_once_acknowledged(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var start = await bob.SyncAsync();
        var waiting = bob.SyncAsync(start.NextBatch, timeout: 20_000);
        await Task.Delay(200);

        await alice.SendAsync(bob.User, bob.Id, new { n = 1 }, type: "m.room_key_request");

        var answer = await waiting.WaitAsync(TimeSpan.FromSeconds(10));
        var message = Assert.Single(answer.ToDevice());
        Assert.Equal(alice.User, message.GetProperty("sender").GetString());
        Assert.Equal("m.room_key_request", message.GetProperty("type").GetString());
        Assert.Equal([1], (await bob.SyncAsync(start.NextBatch)).Numbers());
        Assert.Empty((await bob.SyncAsync(answer.NextBatch)).ToDevice());
        await Wait.UntilAsync(async () => await StoredAsync(server, bob) == 0, TimeSpan.FromSeconds(10), "the acknowledged messages to be deleted");
        Assert.Empty((await bob.SyncAsync()).ToDevice());
    }

    [DatabaseTheory]
    public async Task Five_hundred_messages_reach_a_device_that_was_offline_in_order_and_once_across_a_restart(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var token = (await bob.SyncAsync()).NextBatch;
        for (var i = 0; i < 500; i++)
        {
            await alice.SendAsync(bob.User, bob.Id, new { n = i });
        }

        var first = await bob.SyncAsync(token);
        await server.RestartAsync(alice, bob);
        Assert.Equal(first.Numbers(), (await bob.SyncAsync(token)).Numbers());
        await server.RestartAsync(alice, bob);
        await alice.SendAsync(bob.User, bob.Id, new { n = 500 });
        var rest = await bob.SyncAsync(first.NextBatch);

        Assert.Equal(Enumerable.Range(0, 501), first.Numbers().Concat(rest.Numbers()));
        Assert.Empty((await bob.SyncAsync(rest.NextBatch)).ToDevice());
        await Wait.UntilAsync(async () => await StoredAsync(server, bob) == 0, TimeSpan.FromSeconds(10), "the acknowledged messages to be deleted");
    }

    [DatabaseTheory]
    public async Task Very_many_messages_come_in_parts_that_one_token_acknowledges(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.Client.CreateRoomAsync(new { preset = "public_chat" });
        await bob.Client.JoinAsync(room);
        var token = (await bob.SyncAsync()).NextBatch;
        for (var i = 0; i < 2500; i += 100)
        {
            await Task.WhenAll(Enumerable.Range(i, 100).Select(n => alice.SendAsync(bob.User, bob.Id, new { n })));
        }

        await alice.Client.SendTextAsync(room, "after all of them");
        var numbers = new List<int>();
        var texts = new List<string>();
        var answers = 0;
        SyncAnswer answer;
        do
        {
            answer = await bob.SyncAsync(token);
            token = answer.NextBatch;
            numbers.AddRange(answer.Numbers());
            texts.AddRange(answer.Texts(room));
            answers++;
        }
        while (answer.ToDevice().Count > 0);

        Assert.Equal(Enumerable.Range(0, 2500), numbers.Order());
        Assert.Equal(4, answers);
        Assert.Equal(["after all of them"], texts);
    }

    [DatabaseTheory]
    public async Task A_transaction_is_sent_once_for_ever(string database)
    {
        await using var server = await TestServer.StartAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => alice.SendAsync(bob.User, bob.Id, new { n = 1 }, "same")));
        await alice.SendAsync(bob.User, bob.Id, new { n = 1 }, "same");
        await server.RestartAsync(alice, bob);
        await alice.SendAsync(bob.User, bob.Id, new { n = 1 }, "same");

        Assert.Equal([1], (await bob.SyncAsync()).Numbers());
    }

    [DatabaseTheory]
    public async Task A_star_reaches_every_device_and_unknown_ones_are_ignored(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var phone = await server.LoginAsync(bob);

        await alice.SendAsync(bob.User, "*", new { n = 1 });
        await alice.SendAsync(bob.User, "NOSUCH", new { n = 2 });
        await alice.SendAsync("@nobody:localhost", "*", new { n = 3 });
        await alice.SendAsync("@far:elsewhere.example", "*", new { n = 4 });

        Assert.Equal([1], (await bob.SyncAsync()).Numbers());
        Assert.Equal([1], (await phone.SyncAsync()).Numbers());
        (await alice.RequestAsync("PUT", "sendToDevice/m.test/bad", new { messages = new { x = 1 } })).Refused(400, "M_BAD_JSON");
        (await alice.RequestAsync("PUT", "sendToDevice/m.test/bad", new { })).Refused(400, "M_MISSING_PARAM");
    }

    [DatabaseTheory]
    [Trait("Category", "Slow")]
    public async Task Thousands_of_messages_a_second_are_taken(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var devices = Enumerable.Range(0, 10).Select(_ => new MatrixClient(server.Address).LoginAsync(bob.User)).ToList();
        await Task.WhenAll(devices);
        await alice.SendAsync(bob.User, "*", new { warm = true });

        var start = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            for (var i = 0; i < 60; i++)
            {
                await alice.SendAsync(bob.User, "*", new { ciphertext = new string('x', 500) });
            }
        }));
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;

        Console.WriteLine($"{16 * 60 * 11 / seconds:0} to-device messages/s in {16 * 60 / seconds:0} requests/s ({database})");
        Assert.True(seconds < 30, $"It took {seconds} s.");
    }

    private static async Task<long> StoredAsync(TestServer server, TestDevice device)
    {
        await using var session = await server.Get<Storage.Database>().ReadAsync();
        return await session.FindAsync(
            "SELECT count(*) FROM to_device t JOIN devices d ON d.nid = t.device WHERE d.user_id = $1", r => r.GetInt64(0), device.User);
    }
}
