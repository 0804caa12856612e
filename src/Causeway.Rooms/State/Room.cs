using Causeway.Matrix;
using Causeway.Streams;

namespace Causeway.Rooms;

/// <summary>
/// A loaded room (D3). Writers queue on <see cref="WriteLock"/> and build on <see cref="Latest"/>, which may be ahead of
/// the disk; readers use <see cref="Committed"/>. When a commit fails the chain breaks, everything built on it fails
/// with it, and the registry loads the room anew.
/// </summary>
public sealed class Room
{
    private const int TimelineSize = 64;
    private const int SnapshotsKept = 32;

    private readonly Lock _lock = new();
    private readonly List<TimelineEvent> _timeline = [];
    private readonly Queue<RoomSnapshot> _snapshots = new();
    private readonly Dictionary<(long Device, string Transaction), (TimelineEvent Event, Task Done)> _transactions = [];
    private readonly Queue<(long, string)> _transactionOrder = new();
    private readonly System.Collections.Concurrent.ConcurrentDictionary<long, bool> _forgottenDevices = new();
    private long _timelineFrom;
    private long _loadedAt;

    internal Room(RoomId id, RoomVersionRules rules)
    {
        Id = id;
        Rules = rules;
        Latest = Committed = RoomSnapshot.Empty;
    }

    /// <summary>The room's id.</summary>
    public RoomId Id { get; }

    /// <summary>The room's rules.</summary>
    public RoomVersionRules Rules { get; }

    /// <summary>The room's number in the store: the position of its create event. 0 until that is durable.</summary>
    public long Nid { get; internal set; }

    /// <summary>The state that is durable.</summary>
    public RoomSnapshot Committed { get; private set; }

    /// <summary>Changes of history visibility, oldest first: from which position each is in force.</summary>
    public IReadOnlyList<(long Position, string Visibility)> VisibilityHistory { get; private set; } = [];

    /// <summary>When it was last used, for eviction (a timestamp of the registry's clock).</summary>
    internal long LastUsed { get; set; }

    internal SemaphoreSlim WriteLock { get; } = new(1);

    internal RoomSnapshot Latest { get; set; }

    internal LogChain Chain { get; } = new();

    /// <summary>Set under the write lock when the registry let go of this instance.</summary>
    internal bool IsEvicted { get; set; }

    /// <summary>Set when memory holds content that was redacted since (as <c>prev_content</c>): load anew when idle.</summary>
    internal bool IsStale { get; private set; }

    internal int PendingUnits;

    /// <summary>A rough count of what it keeps in memory, in events.</summary>
    internal int Weight => Committed.Members.Count + Committed.State.Count + TimelineSize;

    /// <summary>
    /// The state at a log position that is not newer than the head, when it is still in memory.
    /// </summary>
    public RoomSnapshot? SnapshotAt(long position)
    {
        lock (_lock)
        {
            if (Committed.Position <= position)
            {
                return Committed;
            }

            RoomSnapshot? found = null;
            foreach (var snapshot in _snapshots)
            {
                if (snapshot.Position > position)
                {
                    break;
                }

                found = snapshot;
            }

            return found;
        }
    }

    /// <summary>
    /// The newest events after <paramref name="since"/> and up to <paramref name="upTo"/>, at most <paramref name="limit"/>, oldest first.
    /// False when memory does not reach back far enough.
    /// </summary>
    /// <param name="since">A position, exclusive.</param>
    /// <param name="upTo">A position, inclusive.</param>
    /// <param name="limit">Most events.</param>
    /// <param name="into">Receives the events.</param>
    /// <param name="more">Whether there are older ones after <paramref name="since"/>.</param>
    public bool TryReadTimeline(long since, long upTo, int limit, List<TimelineEvent> into, out bool more)
    {
        lock (_lock)
        {
            more = false;
            var start = _timeline.Count;
            while (start > 0 && _timeline[start - 1].Position > since)
            {
                start--;
            }

            var end = _timeline.Count;
            while (end > start && _timeline[end - 1].Position > upTo)
            {
                end--;
            }

            var reachesBack = since >= _timelineFrom || start > 0;
            if (!reachesBack && end - start <= limit)
            {
                return false;
            }

            more = end - start > limit;
            for (var i = Math.Max(start, end - limit); i < end; i++)
            {
                into.Add(_timeline[i]);
            }

            return true;
        }
    }

    /// <summary>An event of the newest ones in memory, or null.</summary>
    public TimelineEvent? FindInTimeline(EventId id)
    {
        lock (_lock)
        {
            return _timeline.FindLast(e => e.Event.Id == id);
        }
    }

    internal void Loaded(
        long nid, RoomSnapshot snapshot, List<TimelineEvent> timeline, bool timelineIsWhole,
        List<(long, string)> visibility)
    {
        Nid = nid;
        Latest = Committed = snapshot;
        _loadedAt = snapshot.Position;
        _timeline.AddRange(timeline);
        _timelineFrom = timelineIsWhole || timeline.Count == 0 ? 0 : timeline[0].Position - 1;
        VisibilityHistory = visibility;
    }

    /// <summary>Remembers a transaction from the moment its event is built; the store answers for older ones.</summary>
    internal void Remember(TimelineEvent e, Task done)
    {
        if (e.Transaction is { } transaction)
        {
            _transactions[(e.Device, transaction)] = (e, done);
            _transactionOrder.Enqueue((e.Device, transaction));
            if (_transactionOrder.Count > 1024)
            {
                var forgotten = _transactionOrder.Dequeue();
                _transactions.Remove(forgotten);
                _forgottenDevices[forgotten.Item1] = true;
            }
        }
    }

    /// <summary>
    /// Whether the store may know transactions of this device that memory does not: those from before the room was
    /// loaded, and those that were forgotten since. A device is numbered by the log position of its first sign-in.
    /// </summary>
    internal bool MustAskStoreOf(long device) => device <= _loadedAt || _forgottenDevices.ContainsKey(device);

    /// <summary>Under the write lock: the event that this transaction made already, and when it is durable.</summary>
    internal (TimelineEvent Event, Task Done)? FindTransaction(long device, string transaction) =>
        _transactions.TryGetValue((device, transaction), out var found) ? found : null;

    /// <summary>Publishes what became durable; called in commit order.</summary>
    internal void Publish(IReadOnlyList<TimelineEvent> events, RoomSnapshot after, TimelineEvent? redacted)
    {
        lock (_lock)
        {
            if (redacted is not null)
            {
                // Older snapshots hold what was redacted.
                _snapshots.Clear();
                IsStale |= redacted.Event.IsState;
            }
            else if (Committed.Position > 0)
            {
                _snapshots.Enqueue(Committed);
                if (_snapshots.Count > SnapshotsKept)
                {
                    _snapshots.Dequeue();
                }
            }

            foreach (var e in events)
            {
                _timeline.Add(e);
                if (e.Event is { Type: EventTypes.HistoryVisibility, StateKey: "" })
                {
                    VisibilityHistory = [.. VisibilityHistory, (e.Position, e.Event.ContentString("history_visibility") ?? "shared")];
                }
            }

            if (redacted is not null && _timeline.FindIndex(e => e.Position == redacted.Position) is >= 0 and var at)
            {
                _timeline[at] = redacted;
            }

            if (_timeline.Count > TimelineSize + 16)
            {
                _timelineFrom = _timeline[^(TimelineSize + 1)].Position;
                _timeline.RemoveRange(0, _timeline.Count - TimelineSize);
            }

            after.Position = events[^1].Position;
            Committed = after;
        }
    }
}
