using Causeway.Hosting;

namespace Causeway.Rooms;

/// <summary>
/// POST /_matrix/client/v3/rooms/{roomId}/join and POST /_matrix/client/v3/join/{roomIdOrAlias}: joins a room.
/// Client-server API, "Joining rooms".
/// </summary>
internal sealed class JoinRoom(MembershipWriter members, RoomAliases aliases) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync(emptyIsObject: true).ConfigureAwait(false);
        var reason = body.Root.FindString("reason");
        var target = request.Path("roomId") is { Length: > 0 } id ? id : request.Path("roomIdOrAlias");
        var room = await aliases.ResolveAsync(target).ConfigureAwait(false);
        await members.JoinAsync(request.Requester, room, reason).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("room_id"u8, room.Value);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}

/// <summary>
/// POST /_matrix/client/v3/knock/{roomIdOrAlias}: asks to be let in. Client-server API, "Knocking on rooms".
/// </summary>
internal sealed class KnockRoom(MembershipWriter members, RoomAliases aliases) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync(emptyIsObject: true).ConfigureAwait(false);
        var reason = body.Root.FindString("reason");
        var room = await aliases.ResolveAsync(request.Path("roomIdOrAlias")).ConfigureAwait(false);
        await members.KnockAsync(request.Requester, room, reason).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("room_id"u8, room.Value);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}
