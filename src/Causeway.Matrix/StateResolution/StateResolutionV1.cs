using System.Security.Cryptography;
using System.Text;

namespace Causeway.Matrix;

/// <summary>The algorithm of room version 1, known to reset state; needed to take part in such rooms.</summary>
internal static class StateResolutionV1
{
    private static readonly string[] AuthTypes = [EventTypes.PowerLevels, EventTypes.JoinRules, EventTypes.Member];

    public static StateMap Resolve(IReadOnlyList<IReadOnlyDictionary<StateKey, EventId>> states, AuthGraph graph)
    {
        Dictionary<StateKey, HashSet<EventId>> byKey = [];
        foreach ((StateKey key, EventId id) in states.SelectMany(state => state))
        {
            if (!byKey.TryGetValue(key, out HashSet<EventId>? ids))
            {
                byKey[key] = ids = [];
            }

            ids.Add(id);
        }

        // Here, unlike in later versions, a place that only some states have is no conflict.
        var resolved = new StateMap(byKey.Where(entry => entry.Value.Count == 1)
            .Select(entry => KeyValuePair.Create(entry.Key, entry.Value.First())));
        List<(StateKey Key, List<RoomEvent> Events)> conflicts =
        [
            .. byKey.Where(entry => entry.Value.Count > 1)
                .OrderBy(entry => entry.Key.Type, StringComparer.Ordinal).ThenBy(entry => entry.Key.Key, StringComparer.Ordinal)
                .Select(entry => (entry.Key, Order(entry.Value, graph))),
        ];
        foreach (string type in AuthTypes)
        {
            ResolveAuthType(conflicts.Where(conflict => conflict.Key.Type == type), resolved, graph);
        }

        ResolveOthers(conflicts.Where(conflict => !AuthTypes.Contains(conflict.Key.Type)), resolved, graph);
        return resolved;
    }

    /// <summary>By ascending depth, then descending SHA-1 of the id.</summary>
    private static List<RoomEvent> Order(HashSet<EventId> ids, AuthGraph graph) =>
    [
        .. ids.Select(graph.Find).OfType<RoomEvent>()
            .OrderBy(e => e.Depth)
            .ThenByDescending(e => Convert.ToHexString(Sha1(e.Id)), StringComparer.Ordinal),
    ];

    private static void ResolveAuthType(
        IEnumerable<(StateKey Key, List<RoomEvent> Events)> conflicts, StateMap resolved, AuthGraph graph)
    {
        // All conflicts of one type are judged by the state before any of them is settled.
        StateMap settled = [];
        foreach ((StateKey key, List<RoomEvent> events) in conflicts)
        {
            if (events.Count == 0)
            {
                continue;
            }

            EventId current = events[0].Id;
            foreach (RoomEvent e in events.Skip(1))
            {
                if (!IsAllowed(e, resolved, graph, key, current))
                {
                    break;
                }

                current = e.Id;
            }

            settled[key] = current;
        }

        foreach ((StateKey key, EventId id) in settled)
        {
            resolved[key] = id;
        }
    }

    private static void ResolveOthers(
        IEnumerable<(StateKey Key, List<RoomEvent> Events)> conflicts, StateMap resolved, AuthGraph graph)
    {
        foreach ((StateKey key, List<RoomEvent> events) in conflicts)
        {
            // If none is allowed the specification is silent; like the servers in use, keep the one of least depth.
            RoomEvent? chosen = events.AsEnumerable().Reverse().FirstOrDefault(e => IsAllowed(e, resolved, graph))
                ?? events.FirstOrDefault();
            if (chosen is not null)
            {
                resolved[key] = chosen.Id;
            }
        }
    }

    private static bool IsAllowed(RoomEvent e, StateMap state, AuthGraph graph) => AuthRules.Check(
        e, key => state.TryGetValue(key, out EventId id) ? graph.Find(id) : null).Allowed;

    /// <summary>The same against the state with one place changed.</summary>
    private static bool IsAllowed(RoomEvent e, StateMap state, AuthGraph graph, StateKey changed, EventId to) => AuthRules.Check(
        e, key => key == changed ? graph.Find(to) : state.TryGetValue(key, out EventId id) ? graph.Find(id) : null).Allowed;

#pragma warning disable CA5350 // The algorithm says SHA-1: it orders ids and protects nothing.
    private static byte[] Sha1(EventId id) => SHA1.HashData(Encoding.UTF8.GetBytes(id.Value));
#pragma warning restore CA5350
}
