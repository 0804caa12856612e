using System.Threading.Channels;
using Causeway.Storage;
using Microsoft.Extensions.Logging;

namespace Causeway.Streams;

/// <summary>
/// The one door to the store: a single task drains a queue of units and commits as many as wait in one transaction
/// (group commit: while one batch is being made durable the next gathers, so no timer is needed).
/// Order after a commit: effects in memory, tail, head, wake-ups, replies; so whoever sees the head sees the effects,
/// and whoever is answered finds its own write in the next /sync.
/// </summary>
public sealed partial class LogWriter : IAsyncDisposable
{
    private const int MaxUnits = 512;

    private readonly LogTail _tail;
    private readonly Notifier _notifier;
    private ILogger _logger = Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;
    private readonly Channel<LogUnit> _queue = Channel.CreateBounded<LogUnit>(
        new BoundedChannelOptions(16_384) { SingleReader = true });
    private readonly WriteBatch _batch = new();
    private readonly List<LogEntry> _entries = [];
    private readonly DbWriter _writer;
    private Task _loop = Task.CompletedTask;
    private bool _headIsKnown = true;

    private LogWriter(DbWriter writer, LogTail tail, Notifier notifier)
    {
        _writer = writer;
        _tail = tail;
        _notifier = notifier;
    }

    /// <summary>Opens the log at its stored head and starts the writing task.</summary>
    public static async Task<LogWriter> StartAsync(Database database, LogTail tail, Notifier notifier)
    {
        var writer = new LogWriter(await database.OpenWriterAsync().ConfigureAwait(false), tail, notifier);
        tail.Start(await ReadHeadAsync(writer._writer.Session).ConfigureAwait(false));
        writer._loop = Task.Run(writer.RunAsync);
        return writer;
    }

    /// <summary>Where faults are logged; the writer starts before the application that logs is built.</summary>
    public void UseLogger(ILogger<LogWriter> logger) => _logger = logger;

    /// <summary>
    /// Hands a unit over. Units handed over by one caller in order are committed in order; await
    /// <see cref="LogUnit.Done"/> for the result.
    /// </summary>
    public void Enqueue(LogUnit unit)
    {
        if (!_queue.Writer.TryWrite(unit))
        {
            unit.Fail(new StorageException("The write queue is full or closed.", null));
        }
    }

    /// <summary>Hands a unit over and waits until it is durable; its first position.</summary>
    public Task<long> AppendAsync(LogUnit unit)
    {
        Enqueue(unit);
        return unit.Done;
    }

    /// <summary>Commits what waits, then stops.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
        await _writer.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<long> ReadHeadAsync(DbSession session) =>
        await session.FindAsync("SELECT position FROM log_head", r => r.GetInt64(0)).ConfigureAwait(false);

