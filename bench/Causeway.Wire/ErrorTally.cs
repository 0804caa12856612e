using System.Collections.Concurrent;

namespace Causeway.Wire;

/// <summary>Counts every answer that was not a success, by operation and status, and keeps the first of each kind to
/// show. Nothing that went wrong under load may be lost in an average.</summary>
public sealed class ErrorTally
{
    private readonly ConcurrentDictionary<string, (long Count, string First)> _kinds = new();

    public long Total => _kinds.Where(kind => !kind.Key.EndsWith(" 429", StringComparison.Ordinal)).Sum(kind => kind.Value.Count);

    public void Add(string operation, HttpReply reply) =>
        Add($"{operation} {reply.Status}", reply.Snippet());

    public void Add(string kind, string first) =>
        _kinds.AddOrUpdate(kind, (1, first), (_, seen) => (seen.Count + 1, seen.First));

    public IReadOnlyList<(string Kind, long Count, string First)> List() =>
        [.. _kinds.OrderBy(kind => kind.Key, StringComparer.Ordinal).Select(kind => (kind.Key, kind.Value.Count, kind.Value.First))];
}
