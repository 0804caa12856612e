namespace Causeway.Matrix;

/// <summary>"Reverse topological power ordering": Kahn's algorithm, of the free events always the smallest first.</summary>
internal static class PowerOrdering
{
    public static List<RoomEvent> Sort(IReadOnlyCollection<RoomEvent> events, AuthGraph graph)
    {
        var waitsFor = new Dictionary<EventId, int>(events.Count);
        var permits = new Dictionary<EventId, List<RoomEvent>>(events.Count);
        foreach (RoomEvent e in events)
        {
            permits[e.Id] = [];
        }

        foreach (RoomEvent e in events)
        {
            int count = 0;
            foreach (EventId auth in e.AuthEvents.Distinct())
            {
                if (permits.TryGetValue(auth, out List<RoomEvent>? permitted))
                {
                    permitted.Add(e);
                    count++;
                }
            }

            waitsFor[e.Id] = count;
        }

        var free = new PriorityQueue<RoomEvent, (long NegatedPower, long Time, EventId Id)>(Order.Instance);
        foreach (RoomEvent e in events.Where(e => waitsFor[e.Id] == 0))
        {
            free.Enqueue(e, Rank(e, graph));
        }

        var sorted = new List<RoomEvent>(events.Count);
        while (free.TryDequeue(out RoomEvent? next, out _))
        {
            sorted.Add(next);
            foreach (RoomEvent e in permits[next.Id])
            {
                if (--waitsFor[e.Id] == 0)
                {
                    free.Enqueue(e, Rank(e, graph));
                }
            }
        }

        return sorted;
    }

    // The power is that of the sender by the event's own auth events. Negating is safe: no level is long.MinValue once
    // clamped, and the infinite one of creators stays the greatest.
    private static (long NegatedPower, long Time, EventId Id) Rank(RoomEvent e, AuthGraph graph)
    {
        long power = PowerLevels.Of(graph.PowerLevelsOf(e), graph.CreateOf(e)).UserLevel(e.Sender);
        return (-Math.Max(power, -long.MaxValue), e.OriginServerTs, e.Id);
    }

    private sealed class Order : IComparer<(long NegatedPower, long Time, EventId Id)>
    {
        public static readonly Order Instance = new();

        public int Compare((long NegatedPower, long Time, EventId Id) x, (long NegatedPower, long Time, EventId Id) y)
        {
            int order = x.NegatedPower.CompareTo(y.NegatedPower);
            order = order != 0 ? order : x.Time.CompareTo(y.Time);
            return order != 0 ? order : x.Id.CompareTo(y.Id);
        }
    }
}
