using Causeway.Hosting;
using Causeway.Rooms;
using Causeway.Streams;

namespace Causeway.Sync.Sliding;

/// <summary>
/// POST /_matrix/client/unstable/org.matrix.simplified_msc3575/sync: windows on a person's rooms, and what is new in them,
/// now or as soon as there is something. MSC4186 in the format of its unstable path, "API".
/// </summary>
internal sealed class SlidingSync(
    SlidingBuilder builder, Connections connections, Notifier notifier, LogTail tail, EphemeralClock ephemeral, Presence presence,
    TimeProvider clock) : IEndpoint
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    public async Task HandleAsync(MatrixRequest request)
    {
        var requester = request.Requester;
        var timeout = TimeSpan.FromMilliseconds(Math.Clamp(request.QueryInteger("timeout") ?? 0, 0, (long)Longest.TotalMilliseconds));
        var asked = await ReadAsync(request).ConfigureAwait(false);
        var pos = request.Query("pos") is { Length: > 0 } text ? text : null;
        var state = pos is null ? null : connections.Get(requester.Device, asked.ConnectionId, pos);
        SyncEndpoint.SetPresence(request, presence);
        var until = clock.GetTimestamp() + (long)(timeout.TotalSeconds * clock.TimestampFrequency);
        using var watch = notifier.Begin(requester.User.Value);
        while (true)
        {
            // Listen first, sample after: a commit in between wakes us instead of being lost.
            watch.Reset();
            var scope = new SyncScope
            {
                Requester = requester,
                Filter = SyncFilter.None,
                Since = state?.Token,
                Until = SyncEndpoint.Later(state?.Token, new SyncToken(tail.Head, ephemeral.Now)),
                FullState = false,
                StateAfter = StateAfter.Stable,
            };
            var answer = await builder.BuildAsync(scope, asked, state).ConfigureAwait(false);
            var left = clock.GetElapsedTime(clock.GetTimestamp(), until);
            if (answer.HasNews || state is null || left <= TimeSpan.Zero || notifier.IsClosed)
            {
                var next = connections.Add(requester.Device, asked.ConnectionId, pos, answer.Next);
                await request.ReplyAsync(json => answer.WriteTo(json, next, clock.GetUtcNow().ToUnixTimeMilliseconds())).ConfigureAwait(false);
                return;
            }

            request.SaysItWaits();
            await watch.WaitAsync(left, clock, request.Aborted).ConfigureAwait(false);
        }
    }

    private static async ValueTask<SlidingRequest> ReadAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync(emptyIsObject: true).ConfigureAwait(false);
        return SlidingRequest.Parse(body.Root, request.Requester.User);
    }
}
