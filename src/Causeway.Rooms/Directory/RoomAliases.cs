using System.Text.Json;
using Causeway.Hosting;
using Causeway.Matrix;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Rooms;

/// <summary>Aliases: names of rooms, owned by the organisation whose server name they carry.</summary>
public sealed class RoomAliases(Database database, LogWriter log, IOrganisationResolver organisations)
{
    private const string Insert = "INSERT INTO aliases (alias, organisation, room, creator) VALUES ($1, $2, $3, $4)";

    /// <summary>The room an alias or id stands for; M_NOT_FOUND when the alias is unknown.</summary>
    public async ValueTask<RoomId> ResolveAsync(string idOrAlias)
    {
        if (RoomId.TryParse(idOrAlias, out var id))
        {
            return id;
        }

        if (!RoomAlias.TryParse(idOrAlias, out var alias))
        {
            throw Refusal.InvalidParam("This is neither a room id nor an alias.");
        }

        return await FindAsync(alias).ConfigureAwait(false) ?? throw Refusal.NotFound("There is no room with this alias.");
    }

    /// <summary>The room of an alias, or null.</summary>
    public async ValueTask<RoomId?> FindAsync(RoomAlias alias)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        var id = await session.FindAsync(
            "SELECT r.room_id FROM aliases a JOIN rooms r ON r.nid = a.room WHERE a.alias = $1",
            r => r.GetString(0), alias.Value).ConfigureAwait(false);
        return id is null ? null : RoomId.Parse(id);
    }

    /// <summary>The aliases of a room, in order.</summary>
    public async ValueTask<List<string>> ListAsync(Room room)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.QueryAsync(
            "SELECT alias FROM aliases WHERE room = $1 ORDER BY alias", r => r.GetString(0), room.Nid).ConfigureAwait(false);
    }

    /// <summary>Who made an alias, or null when it is unknown.</summary>
    public async ValueTask<string?> FindCreatorAsync(RoomAlias alias)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.FindAsync("SELECT creator FROM aliases WHERE alias = $1", r => r.GetString(0), alias.Value).ConfigureAwait(false);
    }

    /// <summary>Gives a room an alias; 409 when it is taken.</summary>
    public Task AddAsync(RoomAlias alias, Room room, UserId creator) => log.AppendAsync(new WorkUnit(
        session => ClaimAsync(session, alias, room.Nid, creator)));

    /// <summary>Takes an alias away.</summary>
    public Task RemoveAsync(RoomAlias alias) => log.AppendAsync(new WorkUnit(
        async session => await session.ExecuteAsync("DELETE FROM aliases WHERE alias = $1", alias.Value).ConfigureAwait(false)));

    /// <summary>Every alias that a canonical_alias event names must exist and lead to the room (M_BAD_ALIAS).</summary>
    public async ValueTask CheckCanonicalAsync(Room room, JsonElement content)
    {
        var current = room.Committed.Find("m.room.canonical_alias", "")?.Event.Content;
        var names = new List<string>(content.FindStrings("alt_aliases") ?? []);
        if (content.FindString("alias") is { } main)
        {
            names.Add(main);
        }

        foreach (var name in names)
        {
            if (!RoomAlias.TryParse(name, out var alias))
            {
                throw Refusal.InvalidParam($"'{name}' is not an alias.");
            }

            // One that stood there before may stay, even if its organisation took it away since.
            if (current is { } was && was.Span.IndexOf(JsonEncodedText.Encode(name).EncodedUtf8Bytes) >= 0)
            {
                continue;
            }

            if (await FindAsync(alias).ConfigureAwait(false) is not { } found || found != room.Id)
            {
                throw new Refusal(400, "M_BAD_ALIAS", $"'{name}' does not lead to this room.");
            }
        }
    }

    /// <summary>Inside a transaction: takes the alias for a room, or refuses.</summary>
    internal async ValueTask ClaimAsync(DbSession session, RoomAlias alias, long room, UserId creator)
    {
        var organisation = organisations.Find(alias.ServerName)
            ?? throw Refusal.InvalidParam("The alias belongs to another server.");
        if (await session.FindAsync("SELECT room FROM aliases WHERE alias = $1", r => r.GetInt64(0), alias.Value).ConfigureAwait(false) != 0)
        {
            throw new Refusal(409, "M_UNKNOWN", "This alias is taken.");
        }

        await session.ExecuteAsync(Insert, alias.Value, organisation.Id, room, creator.Value).ConfigureAwait(false);
    }

    private sealed class WorkUnit(Func<DbSession, ValueTask> work) : LogUnit
    {
        public override int EntryCount => 0;

        public override bool HasWork => true;

        public override ValueTask WorkAsync(DbSession session, long first) => work(session);

        public override void Write(WriteBatch batch, long first) { }

        public override void AddEntries(List<LogEntry> entries, long first) { }
    }
}
