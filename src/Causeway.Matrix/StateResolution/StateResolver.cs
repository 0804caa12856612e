namespace Causeway.Matrix;

public static class StateResolver
{
    /// <param name="states">The states to resolve.</param>
    /// <param name="fetch">Gives an event by id; null if it is not known.</param>
    /// <param name="isRejected">Tells which events were rejected; none if null.</param>
    /// <param name="authChain">The full auth chain of a set of events (themselves not included); walked with fetch if null.</param>
    public static StateMap Resolve(
        RoomVersionRules rules,
        IReadOnlyList<IReadOnlyDictionary<StateKey, EventId>> states,
        Func<EventId, RoomEvent?> fetch,
        Func<EventId, bool>? isRejected = null,
        Func<IReadOnlyCollection<EventId>, IReadOnlySet<EventId>>? authChain = null) => throw new NotImplementedException();
}
