namespace Causeway.Matrix;

/// <summary>"Unconflicted state map and conflicted state set" of room version 2 and later.</summary>
internal sealed class ConflictedState
{
    private ConflictedState()
    {
    }

    /// <summary>What every state has, and has the same.</summary>
    public StateMap Unconflicted { get; } = [];

    /// <summary>The events of all other places.</summary>
    public HashSet<EventId> Conflicted { get; } = [];

    /// <summary>The conflicted events of each state.</summary>
    public List<List<EventId>> ConflictedByState { get; } = [];

    public static ConflictedState Of(IReadOnlyList<IReadOnlyDictionary<StateKey, EventId>> states)
    {
        var result = new ConflictedState();
        foreach ((StateKey key, EventId id) in states[0])
        {
            if (states.All(state => state.TryGetValue(key, out EventId other) && other == id))
            {
                result.Unconflicted[key] = id;
            }
        }

        foreach (IReadOnlyDictionary<StateKey, EventId> state in states)
        {
            var ofState = new List<EventId>();
            foreach ((StateKey key, EventId id) in state)
            {
                if (!result.Unconflicted.ContainsKey(key))
                {
                    ofState.Add(id);
                    result.Conflicted.Add(id);
                }
            }

            result.ConflictedByState.Add(ofState);
        }

        return result;
    }
}
