namespace Causeway.History;

/// <summary>State, receipts and account data at the end are what was acknowledged last, or a later value whose outcome
/// nobody was told; and all readers agree.</summary>
internal static class ValueCheck
{
    public static IEnumerable<Violation> Check(RecordedHistory history)
    {
        var attempts = history.Values.GroupBy(attempt => attempt.Key)
            .ToDictionary(group => group.Key, group => group.OrderBy(attempt => attempt.Start).ToList());
        foreach (var value in history.FinalValues.GroupBy(value => value.Key))
        {
            var allowed = Allowed(attempts.GetValueOrDefault(value.Key) ?? []);
            foreach (var found in value.Where(found => !allowed.Contains(found.Value)))
            {
                yield return new Violation(
                    "The last acknowledged value holds",
                    $"{found.Source} shows {found.Reader} {found.Value ?? "nothing"} for {value.Key}, allowed: {string.Join(", ", allowed.Select(v => v ?? "nothing"))}");
            }

            string?[] different = [.. value.Select(found => found.Value).Distinct()];
            if (different.Length > 1)
            {
                yield return new Violation(
                    "All read the same value", $"{value.Key} is {string.Join(" and ", different.Select(v => v ?? "nothing"))}");
            }
        }

        foreach (var key in attempts.Keys.Except(history.FinalValues.Select(value => value.Key)))
        {
            if (attempts[key].Exists(attempt => attempt.Outcome == Outcome.Acknowledged))
            {
                yield return new Violation("The last acknowledged value holds", $"{key} was read by nobody at the end");
            }
        }
    }

    private static HashSet<string?> Allowed(List<ValueAttempt> attempts)
    {
        var last = attempts.FindLastIndex(attempt => attempt.Outcome == Outcome.Acknowledged);
        HashSet<string?> allowed = [last < 0 ? null : attempts[last].Value];
        allowed.UnionWith(attempts.Skip(last + 1).Where(attempt => attempt.Outcome == Outcome.Unknown).Select(attempt => attempt.Value));
        return allowed;
    }
}
