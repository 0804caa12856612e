using System.Collections.Concurrent;
using Causeway.History;

namespace Causeway.HistoryChecker;

/// <summary>What was found while the run went on: broken promises, and things worth knowing.</summary>
internal sealed class FindingList
{
    private readonly ConcurrentQueue<Violation> _violations = new();
    private readonly ConcurrentQueue<string> _notes = new();

    public IReadOnlyCollection<Violation> Violations => _violations;

    public IReadOnlyCollection<string> Notes => _notes;

    public void Add(string promise, string evidence) => _violations.Enqueue(new Violation(promise, evidence));

    public void Note(string note) => _notes.Enqueue(note);
}
