using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>
/// PUT /_matrix/client/v3/rooms/{roomId}/send/{eventType}/{txnId}: sends a message event.
/// Client-server API, "Sending events to a room".
/// </summary>
internal sealed class SendMessage(EventWriter writer, RoomAccess access, Redactions redactions, RelationRules relations) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var room = await access.JoinedAsync(request.Requester, request.RoomId()).ConfigureAwait(false);
        var type = request.Path("eventType");
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        var by = Writer.Of(request.Requester) with
        {
            Transaction = TransactionKey.Of(request.Path("txnId"), "send/" + type),
        };
        var id = type == EventTypes.Redaction && room.Rules.RedactsInContent
            ? await redactions.RedactAsync(room, by, body.Root.FindString("redacts"), body.Bytes).ConfigureAwait(false)
            : await relations.SendAsync(room, by, type, body.Root, () => writer.AppendAsync(room.Id, by, new NewEvent(type, null, body.Bytes)))
                .ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("event_id"u8, id.Value);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}
