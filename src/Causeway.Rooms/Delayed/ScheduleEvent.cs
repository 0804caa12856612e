using System.Runtime.InteropServices;
using Causeway.Hosting;

namespace Causeway.Rooms;

/// <summary>
/// PUT /_matrix/client/unstable/org.matrix.msc4140/rooms/{roomId}/delayed_event/{eventType}/{txnId}: schedules an event
/// (MSC4140 of 2026-07; the older form is a parameter of /send and /state).
/// </summary>
internal sealed class ScheduleEvent(DelayedEvents delayed, RoomAccess access) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        await access.JoinedAsync(request.Requester, request.RoomId()).ConfigureAwait(false);
        var type = request.Path("eventType");
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        var delay = body.Root.FindInteger("delay_ms") ?? throw Refusal.MissingParam("delay_ms");
        if (delay > DelayedEventLimits.MaxDelayMs)
        {
            throw Refusal.Forbidden($"An event may be delayed by {DelayedEventLimits.MaxDelayMs} ms at most.");
        }

        var content = body.Root.FindObject("content") ?? throw Refusal.MissingParam("content");
        await ScheduleAsync(
            delayed, access, request, type, body.Root.FindString("state_key"), JsonMarshal.GetRawUtf8Value(content).ToArray(), delay,
            TransactionKey.Of(request.Path("txnId"), "delayed_event/" + type)).ConfigureAwait(false);
    }

    /// <summary>
    /// What <c>org.matrix.msc4140.delay</c> on PUT .../send and .../state means: true when the event was scheduled and answered.
    /// </summary>
    public static async Task<bool> TryAsync(
        DelayedEvents delayed, RoomAccess access, MatrixRequest request, string type, string? stateKey, ReadOnlyMemory<byte> content)
    {
        if (request.QueryInteger("org.matrix.msc4140.delay") is not { } delay)
        {
            return false;
        }

        if (delay > DelayedEventLimits.MaxDelayMs)
        {
            throw new Refusal(400, "M_UNKNOWN", "The requested delay exceeds the allowed maximum.")
            {
                Extra = json =>
                {
                    json.WriteString("org.matrix.msc4140.errcode"u8, "M_MAX_DELAY_EXCEEDED"u8);
                    json.WriteNumber("org.matrix.msc4140.max_delay"u8, DelayedEventLimits.MaxDelayMs);
                },
            };
        }

        var transaction = stateKey is null ? TransactionKey.Of(request.Path("txnId"), "send/" + type) : null;
        await ScheduleAsync(delayed, access, request, type, stateKey, content, delay, transaction).ConfigureAwait(false);
        return true;
    }

    private static async Task ScheduleAsync(
        DelayedEvents delayed, RoomAccess access, MatrixRequest request, string type, string? stateKey, ReadOnlyMemory<byte> content,
        long delay, string? transaction)
    {
        if (delay <= 0)
        {
            throw Refusal.InvalidParam("The delay must be greater than zero.");
        }

        var room = request.RoomId();
        await access.JoinedAsync(request.Requester, room).ConfigureAwait(false);
        var id = await delayed.ScheduleAsync(request.Requester, room, type, stateKey, content, delay, transaction).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("delay_id"u8, id);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}
