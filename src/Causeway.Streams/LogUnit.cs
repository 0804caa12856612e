using Causeway.Storage;

namespace Causeway.Streams;

/// <summary>
/// What one writer wants committed: it all becomes durable together or not at all, and its entries get consecutive
/// positions. Units are committed in the order in which they were handed over.
/// </summary>
public abstract class LogUnit
{
    private readonly TaskCompletionSource<long> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How many positions the unit takes.</summary>
    public abstract int EntryCount { get; }

    /// <summary>Units of one chain build on each other: when one fails, those after it fail too.</summary>
    public virtual LogChain? Chain => null;

    /// <summary>Completes with the first position once the unit is durable, or with the reason why it is not.</summary>
    public Task<long> Done => _done.Task;

    /// <summary>Whether <see cref="WorkAsync"/> must run (it costs a savepoint).</summary>
    public virtual bool HasWork => false;

    /// <summary>Adds the rows; runs once per attempt, so it must not keep state of an earlier one.</summary>
    public abstract void Write(WriteBatch batch, long first);

    /// <summary>
    /// Reads and writes that decide inside the transaction (a unique name, a key handed out once). An exception
    /// undoes this unit alone.
    /// </summary>
    public virtual ValueTask WorkAsync(DbSession session, long first) => ValueTask.CompletedTask;

    /// <summary>The entries for the readers; called after the commit.</summary>
    public abstract void AddEntries(List<LogEntry> entries, long first);

    /// <summary>Publishes the unit's effects in memory, in commit order, before the head moves.</summary>
    public virtual void OnCommitted(long first) { }

    /// <summary>Wakes those it concerns, after the head moved.</summary>
    public virtual void Wake(Notifier notifier) { }

    internal void Succeed(long first) => _done.TrySetResult(first);

    internal void Fail(Exception reason)
    {
        Chain?.Break();
        _done.TrySetException(reason);
    }
}

/// <summary>Ties units together that were built on one another before being durable (D3).</summary>
public sealed class LogChain
{
    private volatile bool _broken;

    /// <summary>True after a unit of the chain failed: nothing built on it may be committed.</summary>
    public bool IsBroken => _broken;

    internal void Break() => _broken = true;
}
