namespace Causeway.History;

/// <summary>One transaction id gives one event id for ever; what was refused is nowhere.</summary>
internal static class TransactionCheck
{
    public static IEnumerable<Violation> Check(HistoryIndex index)
    {
        foreach (var sent in index.Sent)
        {
            string[] ids = [.. sent.Attempts.Where(attempt => attempt.EventId is not null).Select(attempt => attempt.EventId!).Distinct()];
            if (ids.Length > 1)
            {
                yield return new Violation(
                    "One transaction id gives one event id", $"{sent.User} {sent.Attempts[0].TransactionId} gave {string.Join(" and ", ids)}");
            }
        }

        foreach (var shared in index.Sent.Where(sent => sent.EventId is not null).GroupBy(sent => sent.EventId!))
        {
            if (shared.Count() > 1)
            {
                yield return new Violation(
                    "Every transaction has its own event", $"{shared.Key} was given for {string.Join(" and ", shared.Select(sent => sent.Marker))}");
            }
        }

        var seen = index.History.Readings.SelectMany(reading => reading.Events.Select(one => (Where: $"/messages of {reading.User}", one)))
            .Concat(index.History.Batches.SelectMany(batch => batch.Events.Select(one => (Where: $"/sync of {batch.User}", one))))
            .Where(seen => seen.one.Marker is not null)
            .DistinctBy(seen => (seen.one.EventId, seen.one.Marker));
        foreach (var (where, one) in seen)
        {
            if (!index.ByMarker.TryGetValue(one.Marker!, out var sent))
            {
                yield return new Violation("Nothing is made up", $"{where} has {one.EventId} ({one.Marker}), which nobody sent");
            }
            else if (sent.IsRefused)
            {
                yield return new Violation("What was refused is nowhere", $"{where} has {one.EventId} ({one.Marker})");
            }
            else if (sent.EventId is { } acknowledged && acknowledged != one.EventId)
            {
                yield return new Violation(
                    "The acknowledged id is the event's", $"{one.Marker} was acknowledged as {acknowledged} and is {one.EventId}");
            }
        }
    }
}
