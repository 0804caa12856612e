using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>
/// PUT /_matrix/client/v3/rooms/{roomId}/state/{eventType}/{stateKey}: sets a state event. The same content again makes
/// no new event. Client-server API, "Sending events to a room".
/// </summary>
internal sealed class SendState(EventSender sender, DelayedEvents delayed, RoomAccess access) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var key = new StateKey(request.Path("eventType"), request.Path("stateKey"));
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        if (await ScheduleEvent.TryAsync(delayed, access, request, key.Type, key.Key, body.Bytes).ConfigureAwait(false))
        {
            return;
        }

        var id = await sender.SetStateAsync(
            request.Requester, request.RoomId(), key, body.Root, body.Bytes, transaction: null).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("event_id"u8, id.Value);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}
