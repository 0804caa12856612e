namespace Causeway.History;

/// <summary>Everybody sees the events of a room in one order, each event once, in /sync and in /messages.</summary>
internal static class OrderCheck
{
    public static IEnumerable<Violation> Check(HistoryIndex index) =>
        CheckReadings(index).Concat(CheckBatches(index)).Concat(CheckMarkers(index));

    private static IEnumerable<Violation> CheckReadings(HistoryIndex index)
    {
        foreach (var reading in index.History.Readings)
        {
            HashSet<string> seen = [];
            var last = -1;
            foreach (var one in reading.Events)
            {
                var where = $"{reading.Source} of {reading.User} in {reading.RoomId}";
                if (!seen.Add(one.EventId))
                {
                    yield return new Violation("An event is there once", $"{where} has {one.EventId} twice");
                }
                else if (Place(index, reading.RoomId, one.EventId) is not { } place)
                {
                    yield return new Violation("All read the same room", $"{where} has {one.EventId}, which its creator does not see");
                }
                else if (place < last)
                {
                    yield return new Violation("All see one order", $"{where} has {one.EventId} later than its creator");
                }
                else
                {
                    last = place;
                }
            }
        }
    }

    private static IEnumerable<Violation> CheckBatches(HistoryIndex index)
    {
        foreach (var loop in index.History.Batches.GroupBy(batch => (batch.User, batch.RoomId)))
        {
            var where = $"/sync of {loop.Key.User} in {loop.Key.RoomId}";
            HashSet<string> seen = [];
            var last = -1;
            foreach (var batch in loop)
            {
                if (batch.Restarts)
                {
                    seen.Clear();
                    last = -1;
                }

                foreach (var one in batch.Events)
                {
                    if (!seen.Add(one.EventId))
                    {
                        yield return new Violation("An event is seen once", $"{where} brought {one.EventId} ({one.Marker}) twice");
                    }
                    else if (Place(index, batch.RoomId, one.EventId) is not { } place)
                    {
                        yield return new Violation(
                            "What was seen stays", $"{where} brought {one.EventId} ({one.Marker}), which /messages no longer has");
                    }
                    else if (place < last)
                    {
                        yield return new Violation("All see one order", $"{where} brought {one.EventId} ({one.Marker}) too late");
                    }
                    else
                    {
                        last = place;
                    }
                }
            }
        }
    }

    /// <summary>A retry must not have made a second event: a marker stands in one event only.</summary>
    private static IEnumerable<Violation> CheckMarkers(HistoryIndex index)
    {
        var all = index.History.Readings.SelectMany(reading => reading.Events)
            .Concat(index.History.Batches.SelectMany(batch => batch.Events));
        foreach (var marker in all.Where(seen => seen.Marker is not null).GroupBy(seen => seen.Marker!))
        {
            string[] ids = [.. marker.Select(seen => seen.EventId).Distinct()];
            if (ids.Length > 1)
            {
                yield return new Violation("A retry makes no second event", $"{marker.Key} is in {string.Join(" and ", ids)}");
            }
        }
    }

    private static int? Place(HistoryIndex index, string roomId, string eventId) =>
        index.Order.TryGetValue(roomId, out var places) && places.TryGetValue(eventId, out var place) ? place : null;
}
