using System.Diagnostics;
using Causeway.Wire;

namespace Causeway.Load.Scenarios;

/// <summary>Each sender sends the next message as soon as the last was acknowledged.</summary>
internal static class SendScenario
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);

    public static async Task RunAsync(LoadContext load, int senders, int rooms)
    {
        var result = load.Result;
        result.Parameter("senders", senders);
        result.Parameter("rooms", rooms);
        result.Parameter("seconds", load.Options.Seconds);
        var accounts = await load.Accounts.TakeAsync(senders, result.Errors);
        MatrixClient[] clients = [.. accounts.Select(account => load.Connect(account))];
        try
        {
            var roomIds = await CreateRoomsAsync(clients, rooms);
            await MeasureAsync(load, clients, roomIds);
        }
        finally
        {
            Array.ForEach(clients, client => client.Dispose());
        }
    }

    private static async Task<string[]> CreateRoomsAsync(MatrixClient[] clients, int rooms)
    {
        var ids = new string[rooms];
        await Task.WhenAll(Enumerable.Range(0, Math.Min(rooms, clients.Length)).Select(async first =>
        {
            for (var room = first; room < rooms; room += clients.Length)
            {
                ids[room] = await clients[first].CreateRoomAsync();
            }
        }));
        await Task.WhenAll(Enumerable.Range(rooms, Math.Max(0, clients.Length - rooms)).Select(
            sender => clients[sender].JoinAsync(ids[sender % rooms])));
        return ids;
    }

    private static async Task MeasureAsync(LoadContext load, MatrixClient[] clients, string[] roomIds)
    {
        var latencies = clients.Select(_ => new Latencies()).ToArray();
        var stop = new StopSign();
        var senders = clients.Select((client, i) => SendUntilAsync(client, RoomsOf(i), latencies[i], stop)).ToArray();
        await Task.Delay(WarmUp);
        var cpu = load.ServerCpu();
        var ownCpu = Environment.CpuUsage.TotalTime;
        var from = Stopwatch.GetTimestamp();
        await Task.Delay(TimeSpan.FromSeconds(load.Options.Seconds));
        var to = Stopwatch.GetTimestamp();
        cpu = load.ServerCpu() - cpu;
        ownCpu = Environment.CpuUsage.TotalTime - ownCpu;
        stop.Raise();
        await Task.WhenAll(senders);

        var sent = Latencies.Merge(latencies, from, to);
        load.Result.Figure("messages", sent.Count);
        load.Result.Figure("sends_per_second", sent.Count / Stopwatch.GetElapsedTime(from, to).TotalSeconds);
        load.Result.Percentiles("send", sent);
        load.CpuFigure("server_cpu_us_per_message", cpu, sent.Count);
        load.Result.Figure("load_cpu_us_per_message", ownCpu.TotalMicroseconds / Math.Max(1, sent.Count));

        string[] RoomsOf(int sender) => roomIds.Length < clients.Length
            ? [MatrixClient.Escape(roomIds[sender % roomIds.Length])]
            : [.. roomIds.Where((_, room) => room % clients.Length == sender).Select(MatrixClient.Escape)];
    }

    private static async Task SendUntilAsync(MatrixClient client, string[] rooms, Latencies latencies, StopSign stop)
    {
        var content = LoadContext.Content("m");
        for (var i = 0; !stop.IsRaised; i++)
        {
            var start = Stopwatch.GetTimestamp();
            var reply = await client.SendMessageAsync(rooms[i % rooms.Length], LoadContext.NewTransactionId(), content);
            if (reply.IsSuccess)
            {
                latencies.Add(start);
            }
        }
    }
}
