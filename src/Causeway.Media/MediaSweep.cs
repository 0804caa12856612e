using Causeway.Hosting;
using Causeway.Media.Catalogue;
using Causeway.Media.Download;
using Causeway.Media.Previews;
using Causeway.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Causeway.Media;

/// <summary>Tidies up at the start, before the first request, and every hour.</summary>
internal sealed partial class MediaSweep(
    MediaLibrary library, PreviewStore previews, MediaArrivals arrivals, TimeProvider clock, ILogger<MediaSweep> logger) : IHostedService, IDisposable
{
    private static readonly TimeSpan LongestUpload = TimeSpan.FromDays(1);
    private static readonly TimeSpan KeepPreviews = TimeSpan.FromDays(7);
    private readonly CancellationTokenSource _end = new();
    private Task _loop = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Nothing is on its way in yet, so whatever lies in the temporary folder is left over.
        await GuardAsync(() => library.TidyAsync(TimeSpan.Zero)).ConfigureAwait(false);
        _loop = RunAsync();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _end.Dispose();

    public async Task SweepAsync()
    {
        await library.Catalogue.ForgetExpiredAsync().ConfigureAwait(false);
        await library.TidyAsync(LongestUpload).ConfigureAwait(false);
        arrivals.Tidy();
        foreach (var (organisation, url, media) in await previews.ListOlderAsync((clock.GetUtcNow() - KeepPreviews).ToUnixTimeMilliseconds()).ConfigureAwait(false))
        {
            await previews.ForgetAsync(organisation, url).ConfigureAwait(false);
            if (media is not null)
            {
                await library.DeleteAsync(organisation, media).ConfigureAwait(false);
            }
        }
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1), clock);
        while (await timer.WaitForNextTickAsync(_end.Token).ConfigureAwait(false))
        {
            await GuardAsync(SweepAsync).ConfigureAwait(false);
        }
    }

    /// <summary>Tidying can wait; serving cannot.</summary>
    private async Task GuardAsync(Func<Task> tidy)
    {
        try
        {
            await tidy().ConfigureAwait(false);
        }
        catch (Exception e) when (e is StorageException or IOException or UnauthorizedAccessException or OutboundException)
        {
            LogFailed(e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Media could not be tidied up; it is tried again in an hour.")]
    private partial void LogFailed(Exception fault);
}
