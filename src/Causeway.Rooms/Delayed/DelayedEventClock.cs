using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Causeway.Rooms;

/// <summary>
/// Sends delayed events when they are due, in the order of their times; after a start first those whose time passed
/// while the server was down.
/// </summary>
internal sealed partial class DelayedEventClock(
    DelayedEvents delayed, AccountStore accounts, IOrganisationResolver organisations, RateLimiter limits, TimeProvider clock,
    ILogger<DelayedEventClock> logger) : BackgroundService
{
    private static readonly TimeSpan LongSleep = TimeSpan.FromHours(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly PriorityQueue<string, long> _due = new();
    private TaskCompletionSource _news = NewSignal();

    /// <summary>The sender of a delayed event as of now.</summary>
    /// <exception cref="Refusal">The account is closed, locked, or not of this deployment; or it sends too much.</exception>
    public async ValueTask<Requester> SenderAsync(DelayedEvent waiting)
    {
        var account = await accounts.FindAsync(waiting.User).ConfigureAwait(false);
        if (account is null || account.IsDeactivated || account.IsLocked || organisations.Find(waiting.User.ServerName) is not { } organisation)
        {
            throw Refusal.Forbidden("The sender's account is closed or locked.");
        }

        limits.Check(Rate.Message, waiting.User.Value);
        return new Requester(waiting.User, waiting.DeviceId, waiting.Device, organisation, account.IsGuest, account.IsAdmin)
        {
            IsSuspended = account.IsSuspended,
        };
    }

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        delayed.Scheduled += Add;
        foreach (var (id, dueAt) in await delayed.ListWaitingAsync().ConfigureAwait(false))
        {
            Add(id, dueAt);
        }

        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var (next, wait, news) = Next();
            if (next is not null)
            {
                await SendAsync(next).ConfigureAwait(false);
                continue;
            }

            using var sleep = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            await Task.WhenAny(news, Task.Delay(wait, clock, sleep.Token)).ConfigureAwait(false);
            await sleep.CancelAsync().ConfigureAwait(false);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task SendAsync(string id)
    {
        try
        {
            await delayed.SendDueAsync(id, SenderAsync).ConfigureAwait(false);
        }
        catch (StorageException e)
        {
            // It stays in the store, and due.
            LogLater(e, id);
            Add(id, clock.GetUtcNow().Add(Patience).ToUnixTimeMilliseconds());
        }
        catch (Refusal)
        {
            // Its outcome is too old to be kept.
        }
        catch (Exception e)
        {
            LogFault(e, id);
        }
    }

    private void Add(string id, long dueAt)
    {
        lock (_lock)
        {
            _due.Enqueue(id, dueAt);
            _news.TrySetResult();
        }
    }

    /// <summary>What is due, or how long to wait and what ends the wait. One that was restarted is here twice; the store decides.</summary>
    private (string? Id, TimeSpan Wait, Task News) Next()
    {
        lock (_lock)
        {
            _news = NewSignal();
            if (!_due.TryPeek(out var id, out var dueAt))
            {
                return (null, LongSleep, _news.Task);
            }

            var wait = dueAt - clock.GetUtcNow().ToUnixTimeMilliseconds();
            if (wait <= 0)
            {
                _due.Dequeue();
                return (id, default, _news.Task);
            }

            return (null, TimeSpan.FromMilliseconds(Math.Min(wait, LongSleep.TotalMilliseconds)), _news.Task);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Delayed event {Id} could not be stored; trying again.")]
    private partial void LogLater(Exception fault, string id);

    [LoggerMessage(Level = LogLevel.Error, Message = "Delayed event {Id} could not be sent.")]
    private partial void LogFault(Exception fault, string id);
}
