using Causeway.Accounts;
using Causeway.Hosting;

namespace Causeway.Rooms;

/// <summary>
/// POST /_matrix/client/v3/rooms/{roomId}/report/{eventId}: by somebody who is in the room and may see the event.
/// Client-server API, "Reporting Content".
/// </summary>
internal sealed class ReportEvent(ReportStore reports, RoomAccess access, EventStore store) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync(emptyIsObject: true).ConfigureAwait(false);
        var reason = body.Root.FindString("reason");
        var reader = await access.ReaderAsync(request.Requester, request.RoomId()).ConfigureAwait(false);
        if (reader.Membership != Matrix.Membership.Join)
        {
            throw EventLookup.NotFound();
        }

        var e = await EventLookup.FindAsync(reader, store, request.EventId()).ConfigureAwait(false);
        await reports.AddAsync(request.Requester, reader.Room.Id.Value, e.Event.Id.Value, e.Event.Sender.Value, reason).ConfigureAwait(false);
        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}

/// <summary>
/// POST /_matrix/client/v3/rooms/{roomId}/report: by anybody; the answer does not tell whether there is such a room.
/// Client-server API, "Reporting Content".
/// </summary>
internal sealed class ReportRoom(ReportStore reports, RoomRegistry rooms) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        var reason = body.Root.GetString("reason");
        if (await rooms.FindAsync(request.RoomId()).ConfigureAwait(false) is { } room)
        {
            await reports.AddAsync(request.Requester, room.Id.Value, null, null, reason).ConfigureAwait(false);
        }

        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}

/// <summary>
/// POST /_matrix/client/v3/users/{userId}/report: of anybody; the answer does not tell whether there is such a person.
/// Client-server API, "Reporting Content".
/// </summary>
internal sealed class ReportUser(ReportStore reports, ProfileStore profiles) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        var reason = body.Root.GetString("reason");
        var user = request.UserId();
        if (await profiles.FindAsync(user).ConfigureAwait(false) is not null)
        {
            await reports.AddAsync(request.Requester, null, null, user.Value, reason).ConfigureAwait(false);
        }

        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}
