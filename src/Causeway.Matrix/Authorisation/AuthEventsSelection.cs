namespace Causeway.Matrix;

/// <summary>Which state an event's auth events are taken from (server-server API, "Auth events selection").</summary>
internal static class AuthEventsSelection
{
    public static List<StateKey> Select(
        string type, string? stateKey, UserId sender, ReadOnlySpan<byte> content, RoomVersionRules rules)
    {
        var keys = new List<StateKey>(6);
        if (type == EventTypes.Create)
        {
            return keys;
        }

        if (!rules.RoomIdIsCreateHash)
        {
            keys.Add(StateKey.Create);
        }

        keys.Add(StateKey.PowerLevels);
        keys.Add(StateKey.Member(sender));
        if (type == EventTypes.Member && stateKey is not null)
        {
            SelectForMember(keys, stateKey, sender, content, rules);
        }

        return keys;
    }

    private static void SelectForMember(
        List<StateKey> keys, string target, UserId sender, ReadOnlySpan<byte> content, RoomVersionRules rules)
    {
        if (target != sender.Value)
        {
            keys.Add(new StateKey(EventTypes.Member, target));
        }

        string? membership = JsonMembers.AsString(JsonMembers.Find(content, "membership"u8));
        if (membership is "join" or "invite" or "knock")
        {
            keys.Add(StateKey.JoinRules);
        }

        if (membership == "invite" && ThirdPartyInvites.Token(content) is { } token)
        {
            keys.Add(new StateKey(EventTypes.ThirdPartyInvite, token));
        }

        if (membership == "join" && rules.RestrictedJoinsAllowed
            && JsonMembers.AsString(JsonMembers.Find(content, "join_authorised_via_users_server"u8)) is { } authoriser
            && authoriser != target && authoriser != sender.Value)
        {
            keys.Add(new StateKey(EventTypes.Member, authoriser));
        }
    }
}
