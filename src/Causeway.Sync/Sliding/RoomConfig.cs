using System.Text.Json;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Sync.Sliding;

/// <summary>What is wanted of a room: how many events, which state. Equal when the same is wanted.</summary>
internal sealed class RoomConfig : IEquatable<RoomConfig>
{
    private const int MaxTimeline = 100;
    private const int MaxPairs = 1000;

    private HashSet<(string Type, string Key)> _pairs = [];
    private HashSet<string> _types = new(StringComparer.Ordinal);
    private HashSet<string> _keys = new(StringComparer.Ordinal);
    private bool _everything;
    private bool _allMembers;

    public int TimelineLimit { get; private init; }

    /// <summary>Members are sent as they are needed to show the timeline.</summary>
    public bool IsLazy { get; private init; }

    /// <summary>The members wanted whatever happens; null = all.</summary>
    public IEnumerable<string>? Members => _allMembers ? null
        : _pairs.Where(p => p.Type == EventTypes.Member).Select(p => p.Key).Concat(_keys).Distinct();

    /// <summary>Whether a state event is wanted, lazily wanted members apart.</summary>
    public bool Wants(string type, string key) => type == EventTypes.Member
        ? _allMembers || _keys.Contains(key) || _pairs.Contains((type, key))
        : _everything || _types.Contains(type) || _keys.Contains(key) || _pairs.Contains((type, key));

    /// <summary>What any of two wants.</summary>
    public RoomConfig Or(RoomConfig other) => ReferenceEquals(this, other) ? this : new RoomConfig
    {
        TimelineLimit = Math.Max(TimelineLimit, other.TimelineLimit),
        IsLazy = IsLazy || other.IsLazy,
        _pairs = [.. _pairs, .. other._pairs],
        _types = [.. _types, .. other._types],
        _keys = [.. _keys, .. other._keys],
        _everything = _everything || other._everything,
        _allMembers = _allMembers || other._allMembers,
    };

    /// <summary>Whether this wants state that the other does not; sometimes true where the other covers it by a wildcard.</summary>
    public bool WantsMoreStateThan(RoomConfig other) =>
        (_everything && !other._everything) || (_allMembers && !other._allMembers)
        || !_types.IsSubsetOf(other._types) || !_keys.IsSubsetOf(other._keys) || !_pairs.IsSubsetOf(other._pairs);

    public bool Equals(RoomConfig? other) => ReferenceEquals(this, other) || (other is not null
        && TimelineLimit == other.TimelineLimit && IsLazy == other.IsLazy
        && _everything == other._everything && _allMembers == other._allMembers
        && _types.SetEquals(other._types) && _keys.SetEquals(other._keys) && _pairs.SetEquals(other._pairs));

    public override bool Equals(object? obj) => Equals(obj as RoomConfig);

    public override int GetHashCode() => HashCode.Combine(TimelineLimit, IsLazy, _everything, _allMembers, _types.Count, _keys.Count, _pairs.Count);

    public static RoomConfig Parse(JsonElement json, UserId user)
    {
        var limit = json.FindInteger("timeline_limit") ?? throw Refusal.MissingParam("timeline_limit");
        if (limit < 0)
        {
            throw Refusal.InvalidParam("'timeline_limit' must not be negative.");
        }

        var pairs = Pairs(json);
        var isLazy = pairs.Contains((EventTypes.Member, "$LAZY"));
        var config = new RoomConfig { TimelineLimit = (int)Math.Min(limit, MaxTimeline), IsLazy = isLazy };
        foreach (var (type, key) in pairs)
        {
            switch (type, key)
            {
                case (_, "$LAZY"):
                    break;
                case ("*", "*"):
                    // With lazy members, "everything" is everything but them (MSC3575).
                    config._everything = true;
                    config._allMembers |= !isLazy;
                    break;
                case (EventTypes.Member, "*"):
                    config._allMembers = true;
                    break;
                case (_, "*"):
                    config._types.Add(type);
                    break;
                case ("*", _):
                    config._keys.Add(key == "$ME" ? user.Value : key);
                    break;
                default:
                    config._pairs.Add((type, key == "$ME" ? user.Value : key));
                    break;
            }
        }

        return config;
    }

    private static List<(string Type, string Key)> Pairs(JsonElement json)
    {
        var pairs = new List<(string, string)>();
        if (json.FindArray("required_state") is not { } array)
        {
            return pairs;
        }

        if (array.GetArrayLength() > MaxPairs)
        {
            throw Refusal.InvalidParam($"'required_state' has more than {MaxPairs} pairs.");
        }

        foreach (var pair in array.EnumerateArray())
        {
            if (pair.ValueKind != JsonValueKind.Array || pair.GetArrayLength() != 2
                || pair[0].ValueKind != JsonValueKind.String || pair[1].ValueKind != JsonValueKind.String)
            {
                throw Refusal.BadJson("'required_state' must be a list of pairs: a type and a state key.");
            }

            pairs.Add((pair[0].GetString()!, pair[1].GetString()!));
        }

        return pairs;
    }
}
