using Causeway.TestKit;

namespace Causeway.Server.Tests.Syncing;

/// <summary>Whoever follows /sync while others write at full speed misses nothing, sees nothing twice and in no other order.</summary>
public sealed class ConcurrentSyncTests
{
    private const int People = 5;
    private const int ActionsEach = 60;

    [DatabaseTheory]
    public async Task Following_while_everybody_writes_adds_up_to_an_initial_sync(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var people = await Task.WhenAll(Enumerable.Range(0, People).Select(_ => server.RegisterAsync("busy")));
        var room = await people[0].CreateRoomAsync(new { preset = "public_chat", power_level_content_override = new { state_default = 0 } });
        foreach (var person in people[1..])
        {
            await person.JoinAsync(room);
        }

        var watchers = new List<Watcher>();
        foreach (var filter in SyncStyle.Filters)
        {
            foreach (var after in SyncStyle.StateAfters)
            {
                var style = new SyncStyle(filter, after);
                var index = watchers.Count % People;
                watchers.Add(new Watcher(index, await server.AnotherDeviceAsync(people[index]), new SyncModel(style), style));
            }
        }

        var writing = Task.WhenAll(people.Select((p, i) => WriteAsync(p, room, i)));
        var following = watchers.Select(async w =>
        {
            while (!writing.IsCompleted)
            {
                await w.Model.SyncAsync(w.Client, _ => 0);
            }
        });
        await Task.WhenAll(following);
        await writing;
        await people[0].SendTextAsync(room, "last");
        foreach (var watcher in watchers)
        {
            await watcher.Model.SyncAsync(watcher.Client, _ => 0);
            await watcher.BackfillAsync();
            var fresh = new Watcher(watcher.Person, await server.AnotherDeviceAsync(people[watcher.Person]), new SyncModel(watcher.Style), watcher.Style);
            await fresh.Model.SyncAsync(fresh.Client, _ => 0);
            await fresh.BackfillAsync();
            await SyncComparison.ExpectSameAsync($"{database}, {watcher.Style}", watcher, fresh);
        }

        server.AssertNoFaults();
    }

    private static async Task WriteAsync(MatrixClient who, string room, int seed)
    {
        var random = new Random(seed);
        var last = "";
        for (var i = 0; i < ActionsEach; i++)
        {
            switch (random.Next(8))
            {
                case 0:
                    await who.SetStateAsync(room, "org.example.thing", new { i, seed }, $"key{random.Next(3)}");
                    break;
                case 1 when last.Length > 0:
                    await who.SendReceiptAsync(room, last);
                    break;
                case 2 when last.Length > 0:
                    await who.RedactAsync(room, last);
                    break;
                case 3:
                    (await who.RequestAsync("PUT", $"/_matrix/client/v3/user/{who.UserId}/rooms/{Uri.EscapeDataString(room)}/account_data/org.example", new { i })).Ok();
                    break;
                case 4:
                    (await who.RequestAsync("PUT", $"/_matrix/client/v3/profile/{who.UserId}/displayname", new { displayname = $"Name {seed}-{i}" })).Ok();
                    break;
                default:
                    last = await who.SendTextAsync(room, $"{seed}-{i}");
                    break;
            }
        }
    }
}
