using Causeway.Hosting;
using Causeway.Rooms;

namespace Causeway.Search;

/// <summary>
/// POST /_matrix/client/v3/search: finds messages, room names and topics by their words. Client-server API, "Server Side Search".
/// </summary>
internal sealed class SearchMessages(MessageFinder finder, SearchAnswer answer, UserRoomsCache userRooms, RoomAccess access) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        SearchRequest? wish;
        using (var body = await request.ReadJsonAsync().ConfigureAwait(false))
        {
            wish = SearchRequest.Parse(body.Root, request.Query("next_batch"));
        }

        if (wish is null)
        {
            await request.ReplyAsync("""{"search_categories":{}}"""u8.ToArray()).ConfigureAwait(false);
            return;
        }

        var scope = await SearchScope.MakeAsync(request.Requester, wish, userRooms, access).ConfigureAwait(false);
        await answer.SendAsync(request, wish, await finder.FindAsync(request.Requester, wish, scope).ConfigureAwait(false)).ConfigureAwait(false);
    }
}
