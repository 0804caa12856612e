namespace Causeway.Matrix;

/// <summary>"Mainline ordering": by how far back on the line of power levels an event hangs, oldest first.</summary>
internal static class MainlineOrdering
{
    private const int Nowhere = int.MaxValue;

    public static List<RoomEvent> Sort(IEnumerable<RoomEvent> events, EventId? powerLevels, AuthGraph graph)
    {
        Dictionary<EventId, int> positions = Mainline(powerLevels, graph);
        List<(RoomEvent Event, int Position)> placed = [.. events.Select(e => (e, PositionOf(e, positions, graph)))];
        placed.Sort(static (x, y) =>
        {
            int order = y.Position.CompareTo(x.Position);
            order = order != 0 ? order : x.Event.OriginServerTs.CompareTo(y.Event.OriginServerTs);
            return order != 0 ? order : x.Event.Id.CompareTo(y.Event.Id);
        });
        return [.. placed.Select(entry => entry.Event)];
    }

    private static Dictionary<EventId, int> Mainline(EventId? powerLevels, AuthGraph graph)
    {
        var positions = new Dictionary<EventId, int>();
        RoomEvent? e = powerLevels is { } id ? graph.Find(id) : null;
        while (e is not null && positions.TryAdd(e.Id, positions.Count))
        {
            e = graph.PowerLevelsOf(e);
        }

        return positions;
    }

    /// <summary>The mainline position; remembers that of every power levels event passed, so that no line is walked twice.</summary>
    private static int PositionOf(RoomEvent e, Dictionary<EventId, int> positions, AuthGraph graph)
    {
        var passed = new List<EventId>();
        var visited = new HashSet<EventId>();
        int position = Nowhere;
        RoomEvent? levels = graph.PowerLevelsOf(e);
        while (levels is not null && visited.Add(levels.Id))
        {
            if (positions.TryGetValue(levels.Id, out int known))
            {
                position = known;
                break;
            }

            passed.Add(levels.Id);
            levels = graph.PowerLevelsOf(levels);
        }

        foreach (EventId id in passed)
        {
            positions[id] = position;
        }

        return position;
    }
}
