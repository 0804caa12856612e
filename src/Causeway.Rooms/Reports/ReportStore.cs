using Causeway.Hosting;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Rooms;

/// <summary>What somebody reported to their administrators.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Received">When, in ms.</param>
/// <param name="Reporter">By whom.</param>
/// <param name="RoomId">The room, of an event or as a whole.</param>
/// <param name="EventId">The event.</param>
/// <param name="Reported">The person: the event's sender, or the one who was reported.</param>
/// <param name="Reason">Why.</param>
internal sealed record Report(
    long Id, long Received, string Reporter, string? RoomId, string? EventId, string? Reported, string? Reason);

/// <summary>Reports, each for the administrators of the reporter's organisation alone.</summary>
internal sealed class ReportStore(Database database, LogWriter log, TimeProvider clock)
{
    private const int MaxReason = 4000;
    private const string Columns = "id, received, reporter, room_id, event_id, reported, reason";

    /// <summary>Keeps a report.</summary>
    public Task AddAsync(Requester by, string? room, string? e, string? reported, string? reason)
    {
        if (reason?.Length > MaxReason)
        {
            throw Refusal.TooLarge($"A reason has at most {MaxReason} characters.");
        }

        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        return log.AppendAsync(new ReportUnit(async session => await session.ExecuteAsync(
            $"INSERT INTO reports (organisation, {Columns}) SELECT $1, COALESCE(max(id), 0) + 1, $2, $3, $4, $5, $6, $7 FROM reports",
            by.Organisation.Id, now, by.User.Value, room, e, reported, reason).ConfigureAwait(false)));
    }

    /// <summary>An organisation's reports, and how many there are without the page's limits.</summary>
    public async ValueTask<(List<Report> Page, long Total)> ListAsync(
        Organisation organisation, string? reporter, string? room, bool newestFirst, long offset, int limit)
    {
        const string where = "FROM reports WHERE organisation = $1 AND ($2 = '' OR reporter = $2) AND ($3 = '' OR room_id = $3)";
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        var total = await session.FindAsync(
            $"SELECT count(*) {where}", r => r.GetInt64(0), organisation.Id, reporter ?? "", room ?? "").ConfigureAwait(false);
        var page = await session.QueryAsync(
            $"SELECT {Columns} {where} ORDER BY id {(newestFirst ? "DESC" : "ASC")} LIMIT $4 OFFSET $5",
            Map, organisation.Id, reporter ?? "", room ?? "", (long)limit, offset).ConfigureAwait(false);
        return (page, total);
    }

    /// <summary>One of an organisation's reports, or null.</summary>
    public async ValueTask<Report?> FindAsync(Organisation organisation, long id)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.FindAsync(
            $"SELECT {Columns} FROM reports WHERE organisation = $1 AND id = $2", Map, organisation.Id, id).ConfigureAwait(false);
    }

    /// <summary>Deletes one.</summary>
    public Task DeleteAsync(Organisation organisation, long id) => log.AppendAsync(new ReportUnit(async session =>
        await session.ExecuteAsync("DELETE FROM reports WHERE organisation = $1 AND id = $2", organisation.Id, id).ConfigureAwait(false)));

    private static Report Map(System.Data.Common.DbDataReader r) => new(
        r.GetInt64(0), r.GetInt64(1), r.GetString(2), r.FindString(3), r.FindString(4), r.FindString(5), r.FindString(6));

    private sealed class ReportUnit(Func<DbSession, ValueTask> work) : LogUnit
    {
        public override int EntryCount => 0;

        public override bool HasWork => true;

        public override ValueTask WorkAsync(DbSession session, long first) => work(session);

        public override void Write(WriteBatch batch, long first) { }

        public override void AddEntries(List<LogEntry> entries, long first) { }
    }
}
