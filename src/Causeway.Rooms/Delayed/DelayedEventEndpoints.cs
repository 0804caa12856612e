using Causeway.Hosting;

namespace Causeway.Rooms;

/// <summary>
/// POST /_matrix/client/unstable/org.matrix.msc4140/delayed_events/{delayId}/{action} and, older, .../{delayId} with the
/// action in the body: sends, cancels or restarts a delayed event (MSC4140). Without a token the id is the secret, as
/// deployed clients and call servers use it; with one it must be the sender's.
/// </summary>
internal sealed class ManageDelayedEvent(DelayedEvents delayed, DelayedEventClock senders) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var id = request.Path("delayId");
        using var body = await request.ReadJsonAsync(emptyIsObject: true).ConfigureAwait(false);
        var isInPath = request.Path("action").Length > 0;
        var action = isInPath ? request.Path("action") : body.Root.GetString("action");
        if (request.FindRequester is { } requester
            && (await delayed.FindAsync(id).ConfigureAwait(false) is not { } waiting || waiting.User != requester.User))
        {
            throw DelayedEvents.Unknown();
        }

        await (action switch
        {
            "send" => delayed.SendNowAsync(id, senders.SenderAsync),
            "cancel" => delayed.CancelAsync(id),
            "restart" => delayed.RestartAsync(id),
            _ => throw (isInPath ? Refusal.Unrecognized() : Refusal.InvalidParam("'action' must be send, cancel or restart.")),
        }).ConfigureAwait(false);
        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}

/// <summary>GET /_matrix/client/unstable/org.matrix.msc4140/delayed_events: one's own that wait (MSC4140).</summary>
internal sealed class ListDelayedEvents(DelayedEvents delayed) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var waiting = await delayed.ListAsync(request.Requester.User).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("delayed_events"u8);
            waiting.ForEach(e => e.WriteTo(json));
            json.WriteEndArray();
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}

/// <summary>GET /_matrix/client/unstable/org.matrix.msc4140/delayed_events/{delayId}: one of one's own, with its outcome (MSC4140).</summary>
internal sealed class GetDelayedEvent(DelayedEvents delayed) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var found = await delayed.FindAsync(request.Path("delayId")).ConfigureAwait(false);
        if (found is null || found.User != request.Requester.User)
        {
            throw DelayedEvents.Unknown();
        }

        await request.ReplyAsync(found.WriteTo).ConfigureAwait(false);
    }
}
