using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>
/// GET /_matrix/client/v3/rooms/{roomId}/initialSync: a room's state and newest events, for a preview.
/// Client-server API, "Room Previews".
/// </summary>
internal sealed class RoomInitialSync(
    RoomAccess access, EventStore store, RoomDirectory directory, AccountDataStore data, Streams.LogTail tail, TimeProvider clock) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var limit = (int)Math.Clamp(request.QueryInteger("limit") ?? 10, 0, 100);
        var requester = request.Requester;
        var reader = await access.ReaderAsync(requester, request.RoomId()).ConfigureAwait(false);
        var room = reader.Room;
        var end = Math.Min(reader.UpTo, tail.Head);
        var events = limit == 0 ? [] : await store.ListBackwardAsync(room, 0, end, limit).ConfigureAwait(false);
        var start = events.Count > 0 ? events[^1].Position - 1 : end;
        events.RemoveAll(e => !reader.View.MaySee(e));
        events.Reverse();
        var state = await store.StateAtAsync(room, end).ConfigureAwait(false);
        var isPublic = await directory.IsPublishedAsync(requester.Organisation, room).ConfigureAwait(false);
        var items = await data.ListOfRoomAsync(requester.User, room.Id, end).ConfigureAwait(false);
        var form = new ClientEvent.Form(clock.GetUtcNow().ToUnixTimeMilliseconds(), requester.Device, WithRoomId: true);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("room_id"u8, room.Id.Value);
            if (room.Committed.Members.ContainsKey(requester.User.Value))
            {
                json.WriteString("membership"u8, reader.Membership.ToWire());
            }

            json.WriteString("visibility"u8, isPublic ? "public"u8 : "private"u8);
            json.WriteStartObject("messages"u8);
            json.WriteStartArray("chunk"u8);
            events.ForEach(e => ClientEvent.Write(json, e, form, reader.View.MembershipAt(e)));
            json.WriteEndArray();
            json.WriteString("end"u8, PageToken.Of(end));
            json.WriteString("start"u8, PageToken.Of(start));
            json.WriteEndObject();
            json.WriteStartArray("state"u8);
            state.ForEach(e => ClientEvent.Write(json, e, form));
            json.WriteEndArray();
            json.WriteStartArray("account_data"u8);
            foreach (var item in items)
            {
                json.WriteStartObject();
                json.WritePropertyName("content"u8);
                json.WriteRawValue(item.Content, skipInputValidation: true);
                json.WriteString("type"u8, item.Type);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}
