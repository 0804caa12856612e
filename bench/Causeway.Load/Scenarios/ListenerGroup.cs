using System.Buffers.Text;
using System.Collections;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Causeway.Wire;

namespace Causeway.Load.Scenarios;

/// <summary>Members of one room in long-poll /sync who note when each numbered message reaches them.</summary>
internal sealed class ListenerGroup(LoadContext load, MatrixClient[] clients, Deliveries deliveries)
{
    private const int PollMilliseconds = 20_000;
    private const string Filter =
        """{"presence":{"types":[]},"room":{"timeline":{"limit":100},"state":{"lazy_load_members":true},"ephemeral":{"types":[]}}}""";

    private readonly StopSign _stop = new();
    private Task[] _loops = [];
    private int _limited;

    /// <summary>Answers whose timeline the server cut: deliveries the listener would have to fetch.</summary>
    public int Limited => _limited;

    /// <summary>Returns when every listener has its first token and waits.</summary>
    public async Task StartAsync()
    {
        var tokens = new string[clients.Length];
        var filters = new string[clients.Length];
        await Bounded.RunAsync(clients.Length, 16, async (_, i) =>
        {
            filters[i] = await CreateFilterAsync(clients[i]);
            var reply = await clients[i].SyncAsync(null, 0, filters[i]);
            tokens[i] = reply.IsSuccess ? MatrixClient.NextBatch(reply) : throw new SetupFailedException("sync", reply);
        }, () => new MemoryStream(0));
        _loops = [.. clients.Select((client, i) => ListenAsync(client, i, tokens[i], filters[i]))];
        await Task.Delay(300);
    }

    public async Task StopAsync()
    {
        _stop.Raise();
        Array.ForEach(clients, client => client.Dispose());
        await Task.WhenAll(_loops);
    }

    private static async Task<string> CreateFilterAsync(MatrixClient client)
    {
        var reply = await client.CallAsync(
            "filter", "POST", $"/_matrix/client/v3/user/{MatrixClient.Escape(client.Account.UserId)}/filter", Encoding.UTF8.GetBytes(Filter));
        return "&filter=" + MatrixClient.Escape(
            reply.IsSuccess ? JsonBytes.FindText(reply.Body.Span, "\"filter_id\""u8) ?? Filter : Filter);
    }

    private async Task ListenAsync(MatrixClient client, int listener, string token, string filter)
    {
        while (!_stop.IsRaised)
        {
            try
            {
                var reply = await client.SyncAsync(token, PollMilliseconds, filter);
                if (!reply.IsSuccess)
                {
                    await Task.Delay(100);
                    continue;
                }

                token = MatrixClient.NextBatch(reply);
                Note(reply.Body.Span, listener);
            }
            catch (ConnectionLostException e)
            {
                if (!_stop.IsRaised)
                {
                    load.Result.Errors.Add("sync connection lost", e.Message);
                    await Task.Delay(100);
                }
            }
        }
    }

    private void Note(ReadOnlySpan<byte> body, int listener)
    {
        var now = Stopwatch.GetTimestamp();
        if (body.IndexOf("\"limited\":true"u8) >= 0)
        {
            Interlocked.Increment(ref _limited);
        }

        for (var at = body.IndexOf(Deliveries.Mark); at >= 0; at = body.IndexOf(Deliveries.Mark))
        {
            body = body[(at + Deliveries.Mark.Length)..];
            if (Utf8Parser.TryParse(body[..8], out int message, out _, 'x'))
            {
                deliveries.Note(listener, message, now);
            }
        }
    }
}

/// <summary>Which listener has which message, since when; and who waits for a message to have reached all.</summary>
internal sealed class Deliveries(int listeners, int mostMessages)
{
    private readonly BitArray[] _seen = [.. Enumerable.Range(0, listeners).Select(_ => new BitArray(mostMessages))];
    private readonly Latencies[] _latencies = [.. Enumerable.Range(0, listeners).Select(_ => new Latencies())];
    private readonly long[] _sent = new long[mostMessages];
    private readonly int[] _reached = new int[mostMessages];
    private readonly TaskCompletionSource<long>[] _all =
        [.. Enumerable.Range(0, mostMessages).Select(_ => new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously))];

    private int _next = -1;
    private int _doubled;

    public static ReadOnlySpan<byte> Mark => "cw:"u8;

    public int Doubled => _doubled;

    public int MessagesSent => Math.Min(_next + 1, mostMessages);

    public bool IsFull => _next + 1 >= mostMessages;

    public long Reached => _reached.Sum(count => (long)count);

    /// <summary>The number of the next message and its content; its clock starts now.</summary>
    public (int Message, byte[] Content) Begin()
    {
        var message = Interlocked.Increment(ref _next);
        _sent[message] = Stopwatch.GetTimestamp();
        return (message, LoadContext.Content("cw:" + message.ToString("x8", CultureInfo.InvariantCulture)));
    }

    public long SentAt(int message) => _sent[message];

    /// <summary>Completes with the moment the last listener got the message.</summary>
    public Task<long> WaitForAllAsync(int message, TimeSpan patience) => _all[message].Task.WaitAsync(patience);

    public void Note(int listener, int message, long now)
    {
        if (_seen[listener][message])
        {
            Interlocked.Increment(ref _doubled);
            return;
        }

        _seen[listener][message] = true;
        _latencies[listener].Add(_sent[message], now);
        if (Interlocked.Increment(ref _reached[message]) == listeners)
        {
            _all[message].TrySetResult(now);
        }
    }

    public Distribution Distribution(long from = long.MinValue, long to = long.MaxValue) => Latencies.Merge(_latencies, from, to);
}
