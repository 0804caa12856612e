using System.Collections.Concurrent;
using Causeway.Hosting;
using Causeway.Media.Catalogue;

namespace Causeway.Media.Download;

/// <summary>Lets those wait who ask for a media whose upload is still awaited.</summary>
internal sealed class MediaArrivals(MediaCatalogue catalogue, TimeProvider clock)
{
    private const long DefaultWait = 20_000;
    private const long LongestWait = 60_000;

    private readonly ConcurrentDictionary<(long, string), TaskCompletionSource> _waiting = new();

    public void Announce(long organisation, string id)
    {
        if (_waiting.TryRemove((organisation, id), out var waiting))
        {
            waiting.TrySetResult();
        }
    }

    /// <summary>The media with its bytes, waiting for them as long as the request allows.</summary>
    /// <exception cref="Refusal">M_NOT_FOUND, or M_NOT_YET_UPLOADED.</exception>
    public async Task<MediaEntry> GetAsync(MatrixRequest request, long organisation, string id)
    {
        var wait = Math.Clamp(request.QueryInteger("timeout_ms") ?? DefaultWait, 0, LongestWait);
        var entry = await catalogue.FindAsync(organisation, id).ConfigureAwait(false) ?? throw Upload.MediaNames.NotFound();
        if (entry.Hash is null && wait > 0)
        {
            request.SaysItWaits();
            var arrival = _waiting.GetOrAdd((organisation, id), _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            // It may have come between the first look and the listening.
            entry = await catalogue.FindAsync(organisation, id).ConfigureAwait(false) ?? throw Upload.MediaNames.NotFound();
            if (entry.Hash is null)
            {
                try
                {
                    await arrival.Task.WaitAsync(TimeSpan.FromMilliseconds(wait), clock, request.Aborted).ConfigureAwait(false);
                    entry = await catalogue.FindAsync(organisation, id).ConfigureAwait(false) ?? throw Upload.MediaNames.NotFound();
                }
                catch (TimeoutException)
                {
                    // Answered below; others may still wait for the same arrival.
                }
            }
        }

        return entry.Hash is not null
            ? entry
            : throw new Refusal(504, "M_NOT_YET_UPLOADED", "This media has not been uploaded yet.");
    }

    /// <summary>Forgets arrivals that nobody announced; who still waits is answered when its time is up.</summary>
    public void Tidy() => _waiting.Clear();
}
