using System.Text.Json;
using Causeway.Accounts;
using Causeway.Hosting;

namespace Causeway.Rooms;

/// <summary>
/// POST /_matrix/client/v3/rooms/{roomId}/receipt/{receiptType}/{eventId}: "I have read up to here".
/// Client-server API, "Receipts".
/// </summary>
internal sealed class SetReceipt(ReadMarkerWriter markers, RoomAccess access) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var room = await access.JoinedAsync(request.Requester, request.RoomId()).ConfigureAwait(false);
        var type = request.Path("receiptType");
        using var body = await request.ReadJsonAsync(emptyIsObject: true).ConfigureAwait(false);
        var thread = "";
        if (body.Root.TryGetProperty("thread_id", out var value))
        {
            if (type == ReceiptTypes.FullyRead)
            {
                throw Refusal.InvalidParam("The read marker has no thread.");
            }

            thread = value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } id
                && !id.Contains('\0', StringComparison.Ordinal)
                ? id
                : throw Refusal.InvalidParam("'thread_id' must be a string that is not empty and holds no NUL.");
        }

        await markers.SetAsync(request.Requester, room, type, request.Path("eventId"), thread).ConfigureAwait(false);
        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}

/// <summary>
/// POST /_matrix/client/v3/rooms/{roomId}/read_markers: the read marker and receipts in one call.
/// Client-server API, "Fully read markers".
/// </summary>
internal sealed class SetReadMarkers(ReadMarkerWriter markers, RoomAccess access) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var room = await access.JoinedAsync(request.Requester, request.RoomId()).ConfigureAwait(false);
        using var body = await request.ReadJsonAsync(emptyIsObject: true).ConfigureAwait(false);
        foreach (var type in new[] { ReceiptTypes.FullyRead, ReceiptTypes.Public, ReceiptTypes.Private })
        {
            if (body.Root.FindString(type) is { } id)
            {
                await markers.SetAsync(request.Requester, room, type, id, "").ConfigureAwait(false);
            }
        }

        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}

/// <summary>Writes receipts and read markers after checking that their event is in the room.</summary>
internal sealed class ReadMarkerWriter(
    EventStore store, ReceiptStore receipts, Threads threads, AccountDataStore accountData, TimeProvider clock)
{
    public async Task SetAsync(Requester requester, Room room, string type, string eventId, string thread)
    {
        if (type is not (ReceiptTypes.Public or ReceiptTypes.Private or ReceiptTypes.FullyRead))
        {
            throw Refusal.InvalidParam("This is not a receipt type.");
        }

        var e = Matrix.EventId.TryParse(eventId, out var id) ? await store.FindAsync(room, id).ConfigureAwait(false) : null;
        if (e is null)
        {
            throw Refusal.NotFound("There is no such event in this room.");
        }

        // The root is in the main timeline, and where its thread begins.
        if (thread.Length > 0 && thread != e.Event.Id.Value && thread != await threads.OfAsync(room, e.Event).ConfigureAwait(false))
        {
            throw Refusal.InvalidParam("This event is not in that thread.");
        }

        if (type == ReceiptTypes.FullyRead)
        {
            await accountData.SetAsync(
                requester.User, room.Id.Value, type, Json.Object(json => json.WriteString("event_id"u8, eventId))).ConfigureAwait(false);
            return;
        }

        await receipts.SetAsync(room, new Receipt(
            room.Nid, requester.User.Value, type, thread, eventId, e.Position, clock.GetUtcNow().ToUnixTimeMilliseconds())).ConfigureAwait(false);
    }
}
