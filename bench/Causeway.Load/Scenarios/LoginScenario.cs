using System.Diagnostics;
using Causeway.Wire;

namespace Causeway.Load.Scenarios;

/// <summary>How many people can register and log in per second; bounded by the server's password hash by intention.</summary>
internal static class LoginScenario
{
    private const int Parallel = 8;
    private const int MostUsers = 5000;

    public static async Task RunAsync(LoadContext load)
    {
        var half = TimeSpan.FromSeconds(Math.Max(1, load.Options.Seconds / 2.0));
        var prefix = $"{load.Options.Users}login{Stopwatch.GetTimestamp() % 1_000_000_000}_";
        var registration = new Registration(load.Options.Server, load.Options.Registration, load.Result.Errors);
        load.Result.Parameter("parallel", Parallel);
        var registered = await MeasureAsync("register", (connection, number) =>
            registration.RegisterAsync(connection, $"{prefix}{number}"));
        await MeasureAsync("login", (connection, number) =>
            registration.LoginAsync(connection, $"{prefix}{number % registered}"));

        async Task<int> MeasureAsync(string what, Func<HttpConnection, int, Task> act)
        {
            var latencies = new Latencies();
            var from = Stopwatch.GetTimestamp();
            var cpu = load.ServerCpu();
            var highest = 0;
            await Bounded.RunAsync(MostUsers, Parallel, async (connection, number) =>
            {
                if (Stopwatch.GetElapsedTime(from) >= half)
                {
                    return;
                }

                var start = Stopwatch.GetTimestamp();
                await act(connection, number);
                lock (latencies)
                {
                    latencies.Add(start);
                    highest = Math.Max(highest, number + 1);
                }
            }, registration.Connect);
            var done = latencies.Distribution();
            load.Result.Figure($"{what}s_per_second", done.Count / Stopwatch.GetElapsedTime(from).TotalSeconds);
            load.Result.Figure($"{what}_p50_ms", done.Median);
            load.Result.Figure($"{what}_p99_ms", done.Percentile(99));
            load.CpuFigure($"server_cpu_us_per_{what}", load.ServerCpu() - cpu, done.Count);
            return highest;
        }
    }
}
