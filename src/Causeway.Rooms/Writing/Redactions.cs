using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>Redactions: allowed for one's own events and for those with the power to redact.</summary>
internal sealed class Redactions(EventWriter writer, EventStore store)
{
    /// <summary>Writes the redaction and empties its target in the same transaction.</summary>
    public async Task<EventId> RedactAsync(Requester requester, Room room, Writer by, string? target, ReadOnlyMemory<byte> content)
    {
        if (target is null || !EventId.TryParse(target, out var id))
        {
            throw Refusal.InvalidParam("'redacts' is not an event id.");
        }

        var redacted = await store.FindAsync(room, id).ConfigureAwait(false)
            ?? throw Refusal.NotFound("There is no such event in this room.");
        if (redacted.Event.Sender != requester.User)
        {
            requester.CheckNotSuspended();
        }

        return await writer.AppendAsync(
            room.Id, by,
            (_, state) =>
            {
                var power = state.Power;
                return redacted.Event.Sender == by.User || power.UserLevel(by.User) >= power.Redact
                    ? [new NewEvent(EventTypes.Redaction, null, content) { Redacts = id }]
                    : throw Refusal.Forbidden("You may redact only your own messages in this room.");
            },
            redacted).ConfigureAwait(false);
    }
}

/// <summary>
/// PUT /_matrix/client/v3/rooms/{roomId}/redact/{eventId}/{txnId}: empties an event.
/// Client-server API, "Redactions".
/// </summary>
internal sealed class RedactEvent(Redactions redactions, RoomAccess access) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var room = await access.JoinedAsync(request.Requester, request.RoomId()).ConfigureAwait(false);
        using var body = await request.ReadJsonAsync(emptyIsObject: true).ConfigureAwait(false);
        var target = request.EventId();
        var reason = body.Root.FindString("reason");
        var by = Writer.Of(request.Requester) with
        {
            Transaction = TransactionKey.Of(request.Path("txnId"), "redact/" + target),
        };
        var id = await redactions.RedactAsync(request.Requester, room, by, target.Value, Json.Object(json =>
        {
            if (reason is not null)
            {
                json.WriteString("reason"u8, reason);
            }
        })).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("event_id"u8, id.Value);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}
