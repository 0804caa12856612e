namespace Causeway.Matrix;

/// <summary>
/// The graph of auth events during one resolution. Every walk keeps what it has visited: events of room versions 1 and
/// 2 choose their own ids and could refer to each other in a circle.
/// </summary>
internal sealed class AuthGraph(
    Func<EventId, RoomEvent?> fetch,
    Func<EventId, bool> isRejected,
    Func<IReadOnlyCollection<EventId>, IReadOnlySet<EventId>>? authChain)
{
    private readonly Dictionary<EventId, RoomEvent?> _known = [];

    /// <summary>An event, or null if it is not known.</summary>
    public RoomEvent? Find(EventId id)
    {
        if (!_known.TryGetValue(id, out RoomEvent? found))
        {
            found = fetch(id);
            _known[id] = found;
        }

        return found;
    }

    /// <summary>The known auth events of an event.</summary>
    public IEnumerable<RoomEvent> AuthEventsOf(RoomEvent e)
    {
        foreach (EventId id in e.AuthEvents)
        {
            if (Find(id) is { } auth)
            {
                yield return auth;
            }
        }
    }

    /// <summary>The auth event of this state, if it was not rejected.</summary>
    public RoomEvent? AcceptedAuthEvent(RoomEvent e, StateKey key)
    {
        foreach (RoomEvent auth in AuthEventsOf(e))
        {
            if (auth.StateKey == key.Key && auth.Type == key.Type && !isRejected(auth.Id))
            {
                return auth;
            }
        }

        // Where the room id is the create event's hash, no one names that event: the room id does.
        return e.Rules.RoomIdIsCreateHash && key == StateKey.Create
            && Find(e.RoomId.ToCreateEventId()) is { } create && !isRejected(create.Id) ? create : null;
    }

    /// <summary>The power levels event among the auth events, whether accepted or not.</summary>
    public RoomEvent? PowerLevelsOf(RoomEvent e)
    {
        foreach (RoomEvent auth in AuthEventsOf(e))
        {
            if (auth.Type == EventTypes.PowerLevels && auth.StateKey?.Length == 0)
            {
                return auth;
            }
        }

        return null;
    }

    /// <summary>The create event that an event refers to.</summary>
    public RoomEvent? CreateOf(RoomEvent e) => e.Rules.RoomIdIsCreateHash
        ? Find(e.RoomId.ToCreateEventId())
        : AuthEventsOf(e).FirstOrDefault(auth => auth.Type == EventTypes.Create);

    /// <summary>All events reachable over auth events from these, themselves only where another reaches them.</summary>
    public IReadOnlySet<EventId> AuthChain(IReadOnlyCollection<EventId> from)
    {
        if (authChain is not null)
        {
            return authChain(from);
        }

        var reached = new HashSet<EventId>();
        var open = new Stack<EventId>(from);
        var expanded = new HashSet<EventId>();
        while (open.TryPop(out EventId id))
        {
            if (!expanded.Add(id) || Find(id) is not { } e)
            {
                continue;
            }

            foreach (EventId auth in e.AuthEvents)
            {
                reached.Add(auth);
                open.Push(auth);
            }
        }

        return reached;
    }

    /// <summary>"Auth difference": the events that are not in the auth chain of every state.</summary>
    public HashSet<EventId> AuthDifference(ConflictedState conflict)
    {
        // What all states share is in every chain, so only the chains of conflicted events can differ ...
        List<IReadOnlySet<EventId>> chains = [.. conflict.ConflictedByState.Select(AuthChain)];
        var difference = new HashSet<EventId>(chains.SelectMany(chain => chain));
        difference.RemoveWhere(id => chains.TrueForAll(chain => chain.Contains(id)));

        // ... and what a shared event reaches is no difference either.
        if (difference.Count > 0)
        {
            difference.ExceptWith(AuthChain([.. conflict.Unconflicted.Values]));
        }

        return difference;
    }

    /// <summary>"Conflicted state subgraph" (v2.1): what lies on a path between two conflicted events, and they themselves.</summary>
    public HashSet<EventId> SubgraphBetween(IReadOnlySet<EventId> conflicted)
    {
        // Depth first; an event is on a path if it is conflicted or leads to one that is on a path.
        var onPath = new HashSet<EventId>(conflicted);
        var visited = new HashSet<EventId>();
        var open = new Stack<(EventId Id, bool Leaving)>(conflicted.Select(id => (id, false)));
        while (open.TryPop(out (EventId Id, bool Leaving) step))
        {
            if (step.Leaving)
            {
                if (Find(step.Id)!.AuthEvents.Any(onPath.Contains))
                {
                    onPath.Add(step.Id);
                }

                continue;
            }

            if (!visited.Add(step.Id) || Find(step.Id) is not { } e)
            {
                continue;
            }

            open.Push((step.Id, true));
            foreach (EventId auth in e.AuthEvents)
            {
                open.Push((auth, false));
            }
        }

        return onPath;
    }
}
