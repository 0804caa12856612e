namespace Causeway.Matrix;

/// <summary>Gives the shared string of a common event type, so that a loaded event need not hold its own copy.</summary>
internal static class KnownEventTypes
{
    private static readonly (byte[] Utf8, string Text)[][] ByLength = Group(
        EventTypes.Create, EventTypes.Member, EventTypes.PowerLevels, EventTypes.JoinRules, EventTypes.ThirdPartyInvite,
        EventTypes.HistoryVisibility, EventTypes.Aliases, EventTypes.Redaction, EventTypes.Message, EventTypes.Encrypted,
        EventTypes.Tombstone, "m.room.encryption", "m.room.name", "m.room.topic", "m.room.avatar", "m.room.guest_access",
        "m.room.canonical_alias", "m.room.server_acl", "m.room.pinned_events", "m.reaction", "m.sticker", "m.space.child",
        "m.space.parent");

    /// <summary>The shared string, or null if the type is not a common one.</summary>
    public static string? Find(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length >= ByLength.Length)
        {
            return null;
        }

        foreach ((byte[] known, string text) in ByLength[utf8.Length])
        {
            if (utf8.SequenceEqual(known))
            {
                return text;
            }
        }

        return null;
    }

    private static (byte[] Utf8, string Text)[][] Group(params string[] types) =>
        [.. Enumerable.Range(0, types.Max(type => type.Length) + 1).Select(length =>
            types.Where(type => type.Length == length).Select(type => (System.Text.Encoding.ASCII.GetBytes(type), type)).ToArray())];
}
