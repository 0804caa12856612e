using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Search;

/// <summary>Rows of the index and the cursors up to which they go, in one transaction of the log; it takes no position.</summary>
internal sealed class IndexUnit(Func<DbSession, ValueTask>? work = null) : LogUnit
{
    private readonly List<Action<WriteBatch>> _rows = [];

    public override int EntryCount => 0;

    public override bool HasWork => work is not null;

    public bool IsEmpty => _rows.Count == 0;

    public void Add(Action<WriteBatch> rows) => _rows.Add(rows);

    public void Execute(string sql, params object?[] args) => Add(batch => batch.Execute(sql, args));

    public void MoveCursor(string reader, long position) => Execute(LogSchema.MoveCursorSql, reader, position);

    public override ValueTask WorkAsync(DbSession session, long first) => work!(session);

    public override void Write(WriteBatch batch, long first) => _rows.ForEach(rows => rows(batch));

    public override void AddEntries(List<LogEntry> entries, long first)
    {
    }
}
