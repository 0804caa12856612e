using System.Diagnostics;
using Causeway.Wire;

namespace Causeway.Load.Scenarios;

/// <summary>One room whose members all listen: at an offered rate, as fast as all keep up, and one message alone.</summary>
internal static class FanoutScenario
{
    private const int PacedSenders = 16;
    private const int Window = 4;
    private const int LoneMessages = 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(LoadContext load)
    {
        var (options, result) = (load.Options, load.Result);
        result.Parameter("listeners", options.Listeners);
        result.Parameter("messages_per_second", options.Rate);
        result.Parameter("seconds", options.Seconds);
        var accounts = await load.Accounts.TakeAsync(options.Listeners, result.Errors);
        MatrixClient[] senders = [.. accounts.Take(PacedSenders).Select(account => load.Connect(account))];
        try
        {
            var roomId = await senders[0].CreateRoomAsync();
            await load.JoinAllAsync(roomId, [.. accounts.Skip(1)]);
            var room = MatrixClient.Escape(roomId);
            await WithListenersAsync(load, accounts, LoneMessages, (_, seen) => SendLoneMessagesAsync(load, senders[0], room, seen));
            await WithListenersAsync(
                load, accounts, options.Rate * options.Seconds, (_, seen) => SendPacedAsync(load, senders, room, seen));
            await WithListenersAsync(load, accounts, 20_000, (_, seen) => SendWindowedAsync(load, senders, room, seen));
        }
        finally
        {
            Array.ForEach(senders, client => client.Dispose());
        }
    }

    private static async Task WithListenersAsync(
        LoadContext load, IReadOnlyList<Account> accounts, int mostMessages, Func<ListenerGroup, Deliveries, Task> send)
    {
        MatrixClient[] clients = [.. accounts.Select(account => load.Connect(account, 16 * 1024))];
        var deliveries = new Deliveries(accounts.Count, mostMessages);
        var listeners = new ListenerGroup(load, clients, deliveries);
        try
        {
            await listeners.StartAsync();
            await send(listeners, deliveries);
        }
        finally
        {
            await listeners.StopAsync();
        }

        for (var i = 0; i < deliveries.Doubled; i++)
        {
            load.Result.Errors.Add("message delivered twice", string.Empty);
        }

        for (var i = 0; i < listeners.Limited; i++)
        {
            load.Result.Errors.Add("timeline limited", "A listener fell more than 100 events behind.");
        }
    }

    private static async Task SendLoneMessagesAsync(LoadContext load, MatrixClient sender, string room, Deliveries seen)
    {
        List<double> last = [];
        for (var i = 0; i < LoneMessages; i++)
        {
            await Task.Delay(150);
            var (message, content) = seen.Begin();
            if ((await sender.SendMessageAsync(room, LoadContext.NewTransactionId(), content)).IsSuccess)
            {
                last.Add(await TimeToAllAsync(load, seen, message));
            }
        }

        var distribution = new Distribution(last.Where(time => time >= 0));
        load.Result.Figure("one_message_to_all_p50_ms", distribution.Median);
        load.Result.Figure("one_message_to_all_max_ms", distribution.Max);
    }

    private static async Task SendPacedAsync(LoadContext load, MatrixClient[] senders, string room, Deliveries seen)
    {
        var total = load.Options.Rate * load.Options.Seconds;
        var cpu = load.ServerCpu();
        var from = Stopwatch.GetTimestamp();
        var next = -1;
        var lateness = 0.0;
        await Task.WhenAll(senders.Select(async sender =>
        {
            for (var number = Interlocked.Increment(ref next); number < total; number = Interlocked.Increment(ref next))
            {
                var due = TimeSpan.FromSeconds((double)number / load.Options.Rate);
                var wait = due - Stopwatch.GetElapsedTime(from);
                if (wait > TimeSpan.Zero)
                {
                    await Task.Delay(wait);
                }

                lateness = Math.Max(lateness, (Stopwatch.GetElapsedTime(from) - due).TotalMilliseconds);
                var (_, content) = seen.Begin();
                await sender.SendMessageAsync(room, LoadContext.NewTransactionId(), content);
            }
        }));
        var to = Stopwatch.GetTimestamp();
        var offered = (long)total * load.Options.Listeners;
        var inTime = seen.Distribution(from, to).Count;
        while (seen.Reached < offered && Stopwatch.GetElapsedTime(to) < Patience)
        {
            await Task.Delay(20);
        }

        cpu = load.ServerCpu() - cpu;
        var seconds = Stopwatch.GetElapsedTime(from, to).TotalSeconds;
        var result = load.Result;
        result.Figure("offered_deliveries_per_second", load.Options.Rate * load.Options.Listeners);
        result.Figure("deliveries_per_second", inTime / seconds);
        var missing = offered - seen.Reached;
        result.Figure("deliveries_missing", missing);
        if (missing > 0)
        {
            result.Errors.Add("deliveries missing", $"{missing} of {offered} after {Patience.TotalSeconds} s");
        }

        result.Percentiles("delivery", seen.Distribution());
        result.Figure("send_late_max_ms", lateness);
        load.CpuFigure("server_cpu_us_per_delivery", cpu, seen.Reached);
    }

    private static async Task SendWindowedAsync(LoadContext load, MatrixClient[] senders, string room, Deliveries seen)
    {
        var from = Stopwatch.GetTimestamp();
        var limit = TimeSpan.FromSeconds(Math.Max(3, load.Options.Seconds / 2));
        var cpu = load.ServerCpu();
        await Task.WhenAll(senders.Take(Window).Select(async sender =>
        {
            while (Stopwatch.GetElapsedTime(from) < limit && !seen.IsFull)
            {
                var (message, content) = seen.Begin();
                if ((await sender.SendMessageAsync(room, LoadContext.NewTransactionId(), content)).IsSuccess)
                {
                    await TimeToAllAsync(load, seen, message);
                }
            }
        }));
        cpu = load.ServerCpu() - cpu;
        var reached = seen.Reached;
        load.Result.Figure("most_deliveries_per_second", reached / Stopwatch.GetElapsedTime(from).TotalSeconds);
        load.Result.Figure("most_delivery_p99_ms", seen.Distribution().Percentile(99));
        load.CpuFigure("most_server_cpu_us_per_delivery", cpu, reached);
    }

    private static async Task<double> TimeToAllAsync(LoadContext load, Deliveries seen, int message)
    {
        try
        {
            var end = await seen.WaitForAllAsync(message, Patience);
            return Stopwatch.GetElapsedTime(seen.SentAt(message), end).TotalMilliseconds;
        }
        catch (TimeoutException)
        {
            load.Result.Errors.Add("message not delivered to all", $"after {Patience.TotalSeconds} s");
            return -1;
        }
    }
}
