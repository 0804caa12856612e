using Causeway.TestKit;
using Xunit;
using Xunit.Abstractions;

namespace Causeway.Server.Tests.Syncing;

/// <summary>
/// Whoever follows /sync from the start knows the same as somebody who asks for the first time now: after a long random
/// history, in every style of asking, before and after the server starts again. CAUSEWAY_SYNC_SEED=7 or 1000-1099 runs
/// other seeds.
/// </summary>
public sealed class VerifySyncTests(ITestOutputHelper output)
{
    private const int People = 4;
    private const int StylesEach = 3;

    public static IEnumerable<object[]> Seeds(int from, int count)
    {
        if (Environment.GetEnvironmentVariable("CAUSEWAY_SYNC_SEED")?.Split('-') is [{ Length: > 0 } first, ..] wish)
        {
            from = int.Parse(first);
            count = int.Parse(wish[^1]) - from + 1;
        }

        return Enumerable.Range(from, count).Select(seed => new object[] { seed });
    }

    [DatabaseTheory]
    [MemberData(nameof(Seeds), 1, 4)]
    public Task Increments_add_up_to_an_initial_sync(string database, int seed) => VerifyAsync(database, seed, 300);

    [DatabaseTheory]
    [Trait("Category", "Slow")]
    [MemberData(nameof(Seeds), 100, 6)]
    public Task Increments_add_up_to_an_initial_sync_after_a_long_history(string database, int seed) =>
        VerifyAsync(database, seed, 900);

    private async Task VerifyAsync(string database, int seed, int actions)
    {
        output.WriteLine($"seed {seed}");
        await using var server = await TestServer.StartAsync(database);
        var random = new Random(seed);
        var clients = new List<MatrixClient>();
        for (var i = 0; i < People; i++)
        {
            clients.Add(await server.RegisterAsync("person"));
        }

        var watchers = new List<Watcher>();
        for (var i = 0; i < People * StylesEach; i++)
        {
            var style = new SyncStyle(
                SyncStyle.Filters[random.Next(SyncStyle.Filters.Length)], SyncStyle.StateAfters[random.Next(SyncStyle.StateAfters.Length)]);
            watchers.Add(new Watcher(i % People, await server.AnotherDeviceAsync(clients[i % People]), new SyncModel(style), style));
        }

        var history = new RandomHistory(random, i => clients[i], People);
        await history.CreateRoomAsync();
        await history.CreateRoomAsync();
        for (var i = 0; i < actions; i++)
        {
            await history.ActAsync();
            if (random.Next(3) == 0)
            {
                await Follow(watchers[random.Next(watchers.Count)]);
            }

            if (i == actions / 2)
            {
                await RestartAsync();
            }
        }

        await history.SayInEveryRoomAsync();
        foreach (var watcher in watchers)
        {
            await Follow(watcher);
            await watcher.BackfillAsync();
            await ExpectFreshAsync(watcher, "now");
        }

        await RestartAsync();
        foreach (var watcher in watchers)
        {
            await ExpectFreshAsync(watcher, "after a restart");
        }

        server.AssertNoFaults();

        Task Follow(Watcher w) => w.Model.SyncAsync(w.Client, room => history.Departures(clients[w.Person].UserId, room));

        async Task RestartAsync()
        {
            await server.RestartAsync();
            clients = clients.ConvertAll(c => Moved(server, c));
            watchers = watchers.ConvertAll(w => w with { Client = Moved(server, w.Client) });
        }

        async Task ExpectFreshAsync(Watcher watcher, string when)
        {
            var fresh = new Watcher(watcher.Person, await server.AnotherDeviceAsync(clients[watcher.Person]), new SyncModel(watcher.Style), watcher.Style);
            await Follow(fresh);
            await fresh.BackfillAsync();
            await SyncComparison.ExpectSameAsync(
                $"seed {seed}, {database}, {when}, {clients[watcher.Person].UserId}, {watcher.Style}", watcher, fresh);
        }
    }

    private static MatrixClient Moved(TestServer server, MatrixClient client) => server.Client().Become(client);
}

/// <summary>One device that follows /sync.</summary>
public sealed record Watcher(int Person, MatrixClient Client, SyncModel Model, SyncStyle Style)
{
    public async Task BackfillAsync()
    {
        foreach (var (id, room) in Model.Rooms.Where(r => r.Value.Membership == "join"))
        {
            await room.BackfillAsync(Client, id, Style);
        }
    }
}
