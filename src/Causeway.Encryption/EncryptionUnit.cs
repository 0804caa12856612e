using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Encryption;

/// <summary>A decision inside the transaction; each change of a device list it notes is one entry of the log.</summary>
internal sealed class EncryptionUnit(Func<EncryptionUnit, DbSession, ValueTask> work) : LogUnit
{
    private readonly List<(string User, string? Viewer)> _changes = [];
    private long _first;

    /// <summary>Runs in commit order, before anybody can see the new head.</summary>
    public Action? Committed { get; init; }

    /// <summary>The position of the unit's first entry (or of the next unit's, when it has none).</summary>
    public long Position => _first;

    /// <summary>Those whose device list changed for everybody who shares a room with them.</summary>
    public IEnumerable<string> Changed => _changes.Where(c => c.Viewer is null).Select(c => c.User);

    public override int EntryCount => _changes.Count;

    public override bool HasWork => true;

    public override async ValueTask WorkAsync(DbSession session, long first)
    {
        _first = first;
        _changes.Clear();
        await work(this, session).ConfigureAwait(false);
    }

    /// <summary>Notes that a person's keys changed, for one viewer or for all who share a room.</summary>
    public async ValueTask NoteChangeAsync(DbSession session, string user, string? viewer = null)
    {
        if (!_changes.Contains((user, viewer)))
        {
            _changes.Add((user, viewer));
            await DeviceListLog.WriteAsync(session, user, viewer, _first + _changes.Count - 1).ConfigureAwait(false);
        }
    }

    public override void Write(WriteBatch batch, long first) => Entries(first).ForEach(e => LogSchema.AddRow(batch, e));

    public override void AddEntries(List<LogEntry> entries, long first) => entries.AddRange(Entries(first));

    public override void OnCommitted(long first) => Committed?.Invoke();

    public override void Wake(Notifier notifier) => _changes.ForEach(c => notifier.Wake(c.Viewer ?? c.User));

    private List<LogEntry> Entries(long first) =>
        [.. _changes.Select((c, i) => new LogEntry(first + i, LogKind.DeviceList, 0, c.User, c.Viewer))];
}
