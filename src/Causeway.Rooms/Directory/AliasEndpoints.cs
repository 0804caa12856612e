using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>GET /_matrix/client/v3/directory/room/{roomAlias}. Client-server API, "Room aliases".</summary>
internal sealed class GetAlias(RoomAliases aliases) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var alias = AliasPath.Of(request);
        var room = await aliases.ResolveAsync(alias.Value).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("room_id"u8, room.Value);
            json.WriteStartArray("servers"u8);
            json.WriteStringValue(alias.ServerName.Value);
            json.WriteEndArray();
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}

/// <summary>PUT /_matrix/client/v3/directory/room/{roomAlias}. Client-server API, "Room aliases".</summary>
internal sealed class SetAlias(RoomAliases aliases, RoomAccess access) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var alias = AliasPath.Of(request);
        request.Requester.CheckNotSuspended();
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        if (!RoomId.TryParse(body.Root.GetString("room_id"), out var id))
        {
            throw Refusal.InvalidParam("'room_id' is not a room id.");
        }

        if (alias.ServerName != request.Requester.Organisation.ServerName)
        {
            throw Refusal.InvalidParam("The alias belongs to another server.");
        }

        var room = await access.JoinedAsync(request.Requester, id).ConfigureAwait(false);
        await aliases.AddAsync(alias, room, request.Requester.User).ConfigureAwait(false);
        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}

/// <summary>
/// DELETE /_matrix/client/v3/directory/room/{roomAlias}: by its maker, a server administrator, or who may set the
/// room's canonical alias. Client-server API, "Room aliases".
/// </summary>
internal sealed class DeleteAlias(RoomAliases aliases, RoomRegistry rooms) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var alias = AliasPath.Of(request);
        var requester = request.Requester;
        var creator = await aliases.FindCreatorAsync(alias).ConfigureAwait(false)
            ?? throw Refusal.NotFound("There is no such alias.");
        if (alias.ServerName != requester.Organisation.ServerName)
        {
            throw Refusal.Forbidden("The alias belongs to another server.");
        }

        var room = await rooms.FindAsync(await aliases.ResolveAsync(alias.Value).ConfigureAwait(false)).ConfigureAwait(false);
        var power = room?.Committed.Power;
        var mayByPower = room?.Committed.IsJoined(requester.User) == true
            && power!.UserLevel(requester.User) >= power.EventLevel("m.room.canonical_alias", isState: true);
        if (creator != requester.User.Value && !requester.IsAdmin && !mayByPower)
        {
            throw Refusal.Forbidden("You may not remove this alias.");
        }

        await aliases.RemoveAsync(alias).ConfigureAwait(false);
        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}

/// <summary>GET /_matrix/client/v3/rooms/{roomId}/aliases. Client-server API, "Room aliases".</summary>
internal sealed class ListAliases(RoomAliases aliases, RoomAccess access) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var reader = await access.ReaderAsync(request.Requester, request.RoomId()).ConfigureAwait(false);
        if (reader.Membership != Membership.Join && reader.UpTo != long.MaxValue)
        {
            throw RoomAccess.NotInRoom();
        }

        var names = await aliases.ListAsync(reader.Room).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("aliases"u8);
            names.ForEach(json.WriteStringValue);
            json.WriteEndArray();
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}

internal static class AliasPath
{
    public static RoomAlias Of(MatrixRequest request) =>
        RoomAlias.TryParse(request.Path("roomAlias"), out var alias) ? alias : throw Refusal.InvalidParam("This is not an alias.");
}
