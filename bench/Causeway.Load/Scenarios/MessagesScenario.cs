using System.Diagnostics;
using Causeway.Wire;

namespace Causeway.Load.Scenarios;

/// <summary>Reading a long room backwards, page by page, to its beginning and again.</summary>
internal static class MessagesScenario
{
    private const int Senders = 16;
    private const int PageSize = 100;
    private const int Readers = 4;

    public static async Task RunAsync(LoadContext load)
    {
        var (options, result) = (load.Options, load.Result);
        result.Parameter("events", options.MessagesEvents);
        result.Parameter("page", PageSize);
        result.Parameter("readers", Readers);
        var owner = await load.Accounts.TakeFreshAsync("reader", result.Errors);
        var roomId = (await load.CreateRoomsAsync(owner, 1, 0))[0];
        var room = MatrixClient.Escape(roomId);
        await Bounded.RunAsync(options.MessagesEvents, Senders, async (client, number) =>
            await client.SendMessageAsync(room, LoadContext.NewTransactionId(), LoadContext.Content($"p{number}")), () => load.Connect(owner));

        var limit = TimeSpan.FromSeconds(Math.Max(2, options.Seconds / 2));
        await ReadAsync(1, TimeSpan.FromSeconds(1), null);
        await ReadAsync(1, limit, "one_reader_");
        await ReadAsync(Readers, limit, string.Empty);

        async Task ReadAsync(int readers, TimeSpan within, string? prefix)
        {
            var latencies = Enumerable.Range(0, readers).Select(_ => new Latencies()).ToArray();
            var events = 0L;
            var cpu = load.ServerCpu();
            var from = Stopwatch.GetTimestamp();
            await Task.WhenAll(latencies.Select(async pages =>
            {
                using var client = load.Connect(owner, 128 * 1024);
                while (Stopwatch.GetElapsedTime(from) < within)
                {
                    var read = await ReadRoomAsync(client, room, pages, from, within);
                    Interlocked.Add(ref events, read.Events);
                    if (read.ReachedStart && read.Events < options.MessagesEvents)
                    {
                        result.Errors.Add("page walk too short", $"{read.Events} of {options.MessagesEvents}");
                    }

                    if (read.Failed)
                    {
                        return;
                    }
                }
            }));
            if (prefix is null)
            {
                return;
            }

            var seconds = Stopwatch.GetElapsedTime(from).TotalSeconds;
            result.Figure($"{prefix}events_per_second", events / seconds);
            result.Percentiles($"{prefix}page", Latencies.Merge(latencies));
            load.CpuFigure($"{prefix}server_cpu_us_per_event", load.ServerCpu() - cpu, events);
        }
    }

    private static async Task<(long Events, bool ReachedStart, bool Failed)> ReadRoomAsync(
        MatrixClient client, string room, Latencies pages, long from, TimeSpan within)
    {
        var events = 0L;
        string? token = null;
        while (Stopwatch.GetElapsedTime(from) < within)
        {
            var start = Stopwatch.GetTimestamp();
            var reply = await client.CallAsync(
                "messages",
                "GET",
                $"/_matrix/client/v3/rooms/{room}/messages?dir=b&limit={PageSize}" + (token is null ? string.Empty : "&from=" + MatrixClient.Escape(token)));
            if (!reply.IsSuccess)
            {
                return (events, false, true);
            }

            pages.Add(start);
            var inPage = JsonBytes.Count(reply.Body.Span, "\"origin_server_ts\""u8);
            events += inPage;
            var next = JsonBytes.FindText(reply.Body.Span, "\"end\""u8);
            if (next is null || next == token || inPage == 0)
            {
                return (events, true, false);
            }

            token = next;
        }

        return (events, false, false);
    }
}
