using Causeway.Matrix;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Accounts;

/// <summary>One item of a person's account data.</summary>
/// <param name="RoomId">"" for global data.</param>
/// <param name="Type">The event type.</param>
/// <param name="Content">A JSON object.</param>
/// <param name="Position">The log position of its last change.</param>
public sealed record AccountDataItem(string RoomId, string Type, byte[] Content, long Position);

/// <summary>Account data, global and by room: the newest content of each type. Tags, push rules and read markers live here too.</summary>
public sealed class AccountDataStore(Database database, LogWriter log)
{
    internal static BulkStatement Rows { get; } = new(
        "account_data", 3, "(user_id, room_id, type) DO UPDATE SET content = excluded.content, position = excluded.position",
        new("user_id", ColumnType.Text), new("room_id", ColumnType.Text), new("type", ColumnType.Text),
        new("content", ColumnType.Blob), new("position", ColumnType.Integer));

    /// <summary>Raised after a change is durable and before its person is told: whose, of which room ("" = global), which type.</summary>
    public event Action<UserId, string, string>? Changed;

    /// <summary>One item, or null.</summary>
    public async ValueTask<AccountDataItem?> FindAsync(UserId user, string roomId, string type)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.FindAsync(
            "SELECT room_id, type, content, position FROM account_data WHERE user_id = $1 AND room_id = $2 AND type = $3",
            Map, user.Value, roomId, type).ConfigureAwait(false);
    }

    /// <summary>What changed in (since, upTo].</summary>
    public async ValueTask<List<AccountDataItem>> ListChangedAsync(UserId user, long since, long upTo)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.QueryAsync(
            "SELECT room_id, type, content, position FROM account_data WHERE user_id = $1 AND position > $2 AND position <= $3",
            Map, user.Value, since, upTo).ConfigureAwait(false);
    }

    /// <summary>All items of one room up to a position.</summary>
    public async ValueTask<List<AccountDataItem>> ListOfRoomAsync(UserId user, RoomId room, long upTo)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.QueryAsync(
            "SELECT room_id, type, content, position FROM account_data WHERE user_id = $1 AND room_id = $2 AND position <= $3",
            Map, user.Value, room.Value, upTo).ConfigureAwait(false);
    }

    /// <summary>All items that belong to no room, up to a position.</summary>
    public async ValueTask<List<AccountDataItem>> ListGlobalAsync(UserId user, long upTo)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.QueryAsync(
            "SELECT room_id, type, content, position FROM account_data WHERE user_id = $1 AND room_id = '' AND position <= $2",
            Map, user.Value, upTo).ConfigureAwait(false);
    }

    /// <summary>The items of one type in every room.</summary>
    public async ValueTask<List<AccountDataItem>> ListInRoomsAsync(UserId user, string type)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.QueryAsync(
            "SELECT room_id, type, content, position FROM account_data WHERE user_id = $1 AND room_id <> '' AND type = $2",
            Map, user.Value, type).ConfigureAwait(false);
    }

    /// <summary>Sets an item.</summary>
    public Task SetAsync(UserId user, string roomId, string type, byte[] content) =>
        log.AppendAsync(new Unit(user, roomId, type, content, () => Changed?.Invoke(user, roomId, type)));

    private static AccountDataItem Map(System.Data.Common.DbDataReader r) =>
        new(r.GetString(0), r.GetString(1), r.GetBytes(2), r.GetInt64(3));

    private sealed class Unit(UserId user, string roomId, string type, byte[] content, Action committed) : LogUnit
    {
        public override int EntryCount => 1;

        public override void Write(WriteBatch batch, long first)
        {
            LogSchema.AddRow(batch, Entry(first));
            batch.Insert(Rows, user.Value, roomId, type, content, first);
        }

        public override void AddEntries(List<LogEntry> entries, long first) => entries.Add(Entry(first));

        public override void OnCommitted(long first) => committed();

        public override void Wake(Notifier notifier) => notifier.Wake(user.Value);

        private LogEntry Entry(long position) => new(position, LogKind.AccountData, 0, user.Value, type);
    }
}
