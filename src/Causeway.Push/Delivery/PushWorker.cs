using Causeway.Storage;
using Causeway.Streams;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Causeway.Push;

/// <summary>
/// Reads the log from a durable cursor and queues what is to be pushed. The log's writer knows nothing of it. An event is
/// queued and the cursor moved past it in one transaction; where nothing is to be pushed nothing is written.
/// </summary>
internal sealed partial class PushWorker(
    PusherStore pushers, LogReader reader, LogTail tail, PushEvaluator evaluator, PushQueue queue, PushLedger ledger, ILogger<PushWorker> logger)
    : IHostedService, IDisposable
{
    private const int Stretch = 256;

    /// <summary>How many entries in which nothing was to be pushed are read again after a crash.</summary>
    private const long MaxUnsaved = 10_000;

    private static readonly TimeSpan StorePause = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _end = new();
    private Task _loop = Task.CompletedTask;
    private long _position;
    private long _saved;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await pushers.EnsureLoadedAsync().ConfigureAwait(false);
        _position = _saved = await ledger.ReadCursorAsync().ConfigureAwait(false);
        (await ledger.ListAsync().ConfigureAwait(false)).ForEach(queue.Add);
        _loop = Task.Run(RunAsync, CancellationToken.None);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        await queue.StopAsync().ConfigureAwait(false);
        if (_position > _saved)
        {
            try
            {
                await ledger.MoveCursorAsync(_position).ConfigureAwait(false);
            }
            catch (StorageException e)
            {
                LogBehind(e);
            }
        }
    }

    public void Dispose() => _end.Dispose();

    private async Task RunAsync()
    {
        try
        {
            while (!_end.IsCancellationRequested)
            {
                try
                {
                    await ReadOnAsync().ConfigureAwait(false);
                    await tail.WaitBeyondAsync(_position, _end.Token).ConfigureAwait(false);
                }
                catch (StorageException e)
                {
                    LogBehind(e);
                    await Task.Delay(StorePause, _end.Token).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private async Task ReadOnAsync()
    {
        await pushers.EnsureLoadedAsync().ConfigureAwait(false);

        // The head first: a pusher that was set before it is in memory by now.
        var head = tail.Head;
        if (pushers.IsEmpty)
        {
            await MoveAsync([], head).ConfigureAwait(false);
            return;
        }

        var stretch = await reader.ReadAsync(_position, Stretch).ConfigureAwait(false);
        var pushes = new List<QueuedPush>();
        foreach (var entry in stretch.Entries)
        {
            try
            {
                await LookAtAsync(entry, pushes).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not StorageException)
            {
                // A bad event or room must not keep everybody else from being told.
                LogSkipped(e, entry.Position);
            }
        }

        await MoveAsync(pushes, stretch.UpTo).ConfigureAwait(false);
    }

    private async Task MoveAsync(List<QueuedPush> pushes, long position)
    {
        if (pushes.Count > 0 || position - _saved > MaxUnsaved)
        {
            await ledger.QueueAsync(pushes, position).ConfigureAwait(false);
            _saved = position;
        }

        _position = position;
        pushes.ForEach(queue.Add);
    }

    private async ValueTask LookAtAsync(LogEntry entry, List<QueuedPush> pushes)
    {
        switch (entry.Kind)
        {
            case LogKind.Event:
                await evaluator.EvaluateAsync(entry, pushes).ConfigureAwait(false);
                break;
            case LogKind.Receipt when entry.User is { } user && !pushers.Of(user).IsEmpty:
                evaluator.HasRead(user, entry.Room);
                queue.WantCount(user);
                break;
            case LogKind.Account when entry.User is { } user:
                pushers.AccountChanged(user);
                break;
            case LogKind.Pusher when entry.User is { } user:
                queue.Kick(user);
                break;
            default:
                break;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Pushing waits for the store.")]
    private partial void LogBehind(Exception fault);

    [LoggerMessage(Level = LogLevel.Error, Message = "Entry {Position} of the log could not be looked at for pushing; it was skipped.")]
    private partial void LogSkipped(Exception fault, long position);
}
