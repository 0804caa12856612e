using System.Text;

namespace Causeway.Matrix;

/// <summary>Refuses drafts that could only become events other servers drop.</summary>
internal static class DraftCheck
{
    /// <exception cref="MalformedEventException">The draft is not an event of this version.</exception>
    public static void Check(EventDraft draft, RoomVersionRules rules)
    {
        CheckKey(draft.Type, "type");
        if (draft.StateKey is not null)
        {
            CheckKey(draft.StateKey, "state_key");
        }

        Require(draft.Sender != default, "The draft has no sender.");
        Require(draft.Depth is >= 0 and <= CanonicalJson.MaxInteger, "The depth is outside 0 to 2^53-1.");
        Require(draft.OriginServerTs is >= 0 and <= CanonicalJson.MaxInteger, "The timestamp is outside 0 to 2^53-1.");
        Require(draft.PrevEvents.Count <= 20, "There are more than 20 prev events.");
        Require(draft.AuthEvents.Count <= 10, "There are more than 10 auth events.");
        Require(!draft.PrevEvents.Contains(default) && !draft.AuthEvents.Contains(default), "An event id is empty.");
        bool namesItsRoom = rules.RoomIdIsCreateHash && draft.Type == EventTypes.Create;
        Require(
            namesItsRoom ? draft.RoomId is null : draft.RoomId is { } room && room != default,
            namesItsRoom ? "The create event of this room version has no room id." : "The draft has no room id.");
        Require(
            rules.EventIdFormat != EventIdFormat.Legacy || (draft.LegacyEventId is { } id && id != default),
            "In this room version the event id must be given.");
    }

    private static void CheckKey(string text, string key)
    {
        if (text.Length > EventReader.MaxKeyBytes || Encoding.UTF8.GetByteCount(text) > EventReader.MaxKeyBytes)
        {
            throw new EventTooLargeException($"The {key} is longer than 255 bytes.");
        }

        // NUL is legal in JSON but no relational database can keep it in a text column: do not make such events.
        Require(!text.Contains('\0') && IdGrammar.IsLegalText(text), $"The {key} holds NUL or a lone surrogate.");
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new MalformedEventException(otherwise);
        }
    }
}
