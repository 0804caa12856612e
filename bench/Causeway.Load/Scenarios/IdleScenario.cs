using System.Diagnostics;
using Causeway.Wire;

namespace Causeway.Load.Scenarios;

/// <summary>Very many people wait in /sync and nothing happens: what does one of them cost in memory?</summary>
internal static class IdleScenario
{
    private const int MostUsers = 500;
    private const int SparePerProcess = 300;
    private const int PollMilliseconds = 60_000;

    // Nobody's coming or going is told to the others, who share large rooms from the join scenario: this is about waiting.
    private const string Quietly = "&set_presence=offline&filter="
        + "%7B%22presence%22%3A%7B%22types%22%3A%5B%5D%7D%2C%22room%22%3A%7B%22state%22%3A%7B%22lazy_load_members%22%3Atrue%7D%7D%7D";

    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(3);

    public static async Task RunAsync(LoadContext load)
    {
        const double Mebibyte = 1 << 20;
        var (options, result) = (load.Options, load.Result);
        var fresh = options.ServerProcess?.ResidentBytes() ?? 0;
        var wanted = options.IdleSyncs;
        var possible = Math.Min(
            ProcessFigures.OpenFileLimit(0),
            options.ServerProcess is { } process ? ProcessFigures.OpenFileLimit(process.ProcessId) : int.MaxValue) - SparePerProcess;
        if (possible < wanted)
        {
            result.Errors.Add("open file limit", $"{wanted} wanted, {possible} possible: raise it with ulimit -n");
            wanted = possible;
        }

        // Several waiting devices share an account: registering thousands is the login scenario's business.
        var accounts = await load.Accounts.TakeAsync(Math.Min(MostUsers, wanted), result.Errors, TimeSpan.FromSeconds(options.RegistrationSeconds));
        result.Parameter("syncs", wanted);
        result.Parameter("users", accounts.Count);
        var tokens = new string[accounts.Count];
        await Bounded.RunAsync(accounts.Count, 8, async (_, number) =>
        {
            using var client = load.Connect(accounts[number]);
            tokens[number] = MatrixClient.NextBatch(await client.SyncAsync(null, 0, Quietly));
        }, () => new MemoryStream(0));
        await Task.Delay(Settle);

        var before = options.ServerProcess?.ResidentBytes() ?? 0;
        var stop = new StopSign();
        MatrixClient[] clients = [.. Enumerable.Range(0, wanted).Select(i => load.Connect(accounts[i % accounts.Count], 512))];
        var from = Stopwatch.GetTimestamp();
        await Bounded.RunAsync(
            wanted, 16, async (_, number) => await clients[number].Connection.ConnectAsync(), () => new MemoryStream(0));
        var polls = clients.Select((client, i) => WaitAsync(load, client, tokens[i % accounts.Count], stop)).ToArray();
        await Task.Delay(Settle);
        var answered = polls.Count(poll => poll.IsCompleted);
        var after = options.ServerProcess?.ResidentBytes() ?? 0;
        var cpu = load.ServerCpu();
        await Task.Delay(Settle);
        cpu = load.ServerCpu() - cpu;
        stop.Raise();
        Array.ForEach(clients, client => client.Dispose());
        await Task.WhenAll(polls);

        result.Figure("waiting", wanted - answered);
        if (answered > 0)
        {
            result.Errors.Add("idle sync answered at once", $"{answered} of {wanted} long-polls did not wait");
        }

        if (options.ServerProcess is not null)
        {
            result.Figure("server_rss_fresh_mb", fresh / Mebibyte);
            result.Figure("server_rss_before_mb", before / Mebibyte);
            result.Figure("server_rss_after_mb", after / Mebibyte);
            result.Figure("bytes_per_idle_sync", (after - before) / (double)wanted);
            result.Figure("server_cpu_percent_while_idle", cpu / Settle * 100);
        }
    }

    private static async Task WaitAsync(LoadContext load, MatrixClient client, string token, StopSign stop)
    {
        try
        {
            await client.SyncAsync(token, PollMilliseconds, Quietly);
        }
        catch (ConnectionLostException e)
        {
            if (!stop.IsRaised)
            {
                load.Result.Errors.Add("idle sync connection lost", e.Message);
            }
        }
    }
}
