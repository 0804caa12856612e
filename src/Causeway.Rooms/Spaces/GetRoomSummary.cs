using Causeway.Hosting;

namespace Causeway.Rooms;

/// <summary>
/// GET /_matrix/client/v1/room_summary/{roomIdOrAlias}: what a room is, for those who may join it.
/// Client-server API, "Room Summaries"; with MSC3266's older paths and names for the clients that still use them.
/// </summary>
internal sealed class GetRoomSummary(RoomPreviews previews, RoomAliases aliases) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var id = await aliases.ResolveAsync(request.Path("roomIdOrAlias")).ConfigureAwait(false);
        var room = await previews.FindAsync(id, request.FindRequester).ConfigureAwait(false)
            ?? throw Refusal.NotFound("There is no such room, or you may not know of it.");
        var isUnstable = request.Http.Request.Path.StartsWithSegments("/_matrix/client/unstable", StringComparison.Ordinal);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            RoomPreviews.WriteMembers(json, room);
            if (request.FindRequester is { } requester)
            {
                json.WriteString("membership"u8, Matrix.Memberships.ToWire(room.Committed.MembershipOf(requester.User.Value)));
            }

            if (isUnstable)
            {
                json.WriteString("im.nheko.summary.room_version"u8, room.Rules.Version);
                json.WriteString("im.nheko.summary.version"u8, room.Rules.Version);
                if (room.Committed.Text("m.room.encryption", "algorithm") is { } algorithm)
                {
                    json.WriteString("im.nheko.summary.encryption"u8, algorithm);
                }
            }

            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}
