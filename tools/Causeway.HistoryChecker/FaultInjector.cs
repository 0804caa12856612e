using System.Diagnostics;
using Causeway.Wire;

namespace Causeway.HistoryChecker;

/// <summary>Breaks things at seeded moments and checks that the server comes back in time.</summary>
internal sealed class FaultInjector(
    CheckerOptions options, ServerProcess server, DataFolder folder, Weather weather, FindingList findings)
{
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ProgressWithin = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Random _random = new(options.Seed);
    private readonly Dictionary<Fault, int> _counts = [];

    public async Task RunAsync(Func<int> countAcknowledged)
    {
        Fault[] kinds = [.. new[] { Fault.Kill, Fault.RestartPostgres, Fault.FullDisk }.Where(kind => options.Faults.HasFlag(kind))];
        var begun = Stopwatch.GetTimestamp();
        var number = 0;
        while (Stopwatch.GetElapsedTime(begun) < options.Duration)
        {
            var pause = TimeSpan.FromMilliseconds(_random.Next(200, 2500));
            var rest = options.Duration - Stopwatch.GetElapsedTime(begun);
            await Task.Delay(pause < rest ? pause : rest);
            if (kinds.Length == 0 || Stopwatch.GetElapsedTime(begun) >= options.Duration)
            {
                continue;
            }

            // Each kind has its turn, in an order of its own each round.
            if (number % kinds.Length == 0)
            {
                _random.Shuffle(kinds);
            }

            var kind = kinds[number++ % kinds.Length];
            _counts[kind] = _counts.GetValueOrDefault(kind) + 1;
            weather.BeginStorm();
            await InjectAsync(kind);
            weather.EndStorm();
            await CheckProgressAsync(kind, countAcknowledged);
        }

        foreach (var (kind, count) in _counts)
        {
            findings.Note($"{kind}: {count} times");
        }
    }

    private async Task InjectAsync(Fault kind)
    {
        switch (kind)
        {
            case Fault.Kill:
                await server.KillAsync();
                weather.SetDown();
                await Task.Delay(_random.Next(0, 300));
                await StartAsync();
                break;
            case Fault.RestartPostgres:
                await RestartPostgresAsync();
                break;
            case Fault.FullDisk:
                folder.Fill();
                await Task.Delay(_random.Next(500, 2500));
                folder.Free();
                break;
        }

        if (server.HasExited)
        {
            // Giving up is allowed to no fault but the kill; the history is still checked.
            findings.Add("The server survives", $"it exited by itself after {kind}");
            weather.SetDown();
            await StartAsync();
        }
    }

    private async Task StartAsync()
    {
        var took = await server.StartAsync(Patience);
        if (took > ReadyWithin)
        {
            findings.Add("Ready within 5 s of start", $"took {took.TotalSeconds:0.0} s");
        }

        weather.SetUp();
    }

    private async Task RestartPostgresAsync()
    {
        var command = CommandLine.Split(options.PostgresRestartCommand!);
        using var process = Process.Start(command[0], command.Skip(1));
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"The command to restart PostgreSQL exited with {process.ExitCode}.");
        }
    }

    private async Task CheckProgressAsync(Fault kind, Func<int> countAcknowledged)
    {
        var begun = Stopwatch.GetTimestamp();
        for (var before = countAcknowledged(); countAcknowledged() == before; await Task.Delay(50))
        {
            if (Stopwatch.GetElapsedTime(begun) > ProgressWithin)
            {
                findings.Add("The server recovers", $"no send was acknowledged in {ProgressWithin.TotalSeconds} s after {kind}");
                return;
            }
        }
    }
}
