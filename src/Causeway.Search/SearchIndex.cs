namespace Causeway.Search;

/// <summary>The index as a whole, for whoever operates the server.</summary>
public sealed class SearchIndex
{
    private readonly Indexer _indexer;

    internal SearchIndex(Indexer indexer) => _indexer = indexer;

    /// <summary>Forgets the index; it is built anew from the log while the server runs, or at its next start.</summary>
    public Task RebuildAsync() => _indexer.RebuildAsync();
}
