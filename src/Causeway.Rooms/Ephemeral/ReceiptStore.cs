using Causeway.Matrix;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Rooms;

/// <summary>One person's receipt of one type and thread in a room.</summary>
/// <param name="Room">The room's number.</param>
/// <param name="User">Whose.</param>
/// <param name="Type">m.read or m.read.private.</param>
/// <param name="Thread">"" = unthreaded, "main", or a thread's root.</param>
/// <param name="EventId">What was read.</param>
/// <param name="EventPosition">That event's log position.</param>
/// <param name="Timestamp">When, in ms.</param>
public sealed record Receipt(
    long Room, string User, string Type, string Thread, string EventId, long EventPosition, long Timestamp);

/// <summary>Read receipts: the newest of each person, type and thread. They only move forward.</summary>
public sealed class ReceiptStore(Database database, LogWriter log)
{
    private const string Columns = "room, user_id, type, thread, event_id, event_position, ts";

    /// <summary>Raised after a receipt is durable and before its person is told.</summary>
    public event Action<Receipt>? Moved;

    /// <summary>Moves a receipt.</summary>
    public Task SetAsync(Room room, Receipt receipt) =>
        log.AppendAsync(new ReceiptUnit(room, receipt, r => Moved?.Invoke(r)));

    /// <summary>The receipts of a room that moved in (since, upTo].</summary>
    public async ValueTask<List<Receipt>> ListAsync(Room room, long since, long upTo)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.QueryAsync(
            $"SELECT {Columns} FROM receipts WHERE room = $1 AND position > $2 AND position <= $3",
            Map, room.Nid, since, upTo).ConfigureAwait(false);
    }

    /// <summary>The receipts that moved in (since, upTo] in every room that a person is joined to.</summary>
    public async ValueTask<ILookup<long, Receipt>> ListForMemberAsync(UserId user, long since, long upTo)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        var rows = await session.QueryAsync(
            "SELECT r.room, r.user_id, r.type, r.thread, r.event_id, r.event_position, r.ts "
            + "FROM memberships m JOIN receipts r ON r.room = m.room AND r.position > $2 AND r.position <= $3 "
            + "WHERE m.user_id = $1 AND m.membership = 'join'",
            Map, user.Value, since, upTo).ConfigureAwait(false);
        return rows.ToLookup(r => r.Room);
    }

    /// <summary>A person's own receipts in a room.</summary>
    public async ValueTask<List<Receipt>> OwnAsync(Room room, string user)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.QueryAsync(
            $"SELECT {Columns} FROM receipts WHERE room = $1 AND user_id = $2", Map, room.Nid, user).ConfigureAwait(false);
    }

    private static Receipt Map(System.Data.Common.DbDataReader r) => new(
        r.GetInt64(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetString(4), r.GetInt64(5), r.GetInt64(6));

    private sealed class ReceiptUnit(Room room, Receipt receipt, Action<Receipt> moved) : LogUnit
    {
        public override int EntryCount => 1;

        public override void Write(WriteBatch batch, long first)
        {
            LogSchema.AddRow(batch, Entry(first));
            batch.Insert(
                RoomsSchema.Receipts, receipt.Room, receipt.User, receipt.Type, receipt.Thread, receipt.EventId,
                receipt.EventPosition, receipt.Timestamp, first);
        }

        public override void AddEntries(List<LogEntry> entries, long first) => entries.Add(Entry(first));

        public override void OnCommitted(long first) => moved(receipt);

        public override void Wake(Notifier notifier)
        {
            if (receipt.Type == ReceiptTypes.Private)
            {
                notifier.Wake(receipt.User);
            }
            else
            {
                RoomEffects.WakeMembers(room, notifier);
            }
        }

        private LogEntry Entry(long position) => new(position, LogKind.Receipt, receipt.Room, receipt.User, receipt.Type);
    }
}

/// <summary>The receipt types.</summary>
public static class ReceiptTypes
{
    /// <summary>Seen by all in the room.</summary>
    public const string Public = "m.read";

    /// <summary>Seen only by its owner.</summary>
    public const string Private = "m.read.private";

    /// <summary>The read marker; kept as room account data.</summary>
    public const string FullyRead = "m.fully_read";
}
