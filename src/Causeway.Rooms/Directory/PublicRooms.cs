using System.Globalization;
using System.Text.Json;
using Causeway.Hosting;
using Causeway.Matrix;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Rooms;

/// <summary>An organisation's list of published rooms.</summary>
public sealed class RoomDirectory(Database database, LogWriter log, RoomRegistry rooms)
{
    private const string Publish = "INSERT INTO published_rooms (organisation, room) VALUES ($1, $2) ON CONFLICT (organisation, room) DO NOTHING";

    /// <summary>Whether the room is in the organisation's list.</summary>
    public async ValueTask<bool> IsPublishedAsync(Organisation organisation, Room room)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.FindAsync(
            "SELECT room FROM published_rooms WHERE organisation = $1 AND room = $2", r => r.GetInt64(0), organisation.Id, room.Nid)
            .ConfigureAwait(false) != 0;
    }

    /// <summary>Puts the room into the list or takes it out.</summary>
    public Task SetAsync(Organisation organisation, Room room, bool published) => log.AppendAsync(new PublishUnit(
        published ? Publish : "DELETE FROM published_rooms WHERE organisation = $1 AND room = $2", organisation.Id, room.Nid));

    /// <summary>The rows that publish a room made in the same transaction.</summary>
    internal static void Add(WriteBatch batch, Organisation organisation, long room) => batch.Execute(Publish, organisation.Id, room);

    /// <summary>The published rooms, largest first.</summary>
    public async ValueTask<List<Room>> ListAsync(Organisation organisation)
    {
        List<string> ids;
        await using (var session = await database.ReadAsync().ConfigureAwait(false))
        {
            ids = await session.QueryAsync(
                "SELECT r.room_id FROM published_rooms p JOIN rooms r ON r.nid = p.room WHERE p.organisation = $1",
                r => r.GetString(0), organisation.Id).ConfigureAwait(false);
        }

        var list = new List<Room>(ids.Count);
        foreach (var id in ids)
        {
            if (await rooms.FindAsync(RoomId.Parse(id)).ConfigureAwait(false) is { } room)
            {
                list.Add(room);
            }
        }

        return [.. list.OrderByDescending(r => r.Committed.Joined).ThenBy(r => r.Id.Value, StringComparer.Ordinal)];
    }

    private sealed class PublishUnit(string sql, long organisation, long room) : LogUnit
    {
        public override int EntryCount => 0;

        public override void Write(WriteBatch batch, long first) => batch.Execute(sql, organisation, room);

        public override void AddEntries(List<LogEntry> entries, long first) { }
    }
}

/// <summary>
/// GET and POST /_matrix/client/v3/publicRooms: the organisation's published rooms, a page at a time.
/// Client-server API, "Published room directory".
/// </summary>
internal sealed class PublicRooms(RoomDirectory directory, IOrganisationResolver organisations) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        long? limit;
        string? since, term = null;
        List<string?>? types = null;
        var organisation = request.FindRequester?.Organisation ?? request.Organisation;
        if (request.Query("server") is { } server)
        {
            organisation = ServerName.TryParse(server, out var name) && organisations.Find(name) is { } found
                ? found
                : throw new Refusal(404, "M_NOT_FOUND", "This server cannot reach that one.");
        }

        if (request.Http.Request.Method == "POST")
        {
            using var body = await request.ReadJsonAsync(emptyIsObject: true).ConfigureAwait(false);
            limit = body.Root.FindInteger("limit");
            since = body.Root.FindString("since");
            var filter = body.Root.FindObject("filter");
            term = filter?.FindString("generic_search_term");
            types = filter?.FindArray("room_types")?.EnumerateArray().Select(TypeOf).ToList();
        }
        else
        {
            limit = request.QueryInteger("limit");
            since = request.Query("since");
        }

        if (limit < 0)
        {
            throw Refusal.InvalidParam("'limit' must not be negative.");
        }

        var offset = 0;
        if (since is not null && (!since.StartsWith('p') || !int.TryParse(since.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out offset)))
        {
            throw Refusal.InvalidParam("'since' is not a token of this server.");
        }

        var all = (await directory.ListAsync(organisation).ConfigureAwait(false)).FindAll(r => Matches(r.Committed, term, types));
        var page = all.Skip(offset).Take((int)Math.Clamp(limit ?? 100, 0, 500)).ToList();
        await request.ReplyAsync(json => Write(json, all, page, offset)).ConfigureAwait(false);
    }

    private static string? TypeOf(JsonElement type) => type.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => type.GetString(),
        _ => throw Refusal.BadJson("'room_types' must hold strings or null."),
    };

    private static bool Matches(RoomSnapshot state, string? term, List<string?>? types) =>
        (types is null || types.Contains(state.Text(EventTypes.Create, "type")))
        && (string.IsNullOrEmpty(term)
            || Contains(state.Text("m.room.name", "name"), term)
            || Contains(state.Text("m.room.topic", "topic"), term)
            || Contains(state.Text("m.room.canonical_alias", "alias"), term));

    private static bool Contains(string? text, string term) => text?.Contains(term, StringComparison.OrdinalIgnoreCase) == true;

    private static void Write(Utf8JsonWriter json, List<Room> all, List<Room> page, int offset)
    {
        json.WriteStartObject();
        json.WriteStartArray("chunk"u8);
        foreach (var room in page)
        {
            json.WriteStartObject();
            RoomSummary.WriteMembers(json, room);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (offset + page.Count < all.Count && page.Count > 0)
        {
            json.WriteString("next_batch"u8, string.Create(CultureInfo.InvariantCulture, $"p{offset + page.Count}"));
        }

        if (offset > 0)
        {
            json.WriteString("prev_batch"u8, string.Create(CultureInfo.InvariantCulture, $"p{Math.Max(0, offset - page.Count)}"));
        }

        json.WriteNumber("total_room_count_estimate"u8, all.Count);
        json.WriteEndObject();
    }
}

