using System.Collections.Concurrent;

namespace Causeway.Operations.Tests;

public sealed class BackupTests
{
    [DatabaseTheory]
    public async Task A_backup_under_load_holds_everything_that_was_acknowledged_before_it_began(string database)
    {
        await using var place = await Place.CreateAsync(database);
        await using var server = await place.ServeAsync(registration: "open");
        var alice = await MatrixClient.RegisterAsync(server.Address, "alice");
        var rooms = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => alice.CreateRoomAsync()));
        var media = (await alice.RequestRawAsync("POST", "/_matrix/media/v3/upload", """{"is":"a file"}""")).Ok().Text("content_uri")["mxc://".Length..];
        await File.WriteAllTextAsync(Path.Combine(place.Data, "media", "tmp", "half"), "an upload that has not ended");

        using var stop = new CancellationTokenSource();
        var acknowledged = new ConcurrentQueue<(string Room, string Event)>();
        var senders = rooms.Select(room => SendUntilAsync(alice, room, acknowledged, stop.Token)).ToArray();
        await Wait.UntilAsync(() => acknowledged.Count > 200, TimeSpan.FromSeconds(30), "some load");
        var token = (await alice.SyncAsync()).NextBatch;
        var before = acknowledged.ToArray();
        var backup = (await Cli.RunAsync("backup", place.Beside("backup.tar.gz"), "--data", place.Data)).Ok();
        await stop.CancelAsync();
        await Task.WhenAll(senders);
        await alice.SendTextAsync(rooms[0], "written after the backup");
        var later = (await alice.SyncAsync()).NextBatch;
        await server.TerminateAsync();
        Assert.Contains("checked, in ", backup.Output);
        Assert.Empty(Directory.GetDirectories(place.Data, "snapshot-*"));

        await using var other = await Place.CreateAsync(database);
        var restored = (await Cli.RunAsync(["restore", place.Beside("backup.tar.gz"), .. other.Arguments])).Ok();
        Assert.Matches(@"in \d+\.\d s\.", restored.Output);
        Assert.False(File.Exists(Path.Combine(other.Data, "media", "tmp", "half")));

        await using var again = await other.ServeAsync();
        var same = new MatrixClient(again.Address) { AccessToken = alice.AccessToken };
        Assert.Equal("a file", (await same.RequestAsync("GET", "/_matrix/client/v1/media/download/" + media)).Ok().Text("is"));
        var found = (await Task.WhenAll(rooms.Select(room => EventsAsync(same, room)))).SelectMany(e => e).ToHashSet();
        Assert.Empty(before.Select(e => e.Event).Except(found));
        Assert.NotEmpty((await same.SyncAsync(token)).NextBatch);

        // A token from after the backup misses nothing that is new.
        await same.SendTextAsync(rooms[0], "and on it goes");
        Assert.Equal(["and on it goes"], (await same.SyncAsync(later)).Texts(rooms[0]));
    }

    [DatabaseTheory]
    public async Task A_backup_is_made_while_no_server_runs_and_replaces_other_data_only_when_told_to(string database)
    {
        await using var place = await Place.CreateAsync(database);
        (await Cli.RunAsync(["user", "add", "alice", "--server-name", "localhost", .. place.Arguments])).Ok();
        var file = place.Beside("backup.tar.gz");
        (await Cli.RunAsync(["backup", file, .. place.Arguments])).Ok();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        (await Cli.RunAsync(["user", "add", "later", .. place.Arguments])).Ok();

        var refused = await Cli.RunAsync(["restore", file, .. place.Arguments]);
        Assert.Equal((1, true), (refused.Code, refused.Errors.Contains("is not empty", StringComparison.Ordinal)));
        (await Cli.RunAsync(["restore", file, "--force", .. place.Arguments])).Ok();

        var list = (await Cli.RunAsync(["user", "list", .. place.Arguments])).Ok().Output;
        Assert.Contains("@alice:localhost", list);
        Assert.DoesNotContain("later", list);
    }

    [Fact]
    public async Task A_damaged_backup_is_refused_and_changes_nothing()
    {
        await using var place = await Place.CreateAsync(Databases.Sqlite);
        (await Cli.RunAsync(["user", "add", "alice", "--server-name", "localhost", .. place.Arguments])).Ok();
        var file = place.Beside("backup.tar.gz");
        (await Cli.RunAsync(["backup", file, .. place.Arguments])).Ok();
        var bytes = await File.ReadAllBytesAsync(file);
        var random = new Random(7);
        for (var i = 0; i < 12; i++)
        {
            var damaged = bytes.ToArray();
            damaged[random.Next(20, bytes.Length)] ^= 0x40;
            await File.WriteAllBytesAsync(file, i % 3 == 0 ? damaged[..random.Next(damaged.Length)] : damaged);

            var result = await Cli.RunAsync(["restore", file, "--force", .. place.Arguments]);

            // A flipped bit in the padding after the last file harms nothing and may pass.
            if (result.Code != 0)
            {
                Assert.DoesNotContain("   at ", result.Errors);
            }
            Assert.Contains("@alice", (await Cli.RunAsync(["user", "list", .. place.Arguments])).Ok().Output);
        }
    }

    [Fact]
    public async Task A_running_server_is_never_restored_over()
    {
        await using var place = await Place.CreateAsync(Databases.Sqlite);
        await using var server = await place.ServeAsync();
        var file = place.Beside("backup.tar.gz");
        (await Cli.RunAsync("backup", file, "--data", place.Data)).Ok();

        var result = await Cli.RunAsync("restore", file, "--force", "--data", place.Data);

        Assert.Equal(1, result.Code);
        Assert.Contains("Another Causeway process uses the data folder", result.Errors);
    }

    [Fact]
    public async Task A_server_does_not_start_on_half_a_restore()
    {
        await using var place = await Place.CreateAsync(Databases.Sqlite);
        Directory.CreateDirectory(Path.Combine(place.Data, "restore-part"));

        var result = await Cli.RunAsync(["serve", "--listen", Cli.FreeAddress(), .. place.Arguments]);

        Assert.Equal(1, result.Code);
        Assert.Contains("was interrupted", result.Errors);
    }

    private static async Task SendUntilAsync(
        MatrixClient client, string room, ConcurrentQueue<(string, string)> acknowledged, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            acknowledged.Enqueue((room, await client.SendTextAsync(room, $"message {i}")));
        }
    }

    private static async Task<List<string>> EventsAsync(MatrixClient client, string room)
    {
        List<string> events = [];
        string? from = null;
        do
        {
            var page = await client.MessagesAsync(room, "b", from);
            events.AddRange(page["chunk"].EnumerateArray().Select(e => e.GetProperty("event_id").GetString()!));
            from = page.Find("end")?.GetString();
        }
        while (from != null);
        return events;
    }
}
