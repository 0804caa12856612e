namespace Causeway.Storage;

/// <summary>
/// The rows and statements of one transaction, gathered in memory and sent together.
/// Inserts go first, statements after them in the order of adding.
/// </summary>
public sealed class WriteBatch
{
    internal Dictionary<BulkStatement, List<object?[]>> Rows { get; } = [];

    internal List<(string Sql, object?[] Args)> Statements { get; } = [];

    internal bool IsEmpty => Rows.Count == 0 && Statements.Count == 0;

    /// <summary>Adds a row; values are long, string, byte[] or null, in the order of the statement's columns.</summary>
    public void Insert(BulkStatement statement, params object?[] row)
    {
        if (!Rows.TryGetValue(statement, out var rows))
        {
            Rows[statement] = rows = [];
        }

        rows.Add(row);
    }

    /// <summary>Adds a statement with arguments $1, $2 ... that runs after the inserts.</summary>
    public void Execute(string sql, params object?[] args) => Statements.Add((sql, args));

    /// <summary>Empties it.</summary>
    public void Clear()
    {
        Rows.Clear();
        Statements.Clear();
    }
}
