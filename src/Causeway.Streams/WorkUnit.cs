using Causeway.Storage;

namespace Causeway.Streams;

/// <summary>A decision inside the transaction, with at most one entry in the log.</summary>
/// <param name="kind">The entry's kind, or null for none.</param>
/// <param name="user">Whom it concerns and who is woken.</param>
/// <param name="work">The decision, given the entry's position; an exception undoes it.</param>
public sealed class WorkUnit(LogKind? kind, string? user, Func<DbSession, long, ValueTask> work) : LogUnit
{
    /// <summary>The entry's kind; the work may still change it.</summary>
    public LogKind? Kind { get; set; } = kind;

    /// <summary>What follows in memory.</summary>
    public Action? Committed { get; init; }

    /// <inheritdoc/>
    public override int EntryCount => Kind is null ? 0 : 1;

    /// <inheritdoc/>
    public override bool HasWork => true;

    /// <inheritdoc/>
    public override ValueTask WorkAsync(DbSession session, long first) => work(session, first);

    /// <inheritdoc/>
    public override void Write(WriteBatch batch, long first)
    {
        if (Kind is { } k)
        {
            LogSchema.AddRow(batch, new LogEntry(first, k, 0, user, null));
        }
    }

    /// <inheritdoc/>
    public override void AddEntries(List<LogEntry> entries, long first)
    {
        if (Kind is { } k)
        {
            entries.Add(new LogEntry(first, k, 0, user, null));
        }
    }

    /// <inheritdoc/>
    public override void OnCommitted(long first) => Committed?.Invoke();

    /// <inheritdoc/>
    public override void Wake(Notifier notifier)
    {
        if (user is not null)
        {
            notifier.Wake(user);
        }
    }
}
