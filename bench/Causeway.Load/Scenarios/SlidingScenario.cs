using System.Diagnostics;
using System.Text;
using Causeway.Wire;

namespace Causeway.Load.Scenarios;

/// <summary>Sliding sync of a person with very many rooms, asked as Element X asks for its room list.</summary>
internal static class SlidingScenario
{
    private const int Most = 500;
    private const int WarmUp = 20;

    private const string RequiredState = """
        [["m.room.name",""],["m.room.encryption",""],["m.room.member","$LAZY"],["m.room.member","$ME"],["m.room.topic",""],["m.room.avatar",""],["m.room.canonical_alias",""],["m.room.power_levels",""],["org.matrix.msc3401.call.member","*"],["m.room.join_rules",""],["m.room.tombstone",""],["m.room.create",""],["m.room.history_visibility",""],["io.element.functional_members",""],["m.space.parent","*"],["m.space.child","*"],["org.matrix.msc3672.beacon_info","*"]]
        """;

    public static async Task RunAsync(LoadContext load)
    {
        var (options, result) = (load.Options, load.Result);
        result.Parameter("rooms", options.SlidingRooms);
        var person = await load.Accounts.TakeFreshAsync("sliding", result.Errors);
        var rooms = await load.CreateRoomsAsync(person, options.SlidingRooms, 1);
        using var client = load.Connect(person, 1 << 20);
        using var sender = load.Connect(person);
        var limit = TimeSpan.FromSeconds(Math.Max(1, options.Seconds / 4.0));

        var cold = Stopwatch.GetTimestamp();
        await SlideAsync(19, null);
        result.Figure("sliding_first_cold_ms", Stopwatch.GetElapsedTime(cold).TotalMilliseconds);

        var (size, cpu, first) = (0, TimeSpan.Zero, new Latencies());
        await RepeatAsync(first, async () => size = (await SlideAsync(19, null)).Body.Length);
        result.Figure("sliding_first_bytes", size);
        load.CpuFigure("server_cpu_us_per_first", cpu, first.Distribution().Count);
        result.Percentiles("sliding_first", first.Distribution());

        // From 20 rooms to 100.
        var pos = Pos(await SlideAsync(19, null));
        var grown = new Latencies();
        await RepeatAsync(grown, async () => await SlideAsync(99, pos));
        result.Percentiles("sliding_grow", grown.Distribution());

        foreach (var (name, to) in new[] { ("sliding_next", 19), ("sliding_next_all", options.SlidingRooms) })
        {
            pos = Pos(await SlideAsync(to, null));
            var (number, next) = (0, new Latencies());
            await RepeatAsync(
                next,
                async () => pos = Pos(await SlideAsync(to, pos)),
                async () => await sender.SendMessageAsync(
                    MatrixClient.Escape(rooms[number++ * 7919L % rooms.Length]), LoadContext.NewTransactionId(), LoadContext.Content("i")));
            result.Percentiles(name, next.Distribution());
        }

        async Task RepeatAsync(Latencies latencies, Func<Task> act, Func<Task>? before = null)
        {
            var begun = Stopwatch.GetTimestamp();
            var cpuBefore = TimeSpan.Zero;
            for (var i = -WarmUp; i < Most && Stopwatch.GetElapsedTime(begun) < limit; i++)
            {
                cpuBefore = i == 0 ? load.ServerCpu() : cpuBefore;
                await (before?.Invoke() ?? Task.CompletedTask);
                var start = Stopwatch.GetTimestamp();
                await act();
                if (i >= 0)
                {
                    latencies.Add(start);
                }
            }

            cpu = load.ServerCpu() - cpuBefore;
        }

        async Task<HttpReply> SlideAsync(int to, string? pos)
        {
            var body = $$$$"""{"conn_id":"room-list","lists":{"all_rooms":{"ranges":[[0,{{{{to}}}}]],"required_state":{{{{RequiredState}}}},"timeline_limit":1}},"extensions":{"account_data":{"enabled":true},"receipts":{"enabled":true,"rooms":["*"]},"typing":{"enabled":true}}}""";
            return await client.MustAsync(
                "sliding", "POST", $"/_matrix/client/unstable/org.matrix.simplified_msc3575/sync?timeout=0{(pos is null ? "" : "&pos=" + MatrixClient.Escape(pos))}",
                Encoding.UTF8.GetBytes(body));
        }
    }

    private static string Pos(HttpReply reply) =>
        JsonBytes.FindText(reply.Body.Span, "\"pos\""u8) ?? throw new SetupFailedException("sliding", reply);
}
