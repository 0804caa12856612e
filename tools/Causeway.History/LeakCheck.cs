namespace Causeway.History;

/// <summary>Nobody sees an event of a room they were not in, nor one from a time they were not to see.</summary>
internal static class LeakCheck
{
    public static IEnumerable<Violation> Check(HistoryIndex index)
    {
        var rooms = index.History.Rooms.ToDictionary(room => room.RoomId);
        var seen = index.History.Batches
            .Select(batch => (batch.User, batch.RoomId, Source: "/sync", batch.Events))
            .Concat(index.History.Readings.Select(reading => (reading.User, reading.RoomId, reading.Source, reading.Events)));
        foreach (var view in seen.GroupBy(view => (view.User, view.RoomId)))
        {
            var stays = index.PossibleStays(view.Key.User, view.Key.RoomId);
            var visibility = rooms.TryGetValue(view.Key.RoomId, out var room) ? room.Visibility : HistoryVisibility.Joined;
            foreach (var part in view)
            {
                foreach (var one in part.Events)
                {
                    if (one.Marker is { } marker && index.ByMarker.TryGetValue(marker, out var sent) && !MaySee(stays, visibility, sent))
                    {
                        yield return new Violation(
                            "Nobody sees a room they are not in",
                            $"{part.Source} showed {part.User} {one.EventId} ({marker}) of {part.RoomId}");
                    }

                    if (one.Marker is { } foreign && index.ByMarker.TryGetValue(foreign, out var owner) && owner.RoomId != part.RoomId)
                    {
                        yield return new Violation(
                            "An event stays in its room", $"{part.Source} showed {one.EventId} of {owner.RoomId} in {part.RoomId}");
                    }
                }
            }
        }
    }

    private static bool MaySee(List<Stay> stays, HistoryVisibility visibility, Sent sent) => visibility switch
    {
        HistoryVisibility.Shared => stays.Exists(stay => stay.To >= sent.Start),
        HistoryVisibility.Joined => stays.Exists(stay => stay.From <= sent.End && stay.To >= sent.Start),
    };
}
