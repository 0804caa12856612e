using System.Collections.Concurrent;
using Causeway.Hosting;
using Causeway.Storage;
using Microsoft.Extensions.Logging;

namespace Causeway.Push;

/// <summary>
/// Delivers what waits, each pusher's in order and one at a time, many pushers at once. A failure is tried again after a
/// pause that doubles from a second to an hour, with jitter; what is a day old is given up.
/// </summary>
internal sealed partial class PushQueue(
    PusherStore pushers, PushComposer composer, PushSender sender, PushLedger ledger, TimeProvider clock, IdSource ids, ILogger<PushQueue> logger)
    : IDisposable
{
    private const int AtOncePerHost = 8;
    private const int MaxCountFailures = 8;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    /// <summary>Somebody who reads through several rooms causes one message, not several.</summary>
    private static readonly TimeSpan CountPause = TimeSpan.FromSeconds(1);

    /// <summary>By a hash of the host that no stranger can foretell: a slow one keeps few others waiting.</summary>
    private readonly SemaphoreSlim[] _hosts = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(AtOncePerHost))];

    private readonly ConcurrentDictionary<long, PusherLane> _lanes = new();
    private readonly CancellationTokenSource _end = new();

    /// <summary>Takes over what is durable in the queue.</summary>
    public void Add(QueuedPush push)
    {
        if (pushers.Find(push.Pusher) is { } pusher)
        {
            Lane(pusher).Add(push, pusher.IsOnlyLastPerRoom, RunAsync).ForEach(ledger.Done);
        }
        else
        {
            // It ended between the look at the event and the commit, so its rows came after they were deleted.
            ledger.Done(push);
        }
    }

    /// <summary>A person read something, so that the count may have changed.</summary>
    public void WantCount(string user)
    {
        foreach (var pusher in pushers.Of(user))
        {
            if (pusher is { IsEnabled: true, IsEventsOnly: false })
            {
                Lane(pusher).WantCount(RunAsync);
            }
        }
    }

    /// <summary>A pusher of this person was set anew: whatever failed before may succeed now.</summary>
    public void Kick(string user)
    {
        foreach (var pusher in pushers.Of(user))
        {
            _lanes.GetValueOrDefault(pusher.Nid)?.Kick();
        }
    }

    /// <summary>Stops; what is on its way is delivered again after the next start.</summary>
    public async Task StopAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_lanes.Values.Select(lane => lane.Running)).ConfigureAwait(false);
        await ledger.FlushAsync().ConfigureAwait(false);
    }

    public void Dispose()
    {
        _end.Dispose();
        Array.ForEach(_hosts, host => host.Dispose());
    }

    private PusherLane Lane(Pusher pusher) => _lanes.GetOrAdd(pusher.Nid, static nid => new PusherLane(nid));

    private async Task RunAsync(PusherLane lane)
    {
        try
        {
            while (!_end.IsCancellationRequested && lane.TryTake(out var push))
            {
                if (pushers.Find(lane.Pusher) is not { } pusher)
                {
                    // Its rows ended with it.
                    _lanes.TryRemove(lane.Pusher, out _);
                    continue;
                }

                var attempt = push is null
                    ? await SendCountAsync(lane, pusher).ConfigureAwait(false)
                    : await DeliverAsync(lane, pusher, push).ConfigureAwait(false);
                await SettleAsync(lane, pusher, push, attempt).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    private async Task SettleAsync(PusherLane lane, Pusher pusher, QueuedPush? push, Attempt attempt)
    {
        if (attempt.Fate != Fate.Later)
        {
            lane.Failures = 0;
            if (attempt.Fate == Fate.Refused)
            {
                LogRefused(pusher.User.Value, pusher.AppId, attempt.Words);
            }

            if (push is not null)
            {
                ledger.Done(push);
            }

            return;
        }

        lane.Failures++;
        LogFailed(pusher.User.Value, pusher.AppId, lane.Failures, attempt.Words);
        if (push is not null)
        {
            lane.Return(push, pusher.IsOnlyLastPerRoom).ForEach(ledger.Done);
        }
        else if (lane.Failures < MaxCountFailures)
        {
            lane.WantCount(RunAsync);
        }

        await lane.PauseAsync(attempt.Wait ?? Pause(lane.Failures), clock, _end.Token).ConfigureAwait(false);
    }

    private async Task<Attempt> DeliverAsync(PusherLane lane, Pusher pusher, QueuedPush push)
    {
        try
        {
            if (!pusher.IsEnabled || await composer.ComposeAsync(pusher, push).ConfigureAwait(false) is not { } message)
            {
                return new Attempt(Fate.Delivered, "");
            }

            return await SendAsync(lane, pusher, message).ConfigureAwait(false);
        }
        catch (StorageException e)
        {
            LogFault(e, pusher.User.Value);
            return new Attempt(Fate.Later, "");
        }
        catch (Exception e) when (!_end.IsCancellationRequested)
        {
            // One event that cannot be read must not stop those after it.
            LogFault(e, pusher.User.Value);
            return new Attempt(Fate.Refused, "An internal fault.");
        }
    }

    private async Task<Attempt> SendCountAsync(PusherLane lane, Pusher pusher)
    {
        await Task.Delay(CountPause, clock, _end.Token).ConfigureAwait(false);
        try
        {
            if (lane.HasNotifications || await composer.ComposeCountAsync(pusher).ConfigureAwait(false) is not { } message || message.Unread == lane.LastUnread)
            {
                return new Attempt(Fate.Delivered, "");
            }

            return await SendAsync(lane, pusher, message).ConfigureAwait(false);
        }
        catch (Exception e) when (!_end.IsCancellationRequested)
        {
            LogFault(e, pusher.User.Value);
            return new Attempt(Fate.Refused, "An internal fault.");
        }
    }

    private async Task<Attempt> SendAsync(PusherLane lane, Pusher pusher, PushMessage message)
    {
        var host = _hosts[(uint)string.GetHashCode(Host(pusher), StringComparison.OrdinalIgnoreCase) % _hosts.Length];
        await host.WaitAsync(_end.Token).ConfigureAwait(false);
        Attempt attempt;
        try
        {
            attempt = await sender.SendAsync(pusher, message, _end.Token).ConfigureAwait(false);
        }
        finally
        {
            host.Release();
        }

        if (attempt.Fate == Fate.Gone)
        {
            LogGone(pusher.User.Value, pusher.AppId, attempt.Words);
            await pushers.RemoveAsync(pusher).ConfigureAwait(false);
        }
        else if (attempt.Fate == Fate.Delivered)
        {
            lane.LastUnread = message.Unread;
        }

        return attempt;
    }

    private static string Host(Pusher pusher) => !pusher.IsOwnGateway ? pusher.Url!.IdnHost : new Uri(pusher.Find("endpoint") ?? pusher.PushKey).IdnHost;

    /// <summary>Doubled with each failure; between half of it and all of it, so that those who failed together do not come back together.</summary>
    private TimeSpan Pause(int failures)
    {
        var whole = Math.Min(FirstPause.TotalSeconds * Math.Pow(2, Math.Min(failures, 30) - 1), LongestPause.TotalSeconds);
        return TimeSpan.FromSeconds(whole * (0.5 + (ids.Bytes(1)[0] / 510.0)));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "A push to {User} ({App}) failed for the {Failures}. time: {Words}")]
    private partial void LogFailed(string user, string app, int failures, string words);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A push to {User} ({App}) was given up: {Words}")]
    private partial void LogRefused(string user, string app, string words);

    [LoggerMessage(Level = LogLevel.Information, Message = "Pusher of {User} ({App}): {Words}")]
    private partial void LogGone(string user, string app, string words);

    [LoggerMessage(Level = LogLevel.Error, Message = "A push to {User} could not be made.")]
    private partial void LogFault(Exception fault, string user);
}
