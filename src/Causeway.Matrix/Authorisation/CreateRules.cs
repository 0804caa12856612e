using static Causeway.Matrix.AuthVerdict;

namespace Causeway.Matrix;

/// <summary>Rule 1: <c>m.room.create</c>.</summary>
internal static class CreateRules
{
    public static AuthVerdict Check(RoomEvent e)
    {
        if (e.PrevEvents.Count > 0)
        {
            return Refuse("1.1: the create event follows another");
        }

        if (e.Rules.RoomIdIsCreateHash && e.HasRoomIdKey)
        {
            return Refuse("1.2: the create event has a room id");
        }

        if (!e.Rules.RoomIdIsCreateHash && !e.RoomId.Domain.SequenceEqual(e.Sender.ServerNameText))
        {
            return Refuse("1.2 (v1 to v11): the room id is of another server than the sender");
        }

        // Beyond the rule: a version that we know but that is not the one whose rules this event was read by is refused
        // too, or a room could be judged by two sets of rules.
        ReadOnlySpan<byte> version = JsonMembers.Find(e.Content.Span, "room_version"u8);
        if (!version.IsEmpty && JsonMembers.AsString(version) != e.Rules.Version)
        {
            return Refuse("1.3: the room version is not a recognised one, or not that of the room");
        }

        if (e.Rules.CreateHasCreatorField && JsonMembers.Find(e.Content.Span, "creator"u8).IsEmpty)
        {
            return Refuse("1.4 (v1 to v10): the create event names no creator");
        }

        return e.CreateContent.AreWellFormed ? Allow : Refuse("1.4: additional_creators is not an array of user ids");
    }
}