    private async Task RunAsync()
    {
        var units = new List<LogUnit>(MaxUnits);
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (units.Count < MaxUnits && _queue.Reader.TryRead(out var unit))
            {
                units.Add(unit);
            }

            await CommitAsync(units).ConfigureAwait(false);
            units.Clear();
        }
    }

    private async Task CommitAsync(List<LogUnit> units)
    {
        if (await TryCommitAsync(units).ConfigureAwait(false) is not { } fault)
        {
            return;
        }

        LogCommitFailed(fault, units.Count);
        if (units.Count == 1 || !_headIsKnown)
        {
            units.ForEach(unit => unit.Fail(fault));
            return;
        }

        // One bad unit must not take the others with it: each gets a transaction of its own.
        foreach (var unit in units)
        {
            if (await TryCommitAsync([unit]).ConfigureAwait(false) is { } own)
            {
                unit.Fail(own);
            }
        }
    }

    /// <summary>Commits the units or nothing; the fault, or null.</summary>
    private async Task<Exception?> TryCommitAsync(IReadOnlyList<LogUnit> units)
    {
        var accepted = new List<(LogUnit Unit, long First)>(units.Count);
        var refused = new List<(LogUnit Unit, Exception Reason)>();
        var committing = false;
        var head = _tail.Head;
        var next = head + 1;
        try
        {
            if (!_headIsKnown)
            {
                await _writer.ResetAsync().ConfigureAwait(false);
                await CheckHeadAsync().ConfigureAwait(false);
            }

            await _writer.BeginAsync().ConfigureAwait(false);
            foreach (var unit in units)
            {
                if (unit.Chain is { IsBroken: true })
                {
                    refused.Add((unit, new StorageException("An event that this one builds on was not stored.", null)));
                    continue;
                }

                if (unit.HasWork)
                {
                    await _writer.FlushAsync(_batch).ConfigureAwait(false);
                    await _writer.SaveAsync().ConfigureAwait(false);
                    try
                    {
                        await unit.WorkAsync(_writer.Session, next).ConfigureAwait(false);
                    }
                    catch (Exception e) when (e is not StorageException)
                    {
                        await _writer.UndoAsync().ConfigureAwait(false);
                        refused.Add((unit, e));
                        continue;
                    }
                }

                unit.Write(_batch, next);
                accepted.Add((unit, next));
                next += unit.EntryCount;
            }

            _batch.Execute("UPDATE log_head SET position = $1 WHERE position = $2", next - 1, head);
            await _writer.FlushAsync(_batch).ConfigureAwait(false);
            committing = true;
            await _writer.CommitAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            _batch.Clear();
            if (!await WasCommittedAsync(committing, next - 1, head).ConfigureAwait(false))
            {
                return e as StorageException ?? new StorageException(e.Message, e);
            }
        }

        Publish(accepted, next - 1);
        foreach (var (unit, reason) in refused)
        {
            unit.Fail(reason);
        }

        return null;
    }

    /// <summary>
    /// A connection lost during COMMIT leaves the outcome open. This server is the only writer, so the stored head
    /// tells; until it can be read (the database restarts) nothing else is written.
    /// </summary>
    private async Task<bool> WasCommittedAsync(bool committing, long newHead, long oldHead)
    {
        _headIsKnown = false;
        for (var attempt = 0; attempt < 40; attempt++)
        {
            try
            {
                await _writer.ResetAsync().ConfigureAwait(false);
                var stored = await ReadHeadAsync(_writer.Session).ConfigureAwait(false);
                _headIsKnown = stored == oldHead || (committing && stored == newHead);
                return committing && stored == newHead && newHead != oldHead;
            }
            catch (StorageException e)
            {
                LogStoreUnreachable(e);
                await Task.Delay(250).ConfigureAwait(false);
            }
        }

        return false;
    }

    private async Task CheckHeadAsync()
    {
        var stored = await ReadHeadAsync(_writer.Session).ConfigureAwait(false);
        if (stored < _tail.Head)
        {
            throw new StorageException($"The stored log ends at {stored}, before {_tail.Head}: was an older copy restored under a running server?", null);
        }

        // An unknown outcome turned out as committed: its effects were never published, so all in memory starts afresh.
        if (stored > _tail.Head)
        {
            _tail.Start(stored);
        }

        _headIsKnown = true;
    }

    private void Publish(List<(LogUnit Unit, long First)> accepted, long head)
    {
        _entries.Clear();
        foreach (var (unit, first) in accepted)
        {
            // Effects first: a new room's entries name it by the number it gets there.
            Guard(unit, () => unit.OnCommitted(first));
            unit.AddEntries(_entries, first);
        }

        _tail.Append(_entries, head);
        foreach (var (unit, _) in accepted)
        {
            Guard(unit, () => unit.Wake(_notifier));
        }

        foreach (var (unit, first) in accepted)
        {
            unit.Succeed(first);
        }
    }

    /// <summary>
    /// What is durable stays so whatever its effects in memory do. A fault in them must not end the writer; it breaks the
    /// unit's chain, so that what was in memory is loaded anew.
    /// </summary>
    private void Guard(LogUnit unit, Action effect)
    {
        try
        {
            effect();
        }
        catch (Exception e)
        {
            unit.Chain?.Break();
            LogEffectFailed(e);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "An effect of a committed unit failed.")]
    private partial void LogEffectFailed(Exception fault);

    [LoggerMessage(Level = LogLevel.Error, Message = "A transaction of {Units} units failed.")]
    private partial void LogCommitFailed(Exception fault, int units);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The store cannot be reached; trying again.")]
    private partial void LogStoreUnreachable(Exception fault);
}
