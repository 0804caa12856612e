using static Causeway.Matrix.AuthVerdict;

namespace Causeway.Matrix;

/// <summary>Rules 2 and 3 of room version 12, 2 of the others: are the auth events such as they must be?</summary>
internal static class AuthEventsCheck
{
    public static AuthVerdict Check(
        RoomEvent e, IReadOnlyCollection<RoomEvent> authEvents, RoomEvent? create, Func<EventId, bool> isRejected)
    {
        // Rule 1 ends with "allow" before any auth event is considered.
        if (e.Type == EventTypes.Create)
        {
            return Allow;
        }

        if (e.Rules.RoomIdIsCreateHash && !IsCreateOf(e, create, isRejected))
        {
            return Refuse("2: the room id is not that of an accepted create event");
        }

        if (!AreThoseNamed(e, authEvents))
        {
            return Refuse("3: not all auth events are known");
        }

        List<StateKey> expected = AuthEventsSelection.Select(e.Type, e.StateKey, e.Sender, e.Content.Span, e.Rules);
        var seen = new HashSet<StateKey>();
        foreach (RoomEvent auth in authEvents)
        {
            if (auth.StateSlot is not { } slot || !expected.Contains(slot))
            {
                return Refuse("3.2: an auth event is not of the expected state");
            }

            if (!seen.Add(slot))
            {
                return Refuse("3.1: two auth events for the same state");
            }

            if (isRejected(auth.Id))
            {
                return Refuse("3.3: an auth event was rejected");
            }

            if (auth.RoomId != e.RoomId)
            {
                return Refuse("3.5: an auth event is of another room");
            }
        }

        return e.Rules.RoomIdIsCreateHash || seen.Contains(StateKey.Create)
            ? Allow
            : Refuse("2.4 (v1 to v11): no create event among the auth events");
    }

    private static bool IsCreateOf(RoomEvent e, RoomEvent? create, Func<EventId, bool> isRejected) =>
        create is not null && create.Type == EventTypes.Create && create.RoomId == e.RoomId && !isRejected(create.Id);

    private static bool AreThoseNamed(RoomEvent e, IReadOnlyCollection<RoomEvent> authEvents)
    {
        var given = authEvents.Select(auth => auth.Id).ToHashSet();
        return given.SetEquals(e.AuthEvents) && authEvents.Count == e.AuthEvents.Count;
    }
}
