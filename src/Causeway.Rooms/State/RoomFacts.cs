using System.Collections.Concurrent;
using System.Text.Json;
using Causeway.Matrix;
using Causeway.Storage;

namespace Causeway.Rooms;

/// <summary>What lists of rooms are filtered by.</summary>
/// <param name="Type">The type in the create event, such as m.space.</param>
/// <param name="IsEncrypted">Whether messages are to be encrypted.</param>
/// <param name="Name">The name, without what is calculated from members.</param>
public sealed record RoomFacts(string? Type, bool IsEncrypted, string? Name)
{
    /// <summary>The facts a state tells.</summary>
    public static RoomFacts Of(Func<string, RoomEvent?> state) => new(
        state(EventTypes.Create)?.ContentString("type"),
        state("m.room.encryption") is not null,
        state("m.room.name")?.ContentString("name"));
}

/// <summary>Facts of a person's rooms: of loaded rooms from memory, of the others with one question for all of them.</summary>
public sealed class RoomFactsReader(Database database, RoomRegistry rooms, RoomActivity activity)
{
    private const int MaxKept = 200_000;

    private readonly ConcurrentDictionary<long, (long AsOf, RoomFacts Facts)> _kept = new();

    /// <summary>The facts of rooms a person is joined to. Call it after <see cref="RoomActivity.LoadAsync"/>.</summary>
    public async ValueTask<Func<RoomMembership, RoomFacts?>> LoadAsync(UserId user, IEnumerable<RoomMembership> places)
    {
        var missing = new Dictionary<long, long>();
        foreach (var place in places)
        {
            if (place.Membership == Membership.Join && Find(place) is null)
            {
                missing[place.Room] = activity.Of(place);
            }
        }

        if (missing.Count > 0)
        {
            await ReadAsync(user, missing).ConfigureAwait(false);
        }

        return Find;
    }

    private RoomFacts? Find(RoomMembership place) =>
        place.Membership != Membership.Join ? null
        : rooms.FindLoaded(place.Room) is { } room ? RoomFacts.Of(type => room.Committed.Find(type, "")?.Event)
        : _kept.TryGetValue(place.Room, out var kept) && kept.AsOf >= activity.Of(place) ? kept.Facts : null;

    private async ValueTask ReadAsync(UserId user, Dictionary<long, long> wanted)
    {
        if (_kept.Count > MaxKept)
        {
            _kept.Clear();
        }

        await using var session = await database.ReadAsync().ConfigureAwait(false);
        var rows = await session.QueryAsync(
            "SELECT s.room, s.type, l.body FROM memberships m JOIN current_state s ON s.room = m.room AND s.state_key = '' "
            + "AND s.type IN ('m.room.create', 'm.room.encryption', 'm.room.name') JOIN log l ON l.position = s.position "
            + "WHERE m.user_id = $1 AND m.membership = 'join'",
            r => (Room: r.GetInt64(0), Type: r.GetString(1), Body: r.GetBytes(2)), user.Value).ConfigureAwait(false);
        foreach (var room in rows.GroupBy(r => r.Room))
        {
            if (wanted.TryGetValue(room.Key, out var asOf))
            {
                _kept[room.Key] = (asOf, new RoomFacts(
                    Content(room, EventTypes.Create, "type"), room.Any(r => r.Type == "m.room.encryption"), Content(room, "m.room.name", "name")));
            }
        }
    }

    private static string? Content(IEnumerable<(long Room, string Type, byte[] Body)> state, string type, string field)
    {
        foreach (var (_, found, body) in state)
        {
            if (found == type)
            {
                using var json = JsonDocument.Parse(body);
                return json.RootElement.TryGetProperty("content", out var content) && content.ValueKind == JsonValueKind.Object
                    && content.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
            }
        }

        return null;
    }
}
