using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Push;

/// <summary>Rows of Push that become durable together; with an entry of the log where a pusher was set.</summary>
internal sealed class PushUnit(Func<DbSession, long, ValueTask>? work = null, LogEntry? entry = null) : LogUnit
{
    /// <summary>Rows and statements without a decision.</summary>
    public Action<WriteBatch>? Rows { get; init; }

    /// <summary>What follows in memory.</summary>
    public Action? Committed { get; init; }

    public override int EntryCount => entry is null ? 0 : 1;

    public override bool HasWork => work is not null;

    public override ValueTask WorkAsync(DbSession session, long first) => work!(session, first);

    public override void Write(WriteBatch batch, long first)
    {
        Rows?.Invoke(batch);
        if (entry is { } e)
        {
            LogSchema.AddRow(batch, e with { Position = first });
        }
    }

    public override void AddEntries(List<LogEntry> entries, long first)
    {
        if (entry is { } e)
        {
            entries.Add(e with { Position = first });
        }
    }

    public override void OnCommitted(long first) => Committed?.Invoke();
}
