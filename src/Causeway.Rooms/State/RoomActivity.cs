using System.Collections.Concurrent;
using Causeway.Matrix;
using Causeway.Streams;

namespace Causeway.Rooms;

/// <summary>
/// The position of each room's newest event, so that a person's rooms can be put in order without loading them. It reads
/// the log's tail up to the head each time it is asked; the store answers, for all rooms of a person at once, only for
/// rooms in which nothing happened while this process ran.
/// </summary>
public sealed class RoomActivity
{
    private const int MaxRooms = 1_000_000;

    private readonly EventStore _store;
    private readonly LogTail _tail;
    private readonly ConcurrentDictionary<long, long> _newest = new();
    private readonly Lock _lock = new();
    private readonly List<LogEntry> _entries = [];
    private long _upTo;

    /// <summary>Subscribes to the tail, to start afresh when entries were committed past it.</summary>
    public RoomActivity(EventStore store, LogTail tail)
    {
        _store = store;
        _tail = tail;
        _upTo = tail.Head;
        tail.Restarted += () =>
        {
            lock (_lock)
            {
                StartAfresh();
            }
        };
    }

    /// <summary>Makes <see cref="Of"/> know the person's rooms up to the head.</summary>
    public async ValueTask LoadAsync(UserId user, IEnumerable<RoomMembership> places)
    {
        CatchUp();
        if (!places.Any(p => p.Membership == Membership.Join && !_newest.ContainsKey(p.Room)))
        {
            return;
        }

        foreach (var (room, position) in await _store.ListNewestAsync(user).ConfigureAwait(false))
        {
            Raise(room, position);
        }
    }

    /// <summary>When a person last had something new there: the newest event of a room they are in, else what became of their own membership.</summary>
    public long Of(RoomMembership place) => place.Membership == Membership.Join
        ? Math.Max(_newest.GetValueOrDefault(place.Room), place.Position)
        : place.Position;

    private void CatchUp()
    {
        if (_tail.Head == Volatile.Read(ref _upTo))
        {
            return;
        }

        lock (_lock)
        {
            _entries.Clear();
            var head = _tail.Head;
            if (_newest.Count > MaxRooms || !_tail.TryRead(_upTo, head, _entries))
            {
                StartAfresh();
                return;
            }

            foreach (var entry in _entries)
            {
                if (entry.Kind == LogKind.Event)
                {
                    Raise(entry.Room, entry.Position);
                }
            }

            Volatile.Write(ref _upTo, head);
        }
    }

    /// <summary>The head first: what the store says afterwards is then not older than where the tail goes on.</summary>
    private void StartAfresh()
    {
        Volatile.Write(ref _upTo, _tail.Head);
        _newest.Clear();
    }

    private void Raise(long room, long position) =>
        _newest.AddOrUpdate(room, static (_, p) => p, static (_, old, p) => Math.Max(old, p), position);
}
