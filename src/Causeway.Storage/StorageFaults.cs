namespace Causeway.Storage;

/// <summary>Fails chosen storage calls, so that tests can prove what survives a fault at any point.</summary>
public sealed class StorageFaults
{
    private long _calls;
    private long _failAt = -1;

    /// <summary>How many storage calls were made so far.</summary>
    public long Calls => Interlocked.Read(ref _calls);

    /// <summary>Makes the <paramref name="n"/>th call from now fail (1 = the next one).</summary>
    public void FailAfter(long n) => Interlocked.Exchange(ref _failAt, Interlocked.Read(ref _calls) + n);

    internal void Count(string what)
    {
        if (Interlocked.Increment(ref _calls) == Interlocked.Read(ref _failAt))
        {
            throw new StorageException($"Injected fault at: {what}", null);
        }
    }
}
