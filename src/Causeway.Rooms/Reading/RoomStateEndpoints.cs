using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>
/// GET /_matrix/client/v3/rooms/{roomId}/state: the current state, or the state at which the person left.
/// Client-server API, "Getting events for a room".
/// </summary>
internal sealed class GetState(RoomAccess access, EventStore store, TimeProvider clock) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var reader = await access.ReaderAsync(request.Requester, request.RoomId()).ConfigureAwait(false);
        var state = await store.StateAtAsync(reader.Room, reader.UpTo).ConfigureAwait(false);
        var form = new ClientEvent.Form(clock.GetUtcNow().ToUnixTimeMilliseconds(), request.Requester.Device, WithRoomId: true);
        await request.ReplyAsync(json =>
        {
            json.WriteStartArray();
            state.ForEach(e => ClientEvent.Write(json, e, form));
            json.WriteEndArray();
        }).ConfigureAwait(false);
    }
}

/// <summary>
/// GET /_matrix/client/v3/rooms/{roomId}/state/{eventType}/{stateKey}: one state event's content, or the whole event
/// with format=event. Client-server API, "Getting events for a room".
/// </summary>
internal sealed class GetStateEvent(RoomAccess access, EventStore store, TimeProvider clock) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var whole = request.Query("format") switch
        {
            null or "content" => false,
            "event" => true,
            _ => throw Refusal.InvalidParam("'format' must be content or event."),
        };
        var reader = await access.ReaderAsync(request.Requester, request.RoomId()).ConfigureAwait(false);
        var e = await store.FindStateAtAsync(reader.Room, request.Path("eventType"), request.Path("stateKey"), reader.UpTo)
            .ConfigureAwait(false) ?? throw Refusal.NotFound("There is no such state.");
        if (whole)
        {
            var form = new ClientEvent.Form(clock.GetUtcNow().ToUnixTimeMilliseconds(), request.Requester.Device, WithRoomId: true);
            await request.ReplyAsync(json => ClientEvent.Write(json, e, form)).ConfigureAwait(false);
        }
        else
        {
            await request.ReplyAsync(e.Event.Content).ConfigureAwait(false);
        }
    }
}

/// <summary>
/// GET /_matrix/client/v3/rooms/{roomId}/members: member events now, at a point in time, or where the person left.
/// Client-server API, "Getting events for a room".
/// </summary>
internal sealed class GetMembers(RoomAccess access, EventStore store, TimeProvider clock) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var reader = await access.ReaderAsync(request.Requester, request.RoomId()).ConfigureAwait(false);
        var at = request.Query("at") is { } token ? Math.Min(PageToken.Parse(token, "at"), reader.UpTo) : reader.UpTo;
        var only = MembershipQuery(request, "membership");
        var not = MembershipQuery(request, "not_membership");
        var members = (await store.StateAtAsync(reader.Room, at).ConfigureAwait(false)).FindAll(e =>
            e.Event.Type == EventTypes.Member
            && (only is null || e.Event.Membership == only) && (not is null || e.Event.Membership != not));
        var form = new ClientEvent.Form(clock.GetUtcNow().ToUnixTimeMilliseconds(), request.Requester.Device, WithRoomId: true);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("chunk"u8);
            members.ForEach(e => ClientEvent.Write(json, e, form));
            json.WriteEndArray();
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private static Membership? MembershipQuery(MatrixRequest request, string name) => request.Query(name) switch
    {
        null => null,
        var text when Memberships.TryParse(text, out var membership) => membership,
        _ => throw Refusal.InvalidParam($"'{name}' is not a membership."),
    };
}

/// <summary>GET /_matrix/client/v3/rooms/{roomId}/joined_members. Client-server API, "Getting events for a room".</summary>
internal sealed class JoinedMembers(RoomAccess access) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var room = await access.JoinedAsync(request.Requester, request.RoomId()).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("joined"u8);
            foreach (var (user, e) in room.Committed.Members)
            {
                if (e.Event.Membership == Membership.Join)
                {
                    json.WriteStartObject(user);
                    if (e.Event.ContentString("displayname") is { } name)
                    {
                        json.WriteString("display_name"u8, name);
                    }

                    if (e.Event.ContentString("avatar_url") is { } avatar)
                    {
                        json.WriteString("avatar_url"u8, avatar);
                    }

                    json.WriteEndObject();
                }
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}
