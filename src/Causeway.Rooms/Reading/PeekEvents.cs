using Causeway.Hosting;
using Causeway.Matrix;
using Causeway.Streams;

namespace Causeway.Rooms;

/// <summary>
/// GET /_matrix/client/v3/events with room_id: what is new in a room that one reads without being in it.
/// Client-server API, "Room Previews".
/// </summary>
internal sealed class PeekEvents(RoomAccess access, EventStore store, LogTail tail, Notifier notifier, TimeProvider clock) : IEndpoint
{
    private const int MaxEvents = 100;

    public async Task HandleAsync(MatrixRequest request)
    {
        var from = request.Query("from") is { Length: > 0 } text ? PageToken.Parse(text, "from") : tail.Head;
        var timeout = TimeSpan.FromMilliseconds(Math.Clamp(request.QueryInteger("timeout") ?? 0, 0, 120_000));
        if (!RoomId.TryParse(request.Query("room_id") ?? throw Refusal.MissingParam("room_id"), out var id))
        {
            throw Refusal.InvalidParam("'room_id' is not a room id.");
        }

        var until = clock.GetTimestamp() + (long)(timeout.TotalSeconds * clock.TimestampFrequency);
        using var watch = notifier.Begin(id.Value);
        while (true)
        {
            // Listen first, sample after, and look again who may read: the room may have closed.
            watch.Reset();
            var reader = await access.ReaderAsync(request.Requester, id).ConfigureAwait(false);
            var newest = Math.Min(reader.UpTo, tail.Head);
            var events = await store.ListForwardAsync(reader.Room, from, newest, MaxEvents).ConfigureAwait(false);
            var end = events.Count == MaxEvents ? events[^1].Position : Math.Max(from, newest);
            events.RemoveAll(e => !reader.View.MaySee(e));
            var left = clock.GetElapsedTime(clock.GetTimestamp(), until);
            if (events.Count > 0 || left <= TimeSpan.Zero || notifier.IsClosed)
            {
                await ReplyAsync(request, reader, events, from, end).ConfigureAwait(false);
                return;
            }

            request.SaysItWaits();
            await watch.WaitAsync(left, clock, request.Aborted).ConfigureAwait(false);
        }
    }

    private Task ReplyAsync(MatrixRequest request, RoomReader reader, List<TimelineEvent> events, long from, long end)
    {
        var form = new ClientEvent.Form(clock.GetUtcNow().ToUnixTimeMilliseconds(), request.Requester.Device, WithRoomId: true);
        return request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("chunk"u8);
            events.ForEach(e => ClientEvent.Write(json, e, form, reader.View.MembershipAt(e)));
            json.WriteEndArray();
            json.WriteString("end"u8, PageToken.Of(end));
            json.WriteString("start"u8, PageToken.Of(from));
            json.WriteEndObject();
        });
    }
}
