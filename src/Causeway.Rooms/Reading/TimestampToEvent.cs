using Causeway.Hosting;

namespace Causeway.Rooms;

/// <summary>
/// GET /_matrix/client/v1/rooms/{roomId}/timestamp_to_event: the event nearest to a time.
/// Client-server API, "Room participation": "Jump to date".
/// </summary>
internal sealed class TimestampToEvent(RoomAccess access, EventStore store, Streams.LogTail tail) : IEndpoint
{
    private const int MaxScanned = 1000;

    public async Task HandleAsync(MatrixRequest request)
    {
        var time = request.QueryInteger("ts") ?? throw Refusal.MissingParam("ts");
        var forward = request.Query("dir") switch
        {
            "f" => true,
            "b" => false,
            null => throw Refusal.MissingParam("dir"),
            _ => throw Refusal.InvalidParam("'dir' must be b or f."),
        };
        var reader = await access.ReaderAsync(request.Requester, request.RoomId()).ConfigureAwait(false);
        var newest = Math.Min(reader.UpTo, tail.Head);
        var e = await FindAsync(reader, await FirstAtAsync(reader.Room, time, newest, orLater: forward).ConfigureAwait(false), newest, forward).ConfigureAwait(false)
            ?? throw Refusal.NotFound("There is no event in that direction.");
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("event_id"u8, e.Event.Id.Value);
            json.WriteNumber("origin_server_ts"u8, e.Event.OriginServerTs);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    /// <summary>
    /// The position of the first event of this time or later (or only later): the log grows with time, so halving finds
    /// it. Past the newest event when there is none.
    /// </summary>
    private async ValueTask<long> FirstAtAsync(Room room, long time, long newest, bool orLater)
    {
        var (low, high) = (room.Nid, newest + 1);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            var next = await store.ListForwardAsync(room, middle - 1, newest, 1).ConfigureAwait(false);
            if (next.Count == 0 || next[0].Event.OriginServerTs > time || (orLater && next[0].Event.OriginServerTs == time))
            {
                high = middle;
            }
            else
            {
                low = next[0].Position + 1;
            }
        }

        return low;
    }

    private async ValueTask<TimelineEvent?> FindAsync(RoomReader reader, long at, long newest, bool forward)
    {
        for (var scanned = 0; scanned < MaxScanned;)
        {
            var batch = forward
                ? await store.ListForwardAsync(reader.Room, at - 1, newest, 50).ConfigureAwait(false)
                : await store.ListBackwardAsync(reader.Room, 0, at - 1, 50).ConfigureAwait(false);
            if (batch.Find(reader.View.MaySee) is { } found)
            {
                return found;
            }

            if (batch.Count < 50)
            {
                return null;
            }

            scanned += batch.Count;
            at = forward ? batch[^1].Position + 1 : batch[^1].Position;
        }

        return null;
    }
}
