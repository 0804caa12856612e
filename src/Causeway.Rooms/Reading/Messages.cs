using System.Text.Json;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>
/// GET /_matrix/client/v3/rooms/{roomId}/messages: a page of events, backward or forward.
/// Client-server API, "Getting events for a room".
/// </summary>
internal sealed class Messages(
    RoomAccess access, EventStore store, Aggregations aggregations, Streams.LogTail tail, TimeProvider clock) : IEndpoint
{
    /// <summary>A filter may hold back everything: after this many events the page ends and the client asks on.</summary>
    private const int MaxScanned = 2000;

    public async Task HandleAsync(MatrixRequest request)
    {
        var requester = request.Requester;
        var backward = request.Query("dir") switch
        {
            "b" => true,
            "f" => false,
            null => throw Refusal.MissingParam("dir"),
            _ => throw Refusal.InvalidParam("'dir' must be b or f."),
        };
        var limit = (int)Math.Clamp(request.QueryInteger("limit") ?? 10, 0, 1000);
        var filter = QueryFilter.Parse(request);
        limit = Math.Min(limit, filter.Limit ?? limit);
        var reader = await access.ReaderAsync(requester, request.RoomId()).ConfigureAwait(false);
        var newest = Math.Min(reader.UpTo, tail.Head);
        var from = request.Query("from") is { } text ? PageToken.Parse(text, "from") : backward ? newest : 0;
        var to = request.Query("to") is { } end ? PageToken.Parse(end, "to") : backward ? 0 : newest;
        var page = await ReadAsync(reader, filter, backward, limit, backward ? Math.Min(from, newest) : from, backward ? to : Math.Min(to, newest))
            .ConfigureAwait(false);
        var memberEvents = filter.LazyLoadMembers
            ? await MembersOfAsync(reader, page.Events).ConfigureAwait(false)
            : [];
        var form = new ClientEvent.Form(clock.GetUtcNow().ToUnixTimeMilliseconds(), requester.Device, WithRoomId: true)
        {
            Bundles = await aggregations.OfAsync(reader.Room, reader.View, requester.User, page.Events, newest).ConfigureAwait(false),
        };
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("chunk"u8);
            foreach (var e in page.Events)
            {
                ClientEvent.Write(json, e, form, reader.View.MembershipAt(e));
            }

            json.WriteEndArray();
            if (page.End is { } next)
            {
                json.WriteString("end"u8, PageToken.Of(next));
            }

            json.WriteString("start"u8, PageToken.Of(from));
            if (memberEvents.Count > 0)
            {
                json.WriteStartArray("state"u8);
                memberEvents.ForEach(e => ClientEvent.Write(json, e, form));
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    /// <summary>The senders' member events, as of where the reader may read to.</summary>
    private async ValueTask<List<TimelineEvent>> MembersOfAsync(RoomReader reader, IEnumerable<TimelineEvent> events)
    {
        var members = new List<TimelineEvent>();
        foreach (var user in events.Select(e => e.Event.Sender.Value).Distinct(StringComparer.Ordinal))
        {
            if (await store.FindStateAtAsync(reader.Room, EventTypes.Member, user, reader.UpTo).ConfigureAwait(false) is { } member)
            {
                members.Add(member);
            }
        }

        return members;
    }

    /// <summary>Reads on past what the person may not see or does not want, so that such a page does not end the history.</summary>
    private async Task<(List<TimelineEvent> Events, long? End)> ReadAsync(
        RoomReader reader, EventFilter filter, bool backward, int limit, long from, long to)
    {
        var found = new List<TimelineEvent>(Math.Min(limit, 128));
        if (limit == 0 || !filter.WantsRoom(reader.Room.Id))
        {
            return (found, null);
        }

        var at = from;
        for (var scanned = 0; scanned < MaxScanned;)
        {
            var want = Math.Max(limit - found.Count, 10);
            var batch = backward
                ? await store.ListBackwardAsync(reader.Room, to, at, want).ConfigureAwait(false)
                : await store.ListForwardAsync(reader.Room, at, to, want).ConfigureAwait(false);
            foreach (var e in batch)
            {
                at = backward ? e.Position - 1 : e.Position;
                if (reader.View.MaySee(e) && filter.Wants(e.Event))
                {
                    found.Add(e);
                    if (found.Count == limit)
                    {
                        return (found, backward && e.Event.Type == EventTypes.Create ? null : at);
                    }
                }
            }

            scanned += batch.Count;
            if (batch.Count < want)
            {
                return (found, null);
            }
        }

        return (found, at);
    }
}

/// <summary>The <c>filter</c> query value: a RoomEventFilter as JSON.</summary>
internal static class QueryFilter
{
    public static EventFilter Parse(MatrixRequest request)
    {
        if (request.Query("filter") is not { Length: > 0 } text)
        {
            return EventFilter.All;
        }

        try
        {
            using var json = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 16, AllowDuplicateProperties = false });
            return json.RootElement.ValueKind == JsonValueKind.Object
                ? EventFilter.Parse(json.RootElement)
                : throw Refusal.BadJson("'filter' must be an object.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter: half a surrogate pair in a string.
            throw Refusal.NotJson("'filter' is not JSON.");
        }
    }
}
