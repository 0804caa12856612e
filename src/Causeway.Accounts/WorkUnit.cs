using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Accounts;

/// <summary>A decision inside the transaction, with at most one entry in the log.</summary>
internal sealed class WorkUnit(LogKind? kind, string? user, Func<DbSession, long, ValueTask> work) : LogUnit
{
    /// <summary>The entry's kind; the work may still change it.</summary>
    public LogKind? Kind { get; set; } = kind;

    public Action? Committed { get; init; }

    public override int EntryCount => Kind is null ? 0 : 1;

    public override bool HasWork => true;

    public override ValueTask WorkAsync(DbSession session, long first) => work(session, first);

    public override void Write(WriteBatch batch, long first)
    {
        if (Kind is { } k)
        {
            LogSchema.AddRow(batch, new LogEntry(first, k, 0, user, null));
        }
    }

    public override void AddEntries(List<LogEntry> entries, long first)
    {
        if (Kind is { } k)
        {
            entries.Add(new LogEntry(first, k, 0, user, null));
        }
    }

    public override void OnCommitted(long first) => Committed?.Invoke();

    public override void Wake(Notifier notifier)
    {
        if (user is not null)
        {
            notifier.Wake(user);
        }
    }
}
