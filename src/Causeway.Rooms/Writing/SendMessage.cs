using Causeway.Hosting;

namespace Causeway.Rooms;

/// <summary>
/// PUT /_matrix/client/v3/rooms/{roomId}/send/{eventType}/{txnId}: sends a message event.
/// Client-server API, "Sending events to a room".
/// </summary>
internal sealed class SendMessage(EventSender sender, DelayedEvents delayed, RoomAccess access) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var type = request.Path("eventType");
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        if (await ScheduleEvent.TryAsync(delayed, access, request, type, null, body.Bytes).ConfigureAwait(false))
        {
            return;
        }

        var id = await sender.SendMessageAsync(
            request.Requester, request.RoomId(), type, body.Root, body.Bytes,
            TransactionKey.Of(request.Path("txnId"), "send/" + type)).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("event_id"u8, id.Value);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}
