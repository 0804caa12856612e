namespace Causeway.History;

/// <summary>Nothing acknowledged is lost: it is in the room, and everybody who was a member has seen it.</summary>
internal static class CompletenessCheck
{
    public static IEnumerable<Violation> Check(HistoryIndex index)
    {
        var acknowledged = index.Sent.Where(sent => sent.EventId is not null).GroupBy(sent => sent.RoomId)
            .ToDictionary(group => group.Key, group => group.ToList());
        return CheckRooms(index, acknowledged)
            .Concat(CheckMembers(index, acknowledged))
            .Concat(CheckReadings(index));
    }

    private static IEnumerable<Violation> CheckRooms(HistoryIndex index, Dictionary<string, List<Sent>> acknowledged) =>
        from room in acknowledged
        let order = index.Order.GetValueOrDefault(room.Key)
        from sent in room.Value
        where order is null || !order.ContainsKey(sent.EventId!)
        select new Violation("An acknowledged event is there", $"{sent.EventId} ({sent.Marker}) is lost from {room.Key}");

    private static IEnumerable<Violation> CheckMembers(HistoryIndex index, Dictionary<string, List<Sent>> acknowledged)
    {
        var seen = index.History.Batches.GroupBy(batch => (batch.User, batch.RoomId)).ToDictionary(
            group => group.Key, group => group.SelectMany(batch => batch.Events).Select(one => one.EventId).ToHashSet());
        foreach (var (user, roomId) in index.MemberPairs)
        {
            var had = seen.GetValueOrDefault((user, roomId)) ?? [];
            var stays = index.CertainStays(user, roomId);
            foreach (var sent in acknowledged.GetValueOrDefault(roomId) ?? [])
            {
                if (stays.Exists(stay => stay.From <= sent.Start && sent.End <= stay.To) && !had.Contains(sent.EventId!))
                {
                    yield return new Violation(
                        "Every member sees every event", $"{sent.EventId} ({sent.Marker}) never reached {user} by /sync in {roomId}");
                }
            }
        }
    }

    /// <summary>A member of a room with shared history reads at the end exactly what the creator reads.</summary>
    private static IEnumerable<Violation> CheckReadings(HistoryIndex index)
    {
        var shared = index.History.Rooms.Where(room => room.Visibility == HistoryVisibility.Shared).Select(room => room.RoomId).ToHashSet();
        foreach (var reading in index.History.Readings.Where(reading => reading.IsMember && shared.Contains(reading.RoomId)))
        {
            var had = reading.Events.Select(one => one.EventId).ToHashSet();
            foreach (var missing in index.Order[reading.RoomId].Keys.Where(id => !had.Contains(id)))
            {
                yield return new Violation("All read the same room", $"{reading.Source} of {reading.User} in {reading.RoomId} lacks {missing}");
            }
        }
    }
}
