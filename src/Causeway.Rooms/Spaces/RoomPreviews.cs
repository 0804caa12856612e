using System.Text.Json;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>Who may learn what a room is without being in it: those who could join or ask to, and everybody of a world readable one.</summary>
internal sealed class RoomPreviews(RoomRegistry rooms, MembershipWriter members)
{
    /// <summary>The room, when this person (or nobody in particular) may know of it; null otherwise, whether or not it exists.</summary>
    public async ValueTask<Room?> FindAsync(RoomId id, Requester? requester)
    {
        if (await rooms.FindAsync(id).ConfigureAwait(false) is not { } room)
        {
            return null;
        }

        if (room.VisibilityHistory is [.., (_, "world_readable")])
        {
            return room;
        }

        var rule = room.Committed.Find(EventTypes.JoinRules, "")?.Event.JoinRule ?? JoinRule.Invite;
        var isOpen = rule is JoinRule.Public or JoinRule.Knock or JoinRule.KnockRestricted;
        if (requester is null)
        {
            return isOpen ? room : null;
        }

        var may = room.Committed.MembershipOf(requester.User.Value) switch
        {
            Membership.Join or Membership.Invite => true,
            Membership.Ban => false,
            _ => isOpen || (rule == JoinRule.Restricted && await members.MeetsRestrictionAsync(room, requester.User).ConfigureAwait(false)),
        };
        return may ? room : null;
    }

    /// <summary>The members of a RoomSummary.</summary>
    public static void WriteMembers(Utf8JsonWriter json, Room room)
    {
        RoomSummary.WriteMembers(json, room);
        if (room.Committed.Find(EventTypes.JoinRules, "") is { Event.JoinRule: JoinRule.Restricted or JoinRule.KnockRestricted } rules)
        {
            json.WriteStartArray("allowed_room_ids"u8);
            foreach (var id in AllowedRooms(rules.Event))
            {
                json.WriteStringValue(id);
            }

            json.WriteEndArray();
        }

        if (room.Committed.Text("m.room.encryption", "algorithm") is { } algorithm)
        {
            json.WriteString("encryption"u8, algorithm);
        }

        json.WriteString("room_version"u8, room.Rules.Version);
    }

    /// <summary>The rooms whose members a restricted join rule lets in.</summary>
    public static List<string> AllowedRooms(RoomEvent rules)
    {
        var found = new List<string>();
        using var content = JsonDocument.Parse(rules.Content);
        if (content.RootElement.TryGetProperty("allow", out var allow) && allow.ValueKind == JsonValueKind.Array)
        {
            foreach (var entry in allow.EnumerateArray())
            {
                if (entry.ValueKind == JsonValueKind.Object
                    && entry.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("m.room_membership")
                    && entry.TryGetProperty("room_id", out var id) && id.ValueKind == JsonValueKind.String)
                {
                    found.Add(id.GetString()!);
                }
            }
        }

        return found;
    }
}
