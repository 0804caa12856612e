using System.Text.Json;
using Causeway.Accounts;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>Told when somebody enters the successor of a room they were in; Push carries their rules over.</summary>
public interface ISuccessionObserver
{
    /// <summary>Called after the person's join is durable.</summary>
    Task SucceededAsync(UserId user, RoomId old, RoomId successor);
}

/// <summary>
/// Who enters an upgraded room finds their tags there, direct chats stay direct, and rules of notification go on
/// (Client-server API, "Room Upgrades").
/// </summary>
public sealed class Succession(
    RoomRegistry rooms, UserRoomsCache userRooms, AccountDataStore data, IEnumerable<ISuccessionObserver> observers)
{
    private const string Tags = "m.tag";
    private const string Direct = "m.direct";

    /// <summary>Carries over what the person had in the room that this one replaces, if it does replace one.</summary>
    public async Task EnteredAsync(UserId user, Room successor)
    {
        if (Predecessor(successor) is not { } id || await rooms.FindAsync(id).ConfigureAwait(false) is not { } old
            || old.Committed.Text("m.room.tombstone", "replacement_room") != successor.Id.Value
            || await userRooms.FindAsync(user.Value, old.Nid).ConfigureAwait(false) is null)
        {
            return;
        }

        if (await data.FindAsync(user, old.Id.Value, Tags).ConfigureAwait(false) is { } tags
            && await data.FindAsync(user, successor.Id.Value, Tags).ConfigureAwait(false) is null)
        {
            await data.SetAsync(user, successor.Id.Value, Tags, tags.Content).ConfigureAwait(false);
        }

        if (await data.FindAsync(user, "", Direct).ConfigureAwait(false) is { } direct
            && WithSuccessor(direct.Content, old.Id.Value, successor.Id.Value) is { } changed)
        {
            await data.SetAsync(user, "", Direct, changed).ConfigureAwait(false);
        }

        foreach (var observer in observers)
        {
            await observer.SucceededAsync(user, old.Id, successor.Id).ConfigureAwait(false);
        }
    }

    /// <summary>The room that this one says it replaces, or null.</summary>
    public static RoomId? Predecessor(Room room)
    {
        if (room.Committed.Find(EventTypes.Create, "") is not { } create)
        {
            return null;
        }

        using var content = JsonDocument.Parse(create.Event.Content);
        return content.RootElement.TryGetProperty("predecessor", out var predecessor) && predecessor.ValueKind == JsonValueKind.Object
            && predecessor.TryGetProperty("room_id", out var id) && id.ValueKind == JsonValueKind.String
            && RoomId.TryParse(id.GetString(), out var parsed)
                ? parsed
                : null;
    }

    /// <summary>The direct chats with the successor beside each mention of the old room; null when there is none.</summary>
    private static byte[]? WithSuccessor(byte[] direct, string old, string successor)
    {
        using var content = JsonDocument.Parse(direct);
        var changed = false;
        var written = Json.Object(json =>
        {
            foreach (var person in content.RootElement.EnumerateObject())
            {
                if (person.Value.ValueKind != JsonValueKind.Array
                    || !person.Value.EnumerateArray().Any(r => r.ValueKind == JsonValueKind.String && r.ValueEquals(old))
                    || person.Value.EnumerateArray().Any(r => r.ValueKind == JsonValueKind.String && r.ValueEquals(successor)))
                {
                    person.WriteTo(json);
                    continue;
                }

                changed = true;
                json.WriteStartArray(person.Name);
                foreach (var room in person.Value.EnumerateArray())
                {
                    room.WriteTo(json);
                }

                json.WriteStringValue(successor);
                json.WriteEndArray();
            }
        });
        return changed ? written : null;
    }
}
