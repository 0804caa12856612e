namespace Causeway.Matrix;

/// <summary>
/// State resolution ("State resolution" of each room version): makes one state of several. Pure: the same states and
/// events give the same result, in whatever order they come.
/// </summary>
public static class StateResolver
{
    /// <summary>Resolves states by the algorithm of the room's version.</summary>
    /// <param name="rules">The rules of the room's version.</param>
    /// <param name="states">The states to resolve.</param>
    /// <param name="fetch">Gives an event by id; null if it is not known, which leaves it out.</param>
    /// <param name="isRejected">Tells which events were rejected; none if null.</param>
    /// <param name="authChain">
    /// The events reachable over auth events from a set of events; for callers that keep auth chains. Walked with
    /// <paramref name="fetch"/> if null.
    /// </param>
    public static StateMap Resolve(
        RoomVersionRules rules,
        IReadOnlyList<IReadOnlyDictionary<StateKey, EventId>> states,
        Func<EventId, RoomEvent?> fetch,
        Func<EventId, bool>? isRejected = null,
        Func<IReadOnlyCollection<EventId>, IReadOnlySet<EventId>>? authChain = null)
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(states);
        ArgumentNullException.ThrowIfNull(fetch);
        if (states.Count <= 1)
        {
            return states.Count == 0 ? [] : new StateMap(states[0]);
        }

        var graph = new AuthGraph(fetch, isRejected ?? (static _ => false), authChain);
        return rules.StateResolution switch
        {
            StateResolutionAlgorithm.V1 => StateResolutionV1.Resolve(states, graph),
            StateResolutionAlgorithm.V2 => StateResolutionV2.Resolve(states, graph, startEmpty: false, withSubgraph: false),
            StateResolutionAlgorithm.V21 => StateResolutionV2.Resolve(states, graph, startEmpty: true, withSubgraph: true),
        };
    }
}
