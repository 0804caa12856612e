using Causeway.Hosting;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Encryption;

/// <summary>The messages of one transaction: one log entry for each person, since a device gets at most one of them.</summary>
internal sealed class ToDeviceUnit(ToDeviceStore store, Requester sender, string type, string transaction) : LogUnit
{
    private readonly List<(string User, List<(long Device, byte[] Content)> Messages)> _people = [];

    public override int EntryCount => _people.Count;

    public void Add(string user, long device, byte[] content)
    {
        if (_people.Count == 0 || _people[^1].User != user)
        {
            _people.Add((user, []));
        }

        _people[^1].Messages.Add((device, content));
    }

    public override void Write(WriteBatch batch, long first)
    {
        batch.Insert(EncryptionSchema.ToDeviceTransactions, sender.Device, type, transaction);
        foreach (var (entry, messages) in Entries(first))
        {
            LogSchema.AddRow(batch, entry);
            foreach (var (device, content) in messages)
            {
                if (!store.MayHaveEnded(device))
                {
                    batch.Insert(EncryptionSchema.ToDevice, device, entry.Position, sender.User.Value, type, content);
                    continue;
                }

                // A device that ended after it was looked up: its messages ended with it.
                batch.Execute(
                    "INSERT INTO to_device (device, position, sender, type, content) SELECT $1, $2, $3, $4, $5 "
                    + "WHERE EXISTS (SELECT 1 FROM devices WHERE nid = $1)",
                    device, entry.Position, sender.User.Value, type, content);
            }
        }
    }

    public override void AddEntries(List<LogEntry> entries, long first) => entries.AddRange(Entries(first).Select(e => e.Entry));

    public override void OnCommitted(long first)
    {
        foreach (var (entry, messages) in Entries(first))
        {
            messages.ForEach(m => store.Arrived(m.Device, entry.Position));
        }
    }

    public override void Wake(Notifier notifier) => _people.ForEach(p => notifier.Wake(p.User));

    private IEnumerable<(LogEntry Entry, List<(long Device, byte[] Content)> Messages)> Entries(long first) =>
        _people.Select((p, i) => (new LogEntry(first + i, LogKind.ToDevice, 0, p.User, null), p.Messages));
}
