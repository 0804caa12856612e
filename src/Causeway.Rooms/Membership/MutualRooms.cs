using System.Globalization;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>
/// GET /_matrix/client/v1/mutual_rooms: the rooms that one shares with somebody. Client-server API, "Mutual Rooms"; with
/// MSC2666's older path and names for the clients that still use them.
/// </summary>
internal sealed class MutualRooms(UserRoomsCache userRooms) : IEndpoint
{
    private const int PageSize = 500;

    public async Task HandleAsync(MatrixRequest request)
    {
        var isUnstable = request.Http.Request.Path.StartsWithSegments("/_matrix/client/unstable", StringComparison.Ordinal);
        var text = request.Query("user_id") ?? throw Refusal.MissingParam("user_id");
        if (!UserId.TryParse(text, out var other) || other == request.Requester.User)
        {
            throw Refusal.InvalidParam("'user_id' must be somebody else's user id.");
        }

        var after = 0L;
        if (request.Query(isUnstable ? "batch_token" : "from") is { } from
            && (!from.StartsWith('m') || !long.TryParse(from.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out after)))
        {
            throw Refusal.InvalidParam("This is not a token of this server.");
        }

        var all = await userRooms.ListSharedAsync(request.Requester.User, other).ConfigureAwait(false);
        var left = all.FindAll(r => r.Room > after);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("count"u8, all.Count);
            json.WriteStartArray("joined"u8);
            foreach (var room in left.Take(PageSize))
            {
                json.WriteStringValue(room.Id);
            }

            json.WriteEndArray();
            if (left.Count > PageSize)
            {
                json.WriteString(
                    isUnstable ? "next_batch_token"u8 : "next_batch"u8, string.Create(CultureInfo.InvariantCulture, $"m{left[PageSize - 1].Room}"));
            }

            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}
