namespace Causeway.Matrix;

/// <summary>The state of a room: which event holds for each state key.</summary>
public sealed class StateMap : Dictionary<StateKey, EventId>
{
    public StateMap()
    {
    }

    public StateMap(IEnumerable<KeyValuePair<StateKey, EventId>> entries)
        : base(entries)
    {
    }
}
