namespace Causeway.History;

/// <summary>Checks a recorded history against every promise of the contract.</summary>
public static class HistoryProof
{
    public static IReadOnlyList<Violation> Check(RecordedHistory history)
    {
        var index = new HistoryIndex(history);
        return
        [
            .. OrderCheck.Check(index),
            .. CompletenessCheck.Check(index),
            .. TransactionCheck.Check(index),
            .. LeakCheck.Check(index),
            .. TokenCheck.Check(history),
            .. ValueCheck.Check(history),
        ];
    }
}
