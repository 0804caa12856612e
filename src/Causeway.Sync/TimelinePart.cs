using Causeway.Matrix;
using Causeway.Rooms;

namespace Causeway.Sync;

/// <summary>The timeline of one room in one answer.</summary>
/// <param name="Events">What is shown, oldest first.</param>
/// <param name="Raw">Every event between <paramref name="Start"/> and the end, before the filter and visibility.</param>
/// <param name="Limited">Whether events between the client's token and these were left out.</param>
/// <param name="Start">Events after this position are covered; the <c>prev_batch</c>.</param>
internal sealed record TimelinePart(List<TimelineEvent> Events, List<TimelineEvent> Raw, bool Limited, long Start)
{
    /// <summary>
    /// The part after the newest change of state that the person may not see (it happened while they were out, in a room
    /// that hides this). State before a timeline with such a hole, and the timeline, would not add up to the state now.
    /// </summary>
    public TimelinePart AfterHole(RoomView view)
    {
        var hole = Raw.FindLastIndex(e => e.Event.IsState && !view.MaySee(e));
        if (hole < 0)
        {
            return this;
        }

        var position = Raw[hole].Position;
        return new TimelinePart(Events.FindAll(e => e.Position > position), Raw[(hole + 1)..], true, position);
    }
}

/// <summary>Reads timelines: from the room's memory where it reaches back far enough, else from the store.</summary>
internal sealed class TimelineReader(EventStore store)
{
    private const int MaxScanned = 1000;

    public async ValueTask<TimelinePart> ReadAsync(
        Room room, RoomView view, EventFilter filter, long since, long until, int limit)
    {
        var raw = new List<TimelineEvent>();
        if (!room.TryReadTimeline(since, until, limit, raw, out var more))
        {
            var older = await store.ListBackwardAsync(room, since, until, limit + 1).ConfigureAwait(false);
            more = older.Count > limit;
            older.Reverse();
            raw = more ? older[1..] : older;
        }

        var shown = raw.FindAll(e => view.MaySee(e) && filter.Wants(e.Event));
        var start = raw.Count > 0 && more ? raw[0].Position - 1 : since;

        // Some were held back: read further, until enough are found or the token is reached.
        for (var scanned = 0; more && shown.Count < limit && scanned < MaxScanned;)
        {
            var want = Math.Max(limit, 50);
            var older = await store.ListBackwardAsync(room, since, start, want).ConfigureAwait(false);
            more = older.Count == want;
            foreach (var e in older)
            {
                if (shown.Count == limit)
                {
                    more = true;
                    break;
                }

                start = e.Position - 1;
                raw.Insert(0, e);
                if (view.MaySee(e) && filter.Wants(e.Event))
                {
                    shown.Insert(0, e);
                }
            }

            scanned += older.Count;
        }

        if (limit == 0)
        {
            start = until;
        }

        return new TimelinePart(shown, raw, more, start);
    }

    /// <summary>
    /// The state before the timeline: the state at its end, with each key that the shown timeline changed set back to
    /// what its first change replaced. What the filter held back the client learns from the state.
    /// </summary>
    public async ValueTask<List<TimelineEvent>> StateBeforeAsync(Room room, TimelinePart timeline, long until)
    {
        var before = new Dictionary<StateKey, TimelineEvent?>();
        for (var i = timeline.Events.Count - 1; i >= 0; i--)
        {
            var e = timeline.Events[i];
            if (e.Event.StateKey is { } key)
            {
                before[new StateKey(e.Event.Type, key)] = e.Replaces is null ? null : new TimelineEvent { Event = e.Replaces };
            }
        }

        var state = await store.StateAtAsync(room, until).ConfigureAwait(false);
        if (before.Count == 0)
        {
            return state;
        }

        state.RemoveAll(e => before.ContainsKey(new StateKey(e.Event.Type, e.Event.StateKey!)));
        state.AddRange(before.Values.Where(e => e is not null).Select(e => e!));
        return state;
    }
}
