using Causeway.Streams;
using Causeway.TestKit;

namespace Causeway.Encryption.Tests;

/// <summary>Every case twice: told by the log's tail in memory, and by the store after a restart emptied it.</summary>
public sealed class DeviceListTests
{
    [DatabaseTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task New_keys_are_told_to_those_who_share_a_room_and_to_nobody_else(string database, bool restarted)
    {
        await using var server = await TestServer.StartAsync(database);
        var (alice, bob, carol) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"), await server.RegisterAsync("carol"));
        await TogetherAsync(alice, bob);
        var (a, b, c) = (await TokenAsync(alice), await TokenAsync(bob), await TokenAsync(carol));

        await server.LoginAsync(bob);
        await RestartIfAsync(restarted, server, alice, bob, carol);

        var sync = await alice.SyncAsync(a);
        Assert.Equal([bob.User], sync.Changed());
        Assert.Empty(sync.Left());
        Assert.Equal([bob.User], (await bob.SyncAsync(b)).Changed());
        Assert.Empty((await carol.SyncAsync(c)).Changed());
        Assert.Empty((await alice.SyncAsync(sync.NextBatch)).Changed());
        var changes = (await alice.RequestAsync("GET", $"keys/changes?from={a}&to={sync.NextBatch}")).Ok();
        Assert.Equal([bob.User], changes["changed"].EnumerateArray().Select(u => u.GetString()));
    }

    [DatabaseTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_join_makes_both_sides_look_and_a_leave_makes_both_forget(string database, bool restarted)
    {
        await using var server = await TestServer.StartAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await alice.Client.CreateRoomAsync(new { preset = "public_chat" });
        var (a, b) = (await TokenAsync(alice), await TokenAsync(bob));

        await bob.Client.JoinAsync(room);
        await RestartIfAsync(restarted, server, alice, bob);
        Assert.Equal([bob.User], (await alice.SyncAsync(a)).Changed());
        Assert.Equal([alice.User], (await bob.SyncAsync(b)).Changed());

        (a, b) = (await TokenAsync(alice), await TokenAsync(bob));
        await bob.Client.LeaveAsync(room);
        await RestartIfAsync(restarted, server, alice, bob);
        var (ofAlice, ofBob) = (await alice.SyncAsync(a), await bob.SyncAsync(b));
        Assert.Equal([bob.User], ofAlice.Left());
        Assert.Equal([alice.User], ofBob.Left());
        Assert.Empty(ofAlice.Changed());
        Assert.Empty(ofBob.Changed());

        await server.LoginAsync(bob);
        Assert.Empty((await alice.SyncAsync(ofAlice.NextBatch)).Changed());
    }

    [DatabaseTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_shares_another_room_is_not_forgotten(string database, bool restarted)
    {
        await using var server = await TestServer.StartAsync(database);
        var (alice, bob, carol) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"), await server.RegisterAsync("carol"));
        await TogetherAsync(alice, bob);
        var second = await TogetherAsync(alice, bob, carol);
        var (a, b) = (await TokenAsync(alice), await TokenAsync(bob));

        await bob.Client.LeaveAsync(second);
        await RestartIfAsync(restarted, server, alice, bob, carol);

        Assert.Empty((await alice.SyncAsync(a)).Left());
        Assert.Equal([carol.User], (await bob.SyncAsync(b)).Left());
    }

    [DatabaseTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Messages_and_new_names_are_no_news_but_leaving_and_coming_back_is(string database, bool restarted)
    {
        await using var server = await TestServer.StartAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        var room = await TogetherAsync(alice, bob);
        var a = await TokenAsync(alice);

        await bob.Client.SendTextAsync(room, "hello");
        (await bob.RequestAsync("PUT", $"profile/{bob.User}/displayname", new { displayname = "Robert" })).Ok();
        await RestartIfAsync(restarted, server, alice, bob);
        var sync = await alice.SyncAsync(a);
        Assert.Empty(sync.Changed());
        Assert.Empty(sync.Left());

        await bob.Client.LeaveAsync(room);
        await bob.Client.JoinAsync(room);
        await RestartIfAsync(restarted, server, alice, bob);
        Assert.Equal([bob.User], (await alice.SyncAsync(sync.NextBatch)).Changed());
    }

    [DatabaseTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_device_with_keys_that_ends_is_told_and_a_login_without_keys_is_not(string database, bool restarted)
    {
        await using var server = await TestServer.StartAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        await TogetherAsync(alice, bob);
        var phone = await server.LoginAsync(bob);
        var a = await TokenAsync(alice);

        var keyless = await new MatrixClient(server.Address).LoginAsync(bob.User);
        await keyless.LogoutAsync();
        await RestartIfAsync(restarted, server, alice, bob, phone);
        var sync = await alice.SyncAsync(a);
        Assert.Empty(sync.Changed());

        await phone.Client.LogoutAsync();
        await RestartIfAsync(restarted, server, alice, bob);
        Assert.Equal([bob.User], (await alice.SyncAsync(sync.NextBatch)).Changed());
    }

    [DatabaseTheory]
    public async Task A_sleeping_sync_wakes_for_the_keys_of_somebody_in_a_shared_room(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var (alice, bob) = (await server.RegisterAsync("alice"), await server.RegisterAsync("bob"));
        await TogetherAsync(alice, bob);
        var waiting = alice.SyncAsync(await TokenAsync(alice), timeout: 20_000);
        await Task.Delay(200);

        await server.LoginAsync(bob);

        Assert.Equal([bob.User], (await waiting.WaitAsync(TimeSpan.FromSeconds(10))).Changed());
    }

    [DatabaseTheory]
    public async Task The_same_keys_again_are_no_change(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var bob = await server.RegisterAsync("bob");
        var head = server.Get<LogTail>().Head;

        (await bob.UploadAsync(new() { ["device_keys"] = bob.DeviceKeys() })).Ok();

        var entries = new List<LogEntry>();
        Assert.True(server.Get<LogTail>().TryRead(head, long.MaxValue, entries));
        Assert.DoesNotContain(entries, e => e.Kind == LogKind.DeviceList && e.User == bob.User);
    }

    private static async Task<string> TogetherAsync(TestDevice first, params TestDevice[] others)
    {
        var room = await first.Client.CreateRoomAsync(new { preset = "public_chat" });
        foreach (var other in others)
        {
            await other.Client.JoinAsync(room);
        }

        return room;
    }

    /// <summary>Presence gathers for a second; a device list does not, so a token is good at once.</summary>
    private static async Task<string> TokenAsync(TestDevice device) => (await device.SyncAsync()).NextBatch;

    private static Task RestartIfAsync(bool restarted, TestServer server, params TestDevice[] devices) =>
        restarted ? server.RestartAsync(devices) : Task.CompletedTask;
}
