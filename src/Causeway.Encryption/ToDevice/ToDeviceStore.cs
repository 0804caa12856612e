using System.Collections.Concurrent;
using System.Text.Json;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Encryption;

/// <summary>A message that waits for a device.</summary>
public sealed record ToDeviceMessage(long Position, string Sender, string Type, byte[] Content)
{
    /// <summary>Writes the event.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, Type);
        json.WriteString("sender"u8, Sender);
        json.WritePropertyName("content"u8);
        json.WriteRawValue(Content, skipInputValidation: true);
        json.WriteEndObject();
    }
}

/// <summary>Some of a device's messages.</summary>
/// <param name="Messages">In the order of arrival.</param>
/// <param name="End">The position up to which these are all; the answer must end there.</param>
public sealed record ToDeviceBatch(IReadOnlyList<ToDeviceMessage> Messages, long End);

/// <summary>
/// Messages to devices, kept until the client's next token says that it has them. What is known of a device is held in
/// memory, so that a /sync with nothing waiting asks the store nothing.
/// </summary>
public sealed class ToDeviceStore
{
    private const int MaxKnown = 100_000;
    private const int MaxMessages = 1000;
    private const int MaxBytes = 1 << 20;

    private readonly Database _database;
    private readonly LogWriter _log;
    private readonly ConcurrentDictionary<long, Inbox> _inboxes = new();
    private readonly ConcurrentDictionary<long, bool> _ended = new();

    /// <summary>Subscribes to the tail, to start afresh when entries were committed past it.</summary>
    public ToDeviceStore(Database database, LogWriter log, LogTail tail)
    {
        _database = database;
        _log = log;
        tail.Restarted += _inboxes.Clear;
    }

    /// <summary>
    /// The messages in (since, until], as many as go into one answer. A token is an acknowledgement: what is not newer
    /// is deleted.
    /// </summary>
    /// <param name="device">The device's number.</param>
    /// <param name="since">The position of the client's token; 0 for none.</param>
    /// <param name="until">The end of the answer.</param>
    /// <param name="limit">Most messages the client wants; at least one is given.</param>
    public async ValueTask<ToDeviceBatch> ReadAsync(long device, long since, long until, int limit = int.MaxValue)
    {
        if (_inboxes.Count > MaxKnown)
        {
            _inboxes.Clear();
        }

        // The inbox is there before the store is read, so that what arrives meanwhile is not missed.
        var inbox = _inboxes.GetOrAdd(device, static _ => new Inbox());
        if (!inbox.IsKnown)
        {
            await LoadAsync(device, inbox, since).ConfigureAwait(false);
        }

        // Sliding sync acknowledges a part of what it was shown when it sets a limit.
        if (Interlocked.Read(ref inbox.Shown) > 0 && since > Interlocked.Read(ref inbox.Deleted))
        {
            _log.Enqueue(new AckUnit(device, since, inbox));
        }

        if (since >= Interlocked.Read(ref inbox.Newest))
        {
            return new ToDeviceBatch([], until);
        }

        // Ten times as many for a client that begins anew, so that its first look at its rooms need not end in the past.
        var share = since == 0 ? 10 : 1;
        var most = Math.Clamp(limit, 1, MaxMessages * share);
        List<ToDeviceMessage> found;
        await using (var session = await _database.ReadAsync().ConfigureAwait(false))
        {
            found = await session.QueryAsync(
                "SELECT position, sender, type, content FROM to_device WHERE device = $1 AND position > $2 AND position <= $3 ORDER BY position LIMIT $4",
                r => new ToDeviceMessage(r.GetInt64(0), r.GetString(1), r.GetString(2), r.GetBytes(3)),
                device, since, until, most + 1L).ConfigureAwait(false);
        }

        var fitting = Fitting(found, most, MaxBytes * share);
        if (fitting > 0)
        {
            Raise(ref inbox.Shown, found[fitting - 1].Position);
        }

        return fitting == found.Count
            ? new ToDeviceBatch(found, until)
            : new ToDeviceBatch(found[..fitting], found[fitting - 1].Position);
    }

    internal Task AppendAsync(LogUnit unit) => _log.AppendAsync(unit);

    internal async ValueTask<bool> WasSentAsync(long device, string type, string transaction)
    {
        await using var session = await _database.ReadAsync().ConfigureAwait(false);
        return await session.FindAsync<long?>(
            "SELECT device FROM to_device_transactions WHERE device = $1 AND type = $2 AND txn = $3",
            r => r.GetInt64(0), device, type, transaction).ConfigureAwait(false) is not null;
    }

    /// <summary>Whether the device perhaps ended while this process ran; asked by the writer, in the order of units.</summary>
    internal bool MayHaveEnded(long device) => _ended.ContainsKey(device);

    /// <summary>After a commit: the device has a message at this position.</summary>
    internal void Arrived(long device, long position)
    {
        if (_inboxes.TryGetValue(device, out var inbox))
        {
            Raise(ref inbox.Newest, position);
        }
    }

    /// <summary>Inside the transaction in which a device ends.</summary>
    internal async ValueTask DropAsync(DbSession session, long device)
    {
        _ended[device] = true;
        await session.ExecuteAsync("DELETE FROM to_device WHERE device = $1", device).ConfigureAwait(false);
        await session.ExecuteAsync("DELETE FROM to_device_transactions WHERE device = $1", device).ConfigureAwait(false);
    }

    private static int Fitting(List<ToDeviceMessage> found, int most, int mostBytes)
    {
        var bytes = 0;
        for (var i = 0; i < found.Count; i++)
        {
            bytes += found[i].Content.Length + found[i].Type.Length + found[i].Sender.Length;
            if (i > 0 && (i == most || bytes > mostBytes))
            {
                return i;
            }
        }

        return found.Count;
    }

    private static void Raise(ref long value, long to)
    {
        long seen;
        while ((seen = Interlocked.Read(ref value)) < to && Interlocked.CompareExchange(ref value, to, seen) != seen)
        {
        }
    }

    private async ValueTask LoadAsync(long device, Inbox inbox, long since)
    {
        await using var session = await _database.ReadAsync().ConfigureAwait(false);
        var (oldest, newest) = await session.FindAsync(
            "SELECT min(position), max(position) FROM to_device WHERE device = $1",
            r => (r.FindInt64(0) ?? long.MaxValue, r.FindInt64(1) ?? 0), device).ConfigureAwait(false);
        Raise(ref inbox.Newest, newest);
        Raise(ref inbox.Shown, oldest <= since ? since : 0);
        inbox.IsKnown = true;
    }

    /// <summary>What is known of a device's messages.</summary>
    private sealed class Inbox
    {
        /// <summary>No message is newer than this.</summary>
        public long Newest;

        /// <summary>The newest that was shown and may still be stored; 0 when there is none.</summary>
        public long Shown;

        /// <summary>What is not newer than this is deleted.</summary>
        public long Deleted;

        public volatile bool IsKnown;

        public void Acknowledged(long position)
        {
            Raise(ref Deleted, position);
            if (Interlocked.Read(ref Shown) is var shown && shown <= position)
            {
                Interlocked.CompareExchange(ref Shown, 0, shown);
            }
        }
    }

    private sealed class AckUnit(long device, long position, Inbox inbox) : LogUnit
    {
        public override int EntryCount => 0;

        public override void Write(WriteBatch batch, long first) =>
            batch.Execute("DELETE FROM to_device WHERE device = $1 AND position <= $2", device, position);

        public override void AddEntries(List<LogEntry> entries, long first) { }

        public override void OnCommitted(long first) => inbox.Acknowledged(position);
    }
}
