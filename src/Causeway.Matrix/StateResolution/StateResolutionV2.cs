namespace Causeway.Matrix;

/// <summary>
/// The algorithm of room versions 2 to 11, and with its two amendments (MSC4297) that of room version 12. The step
/// numbers are those of the specification's "Algorithm".
/// </summary>
internal static class StateResolutionV2
{
    public static StateMap Resolve(
        IReadOnlyList<IReadOnlyDictionary<StateKey, EventId>> states, AuthGraph graph, bool startEmpty, bool withSubgraph)
    {
        ConflictedState conflict = ConflictedState.Of(states);
        if (conflict.Conflicted.Count == 0)
        {
            return conflict.Unconflicted;
        }

        Dictionary<EventId, RoomEvent> full = FullConflictedSet(conflict, graph, withSubgraph);

        // 1: power events and what permits them, in the reverse topological power ordering.
        HashSet<EventId> power = PowerEventsWithTheirAuthEvents(full);
        List<RoomEvent> first = PowerOrdering.Sort([.. power.Select(id => full[id])], graph);

        // 2
        var resolved = startEmpty ? [] : new StateMap(conflict.Unconflicted);
        IterativeAuthChecks.Apply(first, resolved, graph);

        // 3
        EventId? levels = resolved.TryGetValue(StateKey.PowerLevels, out EventId found) ? found : null;
        List<RoomEvent> rest = MainlineOrdering.Sort(full.Values.Where(e => !power.Contains(e.Id)), levels, graph);

        // 4
        IterativeAuthChecks.Apply(rest, resolved, graph);

        // 5
        foreach ((StateKey key, EventId id) in conflict.Unconflicted)
        {
            resolved[key] = id;
        }

        return resolved;
    }

    private static Dictionary<EventId, RoomEvent> FullConflictedSet(ConflictedState conflict, AuthGraph graph, bool withSubgraph)
    {
        var ids = new HashSet<EventId>(conflict.Conflicted);
        ids.UnionWith(graph.AuthDifference(conflict));
        if (withSubgraph)
        {
            ids.UnionWith(graph.SubgraphBetween(conflict.Conflicted));
        }

        var full = new Dictionary<EventId, RoomEvent>(ids.Count);
        foreach (EventId id in ids)
        {
            // Auth chains hold state events only; one that is not came from a caller's chain over a bad event.
            if (graph.Find(id) is { IsState: true } e)
            {
                full[id] = e;
            }
        }

        return full;
    }

    /// <summary>
    /// Step 1's set: the walk from a power event goes on only within the full conflicted set, as it does in the
    /// servers in use, so that all sort the same events first.
    /// </summary>
    private static HashSet<EventId> PowerEventsWithTheirAuthEvents(Dictionary<EventId, RoomEvent> full)
    {
        var chosen = new HashSet<EventId>();
        var open = new Stack<EventId>(full.Values.Where(IsPowerEvent).Select(e => e.Id));
        while (open.TryPop(out EventId id))
        {
            if (!chosen.Add(id))
            {
                continue;
            }

            foreach (EventId auth in full[id].AuthEvents)
            {
                if (full.ContainsKey(auth))
                {
                    open.Push(auth);
                }
            }
        }

        return chosen;
    }

    private static bool IsPowerEvent(RoomEvent e) => e.Type switch
    {
        EventTypes.PowerLevels or EventTypes.JoinRules => e.StateKey?.Length == 0,
        EventTypes.Member => e.Membership is Membership.Leave or Membership.Ban && e.Sender.Value != e.StateKey,
        _ => false,
    };
}