/// <summary>What anybody may know of a room that is listed or joinable (PublicRoomsChunk).</summary>
internal static class RoomSummary
{
    public static void WriteMembers(Utf8JsonWriter json, Room room)
    {
        var state = room.Committed;
        json.WriteString("room_id"u8, room.Id.Value);
        json.WriteNumber("num_joined_members"u8, state.Joined);
        json.WriteBoolean("world_readable"u8, room.VisibilityHistory is [.., (_, "world_readable")]);
        json.WriteBoolean("guest_can_join"u8, state.Text("m.room.guest_access", "guest_access") == "can_join");
        json.WriteString("join_rule"u8, state.Text(EventTypes.JoinRules, "join_rule") ?? "invite");
        Text("name", state.Text("m.room.name", "name"));
        Text("topic", state.Text("m.room.topic", "topic"));
        Text("avatar_url", state.Text("m.room.avatar", "url"));
        Text("canonical_alias", state.Text("m.room.canonical_alias", "alias"));
        Text("room_type", state.Text(EventTypes.Create, "type"));

        void Text(string name, string? value)
        {
            if (value is not null)
            {
                json.WriteString(name, value);
            }
        }
    }
}

/// <summary>GET /_matrix/client/v3/directory/list/room/{roomId}. Client-server API, "Published room directory".</summary>
internal sealed class GetRoomVisibility(RoomDirectory directory, RoomRegistry rooms) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var room = await rooms.GetAsync(request.RoomId()).ConfigureAwait(false);
        var published = await directory.IsPublishedAsync(request.Organisation, room).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("visibility"u8, published ? "public"u8 : "private"u8);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}

/// <summary>
/// PUT /_matrix/client/v3/directory/list/room/{roomId}: by who may set the room's canonical alias, or an administrator.
/// Client-server API, "Published room directory".
/// </summary>
internal sealed class SetRoomVisibility(RoomDirectory directory, RoomRegistry rooms) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var room = await rooms.GetAsync(request.RoomId()).ConfigureAwait(false);
        using var body = await request.ReadJsonAsync(emptyIsObject: true).ConfigureAwait(false);
        var published = (body.Root.FindString("visibility") ?? "public") switch
        {
            "public" => true,
            "private" => false,
            _ => throw Refusal.InvalidParam("'visibility' must be public or private."),
        };
        var requester = request.Requester;
        var power = room.Committed.Power;
        if (!room.Committed.IsJoined(requester.User)
            || (power.UserLevel(requester.User) < power.EventLevel("m.room.canonical_alias", isState: true) && !requester.IsAdmin))
        {
            throw Refusal.Forbidden("You may not change where this room is listed.");
        }

        await directory.SetAsync(requester.Organisation, room, published).ConfigureAwait(false);
        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}
