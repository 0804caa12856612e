using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Media;

/// <summary>A decision inside the transaction; media are no entries of the log.</summary>
internal sealed class MediaUnit(Func<DbSession, ValueTask> work) : LogUnit
{
    public override int EntryCount => 0;

    public override bool HasWork => true;

    public override ValueTask WorkAsync(DbSession session, long first) => work(session);

    public override void Write(WriteBatch batch, long first)
    {
    }

    public override void AddEntries(List<LogEntry> entries, long first)
    {
    }
}
