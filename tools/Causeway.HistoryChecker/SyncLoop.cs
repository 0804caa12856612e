using Causeway.History;
using Causeway.Wire;

namespace Causeway.HistoryChecker;

/// <summary>A client's /sync loop. Where the server cut a timeline, the gap is filled by /messages as a client would,
/// so that in the end the loop has seen everything.</summary>
internal sealed class SyncLoop(MatrixClient client, Town town) : IDisposable
{
    private const int PollMilliseconds = 3000;
    private const int MostPages = 1000;
    private static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, HashSet<string>> _seen = [];
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, string> _newest = new();
    private string? _token;

    /// <summary>The newest event seen in the room.</summary>
    public string? FindNewest(string roomId) => _newest.GetValueOrDefault(roomId);

    public void Dispose() => client.Dispose();

    /// <summary>Runs until stopped, and then until an answer brings nothing new.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var failures = 0;
        var quiet = 0;
        while (quiet < 2)
        {
            await town.Weather.WaitUntilUpAsync();
            try
            {
                var isLast = stop.IsCancellationRequested;
                var brought = await PollAsync(isLast ? 0 : PollMilliseconds);
                quiet = isLast && !brought ? quiet + 1 : 0;
                failures = 0;
            }
            catch (SyncRefusedException e)
            {
                if (town.Weather.Calm > TimeSpan.FromSeconds(5) && ++failures == 20)
                {
                    town.Findings.Add("A sync token goes on working", $"{client.Account.UserId} with {_token}: {e.Message}");
                    return;
                }

                await Task.Delay(100, CancellationToken.None);
            }
            catch (ConnectionLostException)
            {
                await Task.Delay(20, CancellationToken.None);
            }
        }
    }

    private async Task<bool> PollAsync(int timeout)
    {
        using var limit = new CancellationTokenSource(AnswerWithin);
        var reply = await client.SyncAsync(_token, timeout, string.Empty, limit.Token);
        var parsed = reply.IsSuccess ? SyncReply.Parse(reply.Body, client.Account.UserId) : throw new SyncRefusedException(reply);

        // All gaps first: when filling one fails, the whole answer is asked for again with the old token.
        List<(SyncRoom Room, List<SeenEvent> Events)> rooms = [];
        foreach (var room in parsed.Rooms)
        {
            rooms.Add((room, [.. await FillGapAsync(room), .. room.Timeline]));
        }

        foreach (var (room, events) in rooms)
        {
            Record(room, events);
        }

        town.History.Add(history => history.Tokens, (client.Account.UserId, parsed.Next));
        _token = parsed.Next;
        return rooms.Exists(room => room.Events.Count > 0);
    }

    private void Record(SyncRoom room, List<SeenEvent> events)
    {
        if (events.Count == 0)
        {
            return;
        }

        var seen = SeenIn(room.RoomId);
        seen.UnionWith(events.Select(one => one.EventId));
        _newest[room.RoomId] = events[^1].EventId;
        town.History.Add(history => history.Batches, new SyncBatch(client.Account.UserId, room.RoomId, room.HasOwnJoin, events));
    }

    private async Task<IReadOnlyList<SeenEvent>> FillGapAsync(SyncRoom room)
    {
        if (!room.IsLimited || room.PreviousBatch is null)
        {
            return [];
        }

        List<SeenEvent> older = [];
        var seen = SeenIn(room.RoomId);
        var from = room.PreviousBatch;
        for (var pages = 0; pages < MostPages; pages++)
        {
            using var limit = new CancellationTokenSource(AnswerWithin);
            var reply = await client.CallAsync(
                "messages",
                "GET",
                $"/_matrix/client/v3/rooms/{MatrixClient.Escape(room.RoomId)}/messages?dir=b&limit=100&from={MatrixClient.Escape(from)}",
                default,
                limit.Token);
            var page = reply.IsSuccess ? RoomPage.Parse(reply.Body) : throw new SyncRefusedException(reply);
            foreach (var one in page.Events)
            {
                if (seen.Contains(one.EventId))
                {
                    older.Reverse();
                    return older;
                }

                older.Add(one);
            }

            if (page.End is null || page.End == from)
            {
                break;
            }

            from = page.End;
        }

        older.Reverse();
        return older;
    }

    private HashSet<string> SeenIn(string roomId)
    {
        if (!_seen.TryGetValue(roomId, out var seen))
        {
            _seen[roomId] = seen = [];
        }

        return seen;
    }

    private sealed class SyncRefusedException(HttpReply reply) : Exception($"{reply.Status}: {reply.Snippet()}");
}
