using Causeway.TestKit;

namespace Causeway.Server.Tests.Syncing.Sliding;

/// <summary>Whoever follows sliding sync while others write at full speed misses nothing and sees nothing twice.</summary>
public sealed class ConcurrentSlidingSyncTests
{
    private const int People = 4;

    [DatabaseTheory]
    public async Task Following_while_everybody_writes_adds_up_to_a_first_answer(string database)
    {
        var server = await TestServer.SharedAsync(database);
        var people = await Task.WhenAll(Enumerable.Range(0, People).Select(_ => server.RegisterAsync("sliding")));
        var rooms = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            rooms.Add(await people[0].CreateRoomAsync(new { preset = "public_chat", power_level_content_override = new { state_default = 0 } }));
            foreach (var person in people[1..])
            {
                await person.JoinAsync(rooms[i]);
            }
        }

        var watchers = new List<(MatrixClient Person, MatrixClient Client, SlidingModel Model, (int Limit, string State) Style)>();
        foreach (var person in people)
        {
            foreach (var style in VerifySlidingSyncTests.Styles)
            {
                watchers.Add((person, await server.AnotherDeviceAsync(person), new SlidingModel(), style));
            }
        }

        var writing = Task.WhenAll(people.Select((p, i) => WriteAsync(p, rooms, i)));
        await Task.WhenAll(watchers.Select(async w =>
        {
            while (!writing.IsCompleted)
            {
                await w.Model.SyncAsync(w.Client, VerifySlidingSyncTests.Whole(w.Style));
            }
        }));
        await writing;
        foreach (var room in rooms)
        {
            await people[0].SendTextAsync(room, "last");
        }

        foreach (var (person, client, model, style) in watchers)
        {
            await model.SyncAsync(client, VerifySlidingSyncTests.Whole(style));
            var fresh = new SlidingModel();
            await fresh.SyncAsync(await server.AnotherDeviceAsync(person), VerifySlidingSyncTests.Whole(style));
            VerifySlidingSyncTests.Compare($"{database}, {style}", model, fresh, client.UserId, style);
        }

        server.AssertNoFaults();
    }

    private static async Task WriteAsync(MatrixClient who, List<string> rooms, int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 60; i++)
        {
            var room = rooms[random.Next(rooms.Count)];
            switch (random.Next(5))
            {
                case 0:
                    await who.SetStateAsync(room, "org.example.thing", new { i, seed }, $"{random.Next(3)}");
                    break;
                case 1:
                    await who.SendReceiptAsync(room, await who.SendTextAsync(room, $"{seed}-{i}"));
                    break;
                case 2 when seed > 0:
                    await who.LeaveAsync(room);
                    await who.JoinAsync(room);
                    break;
                default:
                    await who.SendTextAsync(room, $"{seed}-{i}");
                    break;
            }
        }
    }
}
