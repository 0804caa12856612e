using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>
/// GET /_matrix/client/v1/rooms/{roomId}/threads: the roots of a room's threads, those with the newest replies first.
/// Client-server API, "Querying threads in a room".
/// </summary>
internal sealed class ListThreads(
    RoomAccess access, EventStore store, RelationIndex index, Aggregations aggregations, Streams.LogTail tail, TimeProvider clock)
    : IEndpoint
{
    private const int MaxScanned = 500;

    public async Task HandleAsync(MatrixRequest request)
    {
        UserId? participant = request.Query("include") switch
        {
            null or "all" => null,
            "participated" => request.Requester.User,
            _ => throw Refusal.InvalidParam("'include' must be all or participated."),
        };
        var limit = PageLimit.Of(request, 20, 100);
        var from = request.Query("from") is { Length: > 0 } start ? PageToken.Parse(start, "from") : long.MaxValue;
        var reader = await access.ReaderAsync(request.Requester, request.RoomId()).ConfigureAwait(false);
        var newest = Math.Min(reader.UpTo, tail.Head);
        var roots = new List<TimelineEvent>();
        var bundles = new Bundles();
        var next = await FillAsync().ConfigureAwait(false);
        var form = new ClientEvent.Form(clock.GetUtcNow().ToUnixTimeMilliseconds(), request.Requester.Device, WithRoomId: true)
        {
            Bundles = bundles,
        };
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("chunk"u8);
            roots.ForEach(e => ClientEvent.Write(json, e, form, reader.View.MembershipAt(e)));
            json.WriteEndArray();
            if (next is { } more)
            {
                json.WriteString("next_batch"u8, PageToken.Of(more));
            }

            json.WriteEndObject();
        }).ConfigureAwait(false);

        // Threads of which the person may see no root or no reply are passed over.
        async ValueTask<long?> FillAsync()
        {
            for (var scanned = 0; scanned < MaxScanned;)
            {
                var want = limit - roots.Count + 1;
                var threads = await index.ListThreadsAsync(reader.Room, participant, from, want).ConfigureAwait(false);
                foreach (var (id, latest) in threads)
                {
                    if (roots.Count == limit)
                    {
                        return from;
                    }

                    from = latest - 1;
                    if (await store.FindAsync(reader.Room, EventId.Parse(id)).ConfigureAwait(false) is { } root && reader.View.MaySee(root)
                        && await aggregations.OfAsync(reader.Room, reader.View, request.Requester.User, [root], newest).ConfigureAwait(false) is { } found
                        && found.Find(root.Event.Id)?.Thread is not null)
                    {
                        roots.Add(root);
                        bundles.Take(found);
                    }
                }

                if (threads.Count < want)
                {
                    return null;
                }

                scanned += threads.Count;
            }

            return from;
        }
    }
}
