namespace Causeway.Matrix;

/// <summary>"Iterative auth checks": replays events on a state, leaving out those it does not allow.</summary>
internal static class IterativeAuthChecks
{
    public static void Apply(List<RoomEvent> events, StateMap state, AuthGraph graph)
    {
        foreach (RoomEvent e in events)
        {
            if (AuthRules.Check(e, key => Find(e, key, state, graph)).Allowed)
            {
                state[e.StateSlot!.Value] = e.Id;
            }
        }
    }

    private static RoomEvent? Find(RoomEvent e, StateKey key, StateMap state, AuthGraph graph) =>
        state.TryGetValue(key, out EventId id) ? graph.Find(id) : graph.AcceptedAuthEvent(e, key);
}
