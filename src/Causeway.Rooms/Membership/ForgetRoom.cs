using Causeway.Hosting;
using Causeway.Matrix;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Rooms;

/// <summary>
/// POST /_matrix/client/v3/rooms/{roomId}/forget: a left room is no longer shown to the person.
/// Client-server API, "Leaving rooms".
/// </summary>
internal sealed class ForgetRoom(RoomRegistry rooms, UserRoomsCache userRooms, LogWriter log) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var user = request.Requester.User.Value;
        var room = await rooms.FindAsync(request.RoomId()).ConfigureAwait(false) ?? throw RoomAccess.NotInRoom();
        if (await userRooms.FindAsync(user, room.Nid).ConfigureAwait(false) is not { } place)
        {
            throw RoomAccess.NotInRoom();
        }

        if (place.Membership is not (Membership.Leave or Membership.Ban))
        {
            throw new Refusal(400, "M_UNKNOWN", "Leave the room first.");
        }

        await log.AppendAsync(new ForgetUnit(user, place, userRooms)).ConfigureAwait(false);
        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }

    private sealed class ForgetUnit(string user, RoomMembership place, UserRoomsCache userRooms) : LogUnit
    {
        public override int EntryCount => 0;

        // The position guards against a new invitation that was committed in between.
        public override void Write(WriteBatch batch, long first) => batch.Execute(
            "UPDATE memberships SET forgotten = 1 WHERE user_id = $1 AND room = $2 AND position = $3", user, place.Room, place.Position);

        public override void AddEntries(List<LogEntry> entries, long first) { }

        public override void OnCommitted(long first) => userRooms.Apply(user, place with { Forgotten = true });
    }
}

/// <summary>GET /_matrix/client/v3/joined_rooms. Client-server API, "Listing joined rooms".</summary>
internal sealed class JoinedRooms(UserRoomsCache userRooms) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var rooms = await userRooms.ListAsync(request.Requester.User.Value).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("joined_rooms"u8);
            foreach (var room in rooms.Where(r => r.Membership == Membership.Join))
            {
                json.WriteStringValue(room.RoomId.Value);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}
