namespace Causeway.Streams;

/// <summary>
/// The newest entries of the log in memory, and its head. Readers that are not further behind than
/// the ring's size never ask the database what changed.
/// </summary>
public sealed class LogTail(int capacity = 1 << 16)
{
    private readonly LogEntry[] _ring = new LogEntry[capacity];
    private readonly Lock _lock = new();
    private TaskCompletionSource? _waiting;
    private long _head;
    private long _first = 1;

    /// <summary>The position of the newest committed entry.</summary>
    public long Head => Volatile.Read(ref _head);

    /// <summary>Raised when entries were committed that never passed through this ring: caches must be emptied.</summary>
    public event Action? Restarted;

    /// <summary>Every entry after <paramref name="since"/> and up to <paramref name="upTo"/>, oldest first; false when the ring no longer
    /// reaches back so far.</summary>
    public bool TryRead(long since, long upTo, List<LogEntry> into)
    {
        lock (_lock)
        {
            if (since + 1 < _first)
            {
                return false;
            }

            for (var position = since + 1; position <= Math.Min(upTo, _head); position++)
            {
                into.Add(_ring[position % _ring.Length]);
            }

            return true;
        }
    }

    /// <summary>Completes once the head is past a position; at once when it is.</summary>
    public Task WaitBeyondAsync(long position, CancellationToken cancellation)
    {
        // The signal first, then the head: a commit in between is seen either way.
        var fresh = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var signal = Interlocked.CompareExchange(ref _waiting, fresh, null) ?? fresh;
        return Head > position ? Task.CompletedTask : signal.Task.WaitAsync(cancellation);
    }

    internal void Start(long head)
    {
        lock (_lock)
        {
            _first = head + 1;
            Volatile.Write(ref _head, head);
        }

        Restarted?.Invoke();
        Interlocked.Exchange(ref _waiting, null)?.TrySetResult();
    }

    internal void Append(List<LogEntry> entries, long head)
    {
        lock (_lock)
        {
            foreach (var entry in entries)
            {
                _ring[entry.Position % _ring.Length] = entry;
            }

            _first = Math.Max(_first, head - _ring.Length + 1);
            Volatile.Write(ref _head, head);
        }

        Interlocked.Exchange(ref _waiting, null)?.TrySetResult();
    }
}
