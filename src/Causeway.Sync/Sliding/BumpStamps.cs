using System.Collections.Concurrent;
using Causeway.Matrix;
using Causeway.Rooms;

namespace Causeway.Sync.Sliding;

/// <summary>The position of a room's newest "proper" event (MSC4186, "bump_stamp"), by which clients sort their rooms.</summary>
internal sealed class BumpStamps(EventStore store)
{
    private const int MaxKept = 200_000;

    /// <summary>Behind so many events of other kinds nobody looks for a message; the room then sorts as if it had none.</summary>
    private const int MaxScanned = 1000;

    private readonly ConcurrentDictionary<long, (long UpTo, long Stamp)> _kept = new();

    public async ValueTask<long> OfAsync(Room room, long until)
    {
        // A room's number is the position of its create event, which is the first that counts.
        var (from, stamp) = _kept.GetValueOrDefault(room.Nid, (0, room.Nid));
        if (from >= until)
        {
            return Math.Min(stamp, until);
        }

        stamp = await FindAsync(room, from, until).ConfigureAwait(false) ?? stamp;
        if (_kept.Count > MaxKept)
        {
            _kept.Clear();
        }

        _kept[room.Nid] = (until, stamp);
        return stamp;
    }

    private static bool Bumps(TimelineEvent e) => e.Event.Type is EventTypes.Create or EventTypes.Message or EventTypes.Encrypted
        or "m.sticker" or "m.call.invite" or "m.poll.start" or "org.matrix.msc3381.poll.start" or "m.beacon_info" or "org.matrix.msc3672.beacon_info";

    private async ValueTask<long?> FindAsync(Room room, long from, long until)
    {
        var events = new List<TimelineEvent>();
        const int few = 8;
        if (room.TryReadTimeline(from, until, few, events, out var more))
        {
            if (events.FindLast(Bumps) is { } newest)
            {
                return newest.Position;
            }

            if (!more)
            {
                return null;
            }
        }

        for (var (scanned, limit) = (0, 50); scanned < MaxScanned; scanned += limit, limit = 200)
        {
            events = await store.ListBackwardAsync(room, from, until, limit).ConfigureAwait(false);
            if (events.Find(Bumps) is { } newest)
            {
                return newest.Position;
            }

            if (events.Count < limit)
            {
                return null;
            }

            until = events[^1].Position - 1;
        }

        return null;
    }
}
