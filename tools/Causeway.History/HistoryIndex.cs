namespace Causeway.History;

/// <summary>One transaction with all its tries together.</summary>
internal sealed record Sent(string User, string RoomId, string Marker, IReadOnlyList<SendAttempt> Attempts)
{
    /// <summary>Before this moment nobody can have seen it.</summary>
    public long Start { get; } = Attempts.Min(attempt => attempt.Start);

    /// <summary>The event id of the first acknowledgement.</summary>
    public string? EventId { get; } = Attempts.FirstOrDefault(attempt => attempt.Outcome == Outcome.Acknowledged)?.EventId;

    /// <summary>By this moment it was written, if it was written; open when nobody was told.</summary>
    public long End { get; } = Attempts.Where(attempt => attempt.Outcome == Outcome.Acknowledged)
        .Select(attempt => attempt.End).DefaultIfEmpty(long.MaxValue).Min();

    public bool IsRefused { get; } = Attempts.All(attempt => attempt.Outcome == Outcome.Refused);
}

/// <summary>A span of time in which a user was, or may have been, joined.</summary>
internal readonly record struct Stay(long From, long To);

/// <summary>The history arranged for the checks.</summary>
internal sealed class HistoryIndex
{
    private readonly Dictionary<(string User, string RoomId), List<MembershipAttempt>> _memberships;

    public HistoryIndex(RecordedHistory history)
    {
        History = history;
        Sent = [.. history.Sends
            .GroupBy(attempt => attempt.Marker)
            .Select(group => new Sent(group.First().User, group.First().RoomId, group.Key, [.. group.OrderBy(attempt => attempt.Start)]))];
        ByMarker = Sent.ToDictionary(sent => sent.Marker);
        _memberships = history.Memberships
            .GroupBy(attempt => (attempt.User, attempt.RoomId))
            .ToDictionary(group => group.Key, group => group.OrderBy(attempt => attempt.Start).ToList());
        Order = [];
        foreach (var room in history.Rooms)
        {
            var reading = history.Readings.Find(reading => reading.RoomId == room.RoomId && reading.User == room.Creator);
            Dictionary<string, int> places = [];
            foreach (var seen in reading?.Events ?? [])
            {
                places.TryAdd(seen.EventId, places.Count);
            }

            Order[room.RoomId] = places;
        }
    }

    public RecordedHistory History { get; }

    public IReadOnlyList<Sent> Sent { get; }

    public IReadOnlyDictionary<string, Sent> ByMarker { get; }

    /// <summary>Per room the place of every event, as the creator read it at the end: the order all must share.</summary>
    public Dictionary<string, Dictionary<string, int>> Order { get; }

    public IEnumerable<(string User, string RoomId)> MemberPairs => _memberships.Keys;

    /// <summary>When the user was joined beyond doubt.</summary>
    public List<Stay> CertainStays(string user, string roomId)
    {
        List<Stay> stays = [];
        long? joined = null;
        foreach (var attempt in Attempts(user, roomId))
        {
            if (attempt.Joins)
            {
                joined ??= attempt.Outcome == Outcome.Acknowledged ? attempt.End : null;
            }
            else if (attempt.Outcome != Outcome.Refused && joined is { } from)
            {
                stays.Add(new Stay(from, attempt.Start));
                joined = null;
            }
        }

        if (joined is { } still)
        {
            stays.Add(new Stay(still, long.MaxValue));
        }

        return stays;
    }

    /// <summary>When the user may have been joined.</summary>
    public List<Stay> PossibleStays(string user, string roomId)
    {
        List<Stay> stays = [];
        long? joined = null;
        foreach (var attempt in Attempts(user, roomId))
        {
            if (attempt.Joins)
            {
                joined ??= attempt.Outcome != Outcome.Refused ? attempt.Start : null;
            }
            else if (attempt.Outcome == Outcome.Acknowledged && joined is { } from)
            {
                stays.Add(new Stay(from, attempt.End));
                joined = null;
            }
        }

        if (joined is { } still)
        {
            stays.Add(new Stay(still, long.MaxValue));
        }

        return stays;
    }

    private List<MembershipAttempt> Attempts(string user, string roomId) => _memberships.GetValueOrDefault((user, roomId)) ?? [];
}
