using System.Collections.Concurrent;

namespace Causeway.Streams;

/// <summary>
/// Wakes sleeping requests. It tells them only that something changed, never what: a woken request samples the log
/// again. A request registers its watch first and samples after, so that a write in between is not lost.
/// </summary>
public sealed class Notifier
{
    private readonly ConcurrentDictionary<string, Watch[]> _watches = new(StringComparer.Ordinal);
    private volatile bool _closed;

    /// <summary>True once the server stops: nobody should sleep any more.</summary>
    public bool IsClosed => _closed;

    /// <summary>How many people have a request asleep.</summary>
    public int WatchedUsers => _watches.Count;

    /// <summary>Those with a request asleep; a snapshot that may miss the newest.</summary>
    public IEnumerable<string> Users => _watches.Select(pair => pair.Key);

    /// <summary>Begins to listen for a person; dispose it at the end of the request.</summary>
    public Watch Begin(string user)
    {
        var watch = new Watch(this, user);
        _watches.AddOrUpdate(user, static (_, w) => [w], static (_, others, w) => [.. others, w], watch);
        return watch;
    }

    /// <summary>Whether anybody listens for this person.</summary>
    public bool IsWatched(string user) => _watches.ContainsKey(user);

    /// <summary>Wakes the person's sleeping requests.</summary>
    public void Wake(string user)
    {
        if (_watches.TryGetValue(user, out var watches))
        {
            foreach (var watch in watches)
            {
                watch.Set();
            }
        }
    }

    /// <summary>Wakes everybody for the last time: the server stops, and sleeping requests answer with what there is.</summary>
    public void Close()
    {
        _closed = true;
        foreach (var user in _watches.Keys)
        {
            Wake(user);
        }
    }

    private void End(Watch watch)
    {
        // Arrays are replaced, never changed, so that Wake reads without a lock.
        while (_watches.TryGetValue(watch.User, out var watches))
        {
            var rest = Array.FindAll(watches, w => !ReferenceEquals(w, watch));
            if (rest.Length == 0
                ? _watches.TryRemove(new KeyValuePair<string, Watch[]>(watch.User, watches))
                : _watches.TryUpdate(watch.User, rest, watches))
            {
                return;
            }
        }
    }

    /// <summary>One request's ear.</summary>
    public sealed class Watch : IDisposable
    {
        private readonly Notifier _notifier;
        private TaskCompletionSource _signal = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Watch(Notifier notifier, string user)
        {
            _notifier = notifier;
            User = user;
        }

        internal string User { get; }

        /// <summary>True once woken; false after the time is over. Woken before the call counts.</summary>
        public async Task<bool> WaitAsync(TimeSpan time, TimeProvider clock, CancellationToken cancellation)
        {
            try
            {
                await _signal.Task.WaitAsync(time, clock, cancellation).ConfigureAwait(false);
                return true;
            }
            catch (TimeoutException)
            {
                return false;
            }
        }

        /// <summary>Forgets an earlier wake-up; call it before sampling.</summary>
        public void Reset()
        {
            // A full fence here and one in Set: either the sampling that follows sees the commit, or Set sees this signal.
            if (_signal.Task.IsCompleted)
            {
                Interlocked.Exchange(ref _signal, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            }
        }

        /// <inheritdoc/>
        public void Dispose() => _notifier.End(this);

        internal void Set()
        {
            Interlocked.MemoryBarrier();
            Volatile.Read(ref _signal).TrySetResult();
        }
    }
}
