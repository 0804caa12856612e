using System.Diagnostics;
using Causeway.Wire;

namespace Causeway.Load.Scenarios;

/// <summary>Many people join one public room. Reported in slices: the last must not be slower than the first.</summary>
internal static class JoinScenario
{
    private const int Slices = 10;
    private const int Parallel = 32;

    public static async Task RunAsync(LoadContext load)
    {
        var (options, result) = (load.Options, load.Result);
        var accounts = await load.Accounts.TakeAsync(
            options.JoinMembers, result.Errors, TimeSpan.FromSeconds(options.RegistrationSeconds));
        result.Parameter("members_wanted", options.JoinMembers);
        result.Parameter("members", accounts.Count);
        using var creator = load.Connect(await load.Accounts.TakeFreshAsync("creator", result.Errors));
        var roomId = await creator.CreateRoomAsync();
        var path = $"/_matrix/client/v3/join/{MatrixClient.Escape(roomId)}";
        var body = "{}"u8.ToArray();
        var all = new Latencies();
        List<double> rates = [];
        var begun = Stopwatch.GetTimestamp();
        var cpu = load.ServerCpu();
        for (var slice = 0; slice < Slices; slice++)
        {
            var first = accounts.Count * slice / Slices;
            var count = (accounts.Count * (slice + 1) / Slices) - first;
            var from = Stopwatch.GetTimestamp();
            await Bounded.RunAsync(count, Parallel, async (_, number) =>
            {
                using var client = load.Connect(accounts[first + number]);
                await client.Connection.ConnectAsync();
                var start = Stopwatch.GetTimestamp();
                if ((await client.CallAsync("join", "POST", path, body)).IsSuccess)
                {
                    lock (all)
                    {
                        all.Add(start);
                    }
                }
            }, () => new MemoryStream(0));
            rates.Add(count / Stopwatch.GetElapsedTime(from).TotalSeconds);
        }

        var joins = all.Distribution();
        result.Figure("joins_per_second", joins.Count / Stopwatch.GetElapsedTime(begun).TotalSeconds);
        result.Figure("last_slice_to_second", rates[1] > 0 ? rates[^1] / rates[1] : 0);
        result.Percentiles("join", joins);
        result.Series("joins_per_second_by_slice", rates);
        load.CpuFigure("server_cpu_us_per_join", load.ServerCpu() - cpu, joins.Count);
    }
}
