using System.Diagnostics;
using Causeway.Wire;

namespace Causeway.Load.Scenarios;

/// <summary>The first /sync of a person with many rooms.</summary>
internal static class InitialSyncScenario
{
    private const int MostSyncs = 30;

    public static async Task RunAsync(LoadContext load)
    {
        var (options, result) = (load.Options, load.Result);
        result.Parameter("rooms", options.InitialRooms);
        result.Parameter("events_each", options.InitialEvents);
        var person = await load.Accounts.TakeFreshAsync("initial", result.Errors);
        await load.CreateRoomsAsync(person, options.InitialRooms, options.InitialEvents);
        using var client = load.Connect(person, 1 << 20);
        var latencies = new Latencies();
        var begun = Stopwatch.GetTimestamp();
        var size = 0;
        var cpu = TimeSpan.Zero;

        // Two to warm up: the first also loads what the server keeps in memory, and is shown alone.
        for (var i = -2; i < MostSyncs && Stopwatch.GetElapsedTime(begun).TotalSeconds < options.Seconds; i++)
        {
            if (i == 0)
            {
                cpu = load.ServerCpu();
            }

            var start = Stopwatch.GetTimestamp();
            var reply = await client.SyncAsync(null, 0);
            if (!reply.IsSuccess)
            {
                continue;
            }

            size = reply.Body.Length;
            if (i == -2)
            {
                result.Figure("initial_sync_first_ms", Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
            else if (i >= 0)
            {
                latencies.Add(start);
            }
        }

        var times = latencies.Distribution();
        result.Percentiles("initial_sync", times);
        result.Figure("initial_sync_bytes", size);
        load.CpuFigure("server_cpu_us_per_sync", load.ServerCpu() - cpu, times.Count);
    }
}

/// <summary>The next /sync of a person with very many rooms, one of which has a new message.</summary>
internal static class IncrementalSyncScenario
{
    private const int WarmUp = 200;
    private const int MostSyncs = 2000;

    public static async Task RunAsync(LoadContext load)
    {
        var (options, result) = (load.Options, load.Result);
        result.Parameter("rooms", options.IncrementalRooms);
        var person = await load.Accounts.TakeFreshAsync("incremental", result.Errors);
        var rooms = await load.CreateRoomsAsync(person, options.IncrementalRooms, 1);
        using var client = load.Connect(person, 1 << 20);
        using var sender = load.Connect(person);
        var token = MatrixClient.NextBatch(await client.SyncAsync(null, 0));

        // The sends' own cost is measured alone first and taken off, so that what is left is the syncs'.
        var limit = TimeSpan.FromSeconds(Math.Max(1, options.Seconds / 3));
        await SendSomeAsync(WarmUp, limit);
        var cpu = load.ServerCpu();
        var sends = await SendSomeAsync(MostSyncs, limit);
        var cpuPerSend = (load.ServerCpu() - cpu) / Math.Max(1, sends);
        token = MatrixClient.NextBatch(await client.SyncAsync(token, 0));

        var latencies = new Latencies();
        var empty = 0;
        var syncs = 0;
        var begun = Stopwatch.GetTimestamp();
        cpu = TimeSpan.Zero;
        for (var i = -WarmUp; i < MostSyncs && Stopwatch.GetElapsedTime(begun) < limit * 2; i++)
        {
            if (i == 0)
            {
                cpu = load.ServerCpu();
            }

            await SendAsync(i + WarmUp);
            var start = Stopwatch.GetTimestamp();
            var reply = await client.SyncAsync(token, 0);
            if (!reply.IsSuccess)
            {
                continue;
            }

            token = MatrixClient.NextBatch(reply);
            empty += reply.Body.Span.IndexOf("\"event_id\""u8) < 0 ? 1 : 0;
            if (i >= 0)
            {
                latencies.Add(start);
                syncs++;
            }
        }

        cpu = load.ServerCpu() - cpu - (cpuPerSend * syncs);
        result.Percentiles("incremental_sync", latencies.Distribution());
        result.Figure("syncs", syncs);
        load.CpuFigure("server_cpu_us_per_sync", cpu > TimeSpan.Zero ? cpu : TimeSpan.Zero, syncs);
        if (empty > 0)
        {
            result.Errors.Add("sync without the acknowledged message", $"{empty} of {syncs + WarmUp}");
        }

        async Task<int> SendSomeAsync(int most, TimeSpan within)
        {
            var from = Stopwatch.GetTimestamp();
            var count = 0;
            for (; count < most && Stopwatch.GetElapsedTime(from) < within; count++)
            {
                await SendAsync(count);
            }

            return count;
        }

        // A step that has no common factor with the number of rooms: every room has its turn.
        ValueTask<HttpReply> SendAsync(int number) => sender.SendMessageAsync(
            MatrixClient.Escape(rooms[number * 7919L % rooms.Length]), LoadContext.NewTransactionId(), LoadContext.Content("i"));
    }
}
