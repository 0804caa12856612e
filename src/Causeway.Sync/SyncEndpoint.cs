using System.Text.Json;
using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Rooms;
using Causeway.Streams;

namespace Causeway.Sync;

/// <summary>
/// GET /_matrix/client/v3/sync: what is new since a token, now or as soon as there is something.
/// Client-server API, "Syncing".
/// </summary>
internal sealed class SyncEndpoint(
    SyncBuilder builder, FilterStore filters, Notifier notifier, LogTail tail, EphemeralClock ephemeral, Presence presence,
    TimeProvider clock) : IEndpoint
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    public async Task HandleAsync(MatrixRequest request)
    {
        var requester = request.Requester;
        var timeout = TimeSpan.FromMilliseconds(Math.Clamp(request.QueryInteger("timeout") ?? 0, 0, (long)Longest.TotalMilliseconds));
        SyncToken? since = request.Query("since") is { Length: > 0 } text ? SyncToken.Parse(text) : null;
        var filter = await FilterAsync(request).ConfigureAwait(false);
        var fullState = request.QueryBool("full_state");
        var stateAfter = request.QueryBool("use_state_after") ? StateAfter.Stable
            : request.QueryBool("org.matrix.msc4222.use_state_after") ? StateAfter.Unstable : StateAfter.No;
        SetPresence(request, presence);
        var until = clock.GetTimestamp() + (long)(timeout.TotalSeconds * clock.TimestampFrequency);
        using var watch = notifier.Begin(requester.User.Value);
        while (true)
        {
            // Listen first, sample after: a commit in between wakes us instead of being lost.
            watch.Reset();
            var scope = new SyncScope
            {
                Requester = requester,
                Filter = filter,
                Since = since,
                Until = Later(since, new SyncToken(tail.Head, ephemeral.Now)),
                FullState = fullState,
                StateAfter = stateAfter,
            };
            var answer = await builder.BuildAsync(scope).ConfigureAwait(false);
            var left = clock.GetElapsedTime(clock.GetTimestamp(), until);
            if (answer.HasNews || since is null || fullState || left <= TimeSpan.Zero || notifier.IsClosed)
            {
                await request.ReplyAsync(json => answer.WriteTo(json, clock.GetUtcNow().ToUnixTimeMilliseconds())).ConfigureAwait(false);
                return;
            }

            // When the time is over there is one more look: what does not concern the person moves the token on too.
            request.SaysItWaits();
            await watch.WaitAsync(left, clock, request.Aborted).ConfigureAwait(false);
        }
    }

    /// <summary>A token of a log that is ahead of ours (an older backup was restored) must not go back.</summary>
    internal static SyncToken Later(SyncToken? since, SyncToken now) => since is { } s
        ? new SyncToken(Math.Max(s.Position, now.Position), Math.Max(s.Tick, now.Tick))
        : now;

    internal static void SetPresence(MatrixRequest request, Presence presence)
    {
        var state = request.Query("set_presence") ?? "online";
        if (state is not ("online" or "offline" or "unavailable"))
        {
            throw Refusal.InvalidParam("'set_presence' must be online, offline or unavailable.");
        }

        if (state != "offline")
        {
            presence.Set(request.Requester.User.Value, state, null, keepStatus: true);
        }
    }

    private async ValueTask<SyncFilter> FilterAsync(MatrixRequest request)
    {
        if (request.Query("filter") is not { Length: > 0 } text)
        {
            return SyncFilter.None;
        }

        ReadOnlyMemory<byte> json = text[0] == '{'
            ? System.Text.Encoding.UTF8.GetBytes(text)
            : await filters.FindAsync(request.Requester.User, text).ConfigureAwait(false)
                ?? throw Refusal.InvalidParam("There is no filter with this id.");
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 16, AllowDuplicateProperties = false });
            return SyncFilter.Parse(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter: half a surrogate pair in a string.
            throw Refusal.NotJson("'filter' is not JSON.");
        }
    }
}
