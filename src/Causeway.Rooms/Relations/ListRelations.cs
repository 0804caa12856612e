using Causeway.Hosting;

namespace Causeway.Rooms;

/// <summary>
/// GET /_matrix/client/v1/rooms/{roomId}/relations/{eventId}[/{relType}[/{eventType}]]: the events that relate to one.
/// Client-server API, "Relationships API".
/// </summary>
internal sealed class ListRelations(
    RoomAccess access, EventStore store, Aggregations aggregations, Streams.LogTail tail, TimeProvider clock) : IEndpoint
{
    private const int MaxDepth = 3;
    private const int MaxScanned = 2000;

    // Breadth first and only so many: a page of an enormous tree costs no more than this.
    private const string Tree =
        """
        WITH RECURSIVE found (position, event_id, depth) AS (
            SELECT r.position, l.key, 1 FROM relations r JOIN log l ON l.position = r.position
            WHERE r.room = $1 AND r.target = $2 AND ($5 = '' OR r.rel_type = $5) AND ($6 = '' OR r.type = $6)
            UNION ALL
            SELECT r.position, l.key, f.depth + 1 FROM found f
            JOIN relations r ON r.room = $1 AND r.target = f.event_id JOIN log l ON l.position = r.position
            WHERE f.depth < 3 AND ($5 = '' OR r.rel_type = $5) AND ($6 = '' OR r.type = $6))
        SELECT position FROM (SELECT position FROM found LIMIT 20000) f WHERE position > $3 AND position <= $4
        """;

    private const string Direct =
        """
        SELECT position FROM relations
        WHERE room = $1 AND target = $2 AND ($5 = '' OR rel_type = $5) AND ($6 = '' OR type = $6) AND position > $3 AND position <= $4
        """;

    public async Task HandleAsync(MatrixRequest request)
    {
        var backward = request.Query("dir") switch
        {
            null or "b" => true,
            "f" => false,
            _ => throw Refusal.InvalidParam("'dir' must be b or f."),
        };
        var limit = PageLimit.Of(request, 50, 1000);
        var recurse = request.QueryBool("recurse");
        long? from = request.Query("from") is { Length: > 0 } start ? PageToken.Parse(start, "from") : null;
        long? to = request.Query("to") is { Length: > 0 } end ? PageToken.Parse(end, "to") : null;
        var reader = await access.FindReaderAsync(request.Requester, request.RoomId()).ConfigureAwait(false) ?? throw EventLookup.NotFound();
        var parent = await EventLookup.FindAsync(reader, store, request.EventId()).ConfigureAwait(false);
        var newest = Math.Min(reader.UpTo, tail.Head);
        var (low, high) = backward
            ? (to ?? 0, Math.Min(from ?? newest, newest))
            : (from ?? 0, Math.Min(to ?? newest, newest));
        var (events, next) = await ReadAsync(request, reader, parent, recurse ? Tree : Direct, backward, low, high, limit).ConfigureAwait(false);
        var form = new ClientEvent.Form(clock.GetUtcNow().ToUnixTimeMilliseconds(), request.Requester.Device, WithRoomId: true)
        {
            Bundles = await aggregations.OfAsync(reader.Room, reader.View, request.Requester.User, events, newest).ConfigureAwait(false),
        };
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("chunk"u8);
            events.ForEach(e => ClientEvent.Write(json, e, form, reader.View.MembershipAt(e)));
            json.WriteEndArray();
            if (next is { } more)
            {
                json.WriteString("next_batch"u8, PageToken.Of(more));
            }

            if (from is { } began)
            {
                json.WriteString("prev_batch"u8, PageToken.Of(began));
            }

            if (recurse)
            {
                json.WriteNumber("recursion_depth"u8, MaxDepth);
            }

            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private async ValueTask<(List<TimelineEvent> Events, long? Next)> ReadAsync(
        MatrixRequest request, RoomReader reader, TimelineEvent parent, string sql, bool backward, long low, long high, int limit)
    {
        var found = new List<TimelineEvent>();
        for (var scanned = 0; scanned < MaxScanned;)
        {
            var want = limit - found.Count + 1;
            var batch = await store.ListOfAsync(
                reader.Room, sql, backward, want, parent.Event.Id.Value, low, high, request.Path("relType"), request.Path("eventType"))
                .ConfigureAwait(false);
            foreach (var e in batch)
            {
                if (found.Count == limit)
                {
                    return (found, backward ? high : low);
                }

                (low, high) = backward ? (low, e.Position - 1) : (e.Position, high);
                if (reader.View.MaySee(e))
                {
                    found.Add(e);
                }
            }

            if (batch.Count < want)
            {
                return (found, null);
            }

            scanned += batch.Count;
        }

        return (found, backward ? high : low);
    }
}

/// <summary>How many a page is asked to hold.</summary>
internal static class PageLimit
{
    public static int Of(MatrixRequest request, int otherwise, int most) => request.QueryInteger("limit") switch
    {
        null => otherwise,
        < 1 => throw Refusal.InvalidParam("'limit' must be greater than zero."),
        var limit => (int)Math.Min(limit.Value, most),
    };
}
