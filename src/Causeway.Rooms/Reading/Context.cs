using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>
/// GET /_matrix/client/v3/rooms/{roomId}/context/{eventId}: an event and what stands around it.
/// Client-server API, "Event context".
/// </summary>
internal sealed class Context(
    RoomAccess access, EventStore store, Aggregations aggregations, Streams.LogTail tail, TimeProvider clock) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var filter = QueryFilter.Parse(request);
        var limit = (int)Math.Clamp(request.QueryInteger("limit") ?? 10, 0, 100);
        var reader = await access.ReaderAsync(request.Requester, request.RoomId()).ConfigureAwait(false);
        var e = await EventLookup.FindAsync(reader, store, request.EventId()).ConfigureAwait(false);
        var before = await store.ListBackwardAsync(reader.Room, 0, e.Position - 1, (limit + 1) / 2).ConfigureAwait(false);
        var after = await store.ListForwardAsync(reader.Room, e.Position, Math.Min(reader.UpTo, tail.Head), limit / 2).ConfigureAwait(false);
        var start = before.Count > 0 ? before[^1].Position - 1 : e.Position - 1;
        var end = after.Count > 0 ? after[^1].Position : e.Position;
        before.RemoveAll(x => !reader.View.MaySee(x) || !filter.Wants(x.Event));
        after.RemoveAll(x => !reader.View.MaySee(x) || !filter.Wants(x.Event));
        var state = await store.StateAtAsync(reader.Room, end).ConfigureAwait(false);
        if (filter.LazyLoadMembers)
        {
            var senders = before.Concat(after).Append(e).Select(x => x.Event.Sender.Value).ToHashSet(StringComparer.Ordinal);
            state.RemoveAll(s => s.Event.Type == EventTypes.Member && !senders.Contains(s.Event.StateKey!));
        }

        var form = new ClientEvent.Form(clock.GetUtcNow().ToUnixTimeMilliseconds(), request.Requester.Device, WithRoomId: true)
        {
            Bundles = await aggregations.OfAsync(
                reader.Room, reader.View, request.Requester.User, [.. before, e, .. after], Math.Min(reader.UpTo, tail.Head)).ConfigureAwait(false),
        };
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("start"u8, PageToken.Of(start));
            json.WriteString("end"u8, PageToken.Of(end));
            json.WritePropertyName("event"u8);
            ClientEvent.Write(json, e, form, reader.View.MembershipAt(e));
            Write("events_before", before);
            Write("events_after", after);
            Write("state", state);
            json.WriteEndObject();

            void Write(string name, List<TimelineEvent> events)
            {
                json.WriteStartArray(name);
                events.ForEach(x => ClientEvent.Write(json, x, form, reader.View.MembershipAt(x)));
                json.WriteEndArray();
            }
        }).ConfigureAwait(false);
    }
}

/// <summary>GET /_matrix/client/v3/rooms/{roomId}/event/{eventId}. Client-server API, "Getting events for a room".</summary>
internal sealed class GetEvent(
    RoomAccess access, EventStore store, Aggregations aggregations, Streams.LogTail tail, TimeProvider clock) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var reader = await access.FindReaderAsync(request.Requester, request.RoomId()).ConfigureAwait(false) ?? throw EventLookup.NotFound();
        var e = await EventLookup.FindAsync(reader, store, request.EventId()).ConfigureAwait(false);
        var form = new ClientEvent.Form(clock.GetUtcNow().ToUnixTimeMilliseconds(), request.Requester.Device, WithRoomId: true)
        {
            Bundles = await aggregations.OfAsync(
                reader.Room, reader.View, request.Requester.User, [e], Math.Min(reader.UpTo, tail.Head)).ConfigureAwait(false),
        };
        await request.ReplyAsync(json => ClientEvent.Write(json, e, form, reader.View.MembershipAt(e))).ConfigureAwait(false);
    }
}

internal static class EventLookup
{
    /// <summary>The event when the reader may see it; M_NOT_FOUND otherwise, whether or not it exists.</summary>
    public static async ValueTask<TimelineEvent> FindAsync(RoomReader reader, EventStore store, EventId id)
    {
        var e = await store.FindAsync(reader.Room, id).ConfigureAwait(false);
        return e is not null && e.Position <= reader.UpTo && reader.View.MaySee(e) ? e : throw NotFound();
    }

    public static Refusal NotFound() => Refusal.NotFound("There is no such event, or you may not see it.");
}
