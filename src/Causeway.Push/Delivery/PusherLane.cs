namespace Causeway.Push;

/// <summary>What waits for one pusher, in order; one thing at a time is on its way.</summary>
internal sealed class PusherLane(long pusher)
{
    /// <summary>When more wait, of each room only the newest is kept and what highlights: a person who was away wants to know where something happened.</summary>
    private const int Many = 20;

    /// <summary>When more wait, the oldest go.</summary>
    private const int Most = 100;

    private readonly Lock _lock = new();
    private readonly List<QueuedPush> _waiting = [];
    private TaskCompletionSource _kick = NewKick();
    private bool _isRunning;
    private bool _wantsCount;

    public long Pusher { get; } = pusher;

    /// <summary>The loop that empties it.</summary>
    public Task Running { get; private set; } = Task.CompletedTask;

    /// <summary>Attempts that failed in a row.</summary>
    public int Failures { get; set; }

    /// <summary>The count that was last sent.</summary>
    public int? LastUnread { get; set; }

    /// <summary>Adds at the end; what is given up for it.</summary>
    public List<QueuedPush> Add(QueuedPush push, bool onlyLastPerRoom, Func<PusherLane, Task> run)
    {
        lock (_lock)
        {
            _waiting.Add(push);
            var dropped = Thin(onlyLastPerRoom);
            Start(run);
            return dropped;
        }
    }

    /// <summary>Puts back in front what could not be delivered; what is given up.</summary>
    public List<QueuedPush> Return(QueuedPush push, bool onlyLastPerRoom)
    {
        lock (_lock)
        {
            _waiting.Insert(0, push);
            return Thin(onlyLastPerRoom);
        }
    }

    /// <summary>Asks that the count be sent if nothing else brings it.</summary>
    public void WantCount(Func<PusherLane, Task> run)
    {
        lock (_lock)
        {
            _wantsCount = true;
            Start(run);
        }
    }

    /// <summary>The next notification; null with true when only the count is wanted; false when there is nothing, and the loop must end.</summary>
    public bool TryTake(out QueuedPush? push)
    {
        lock (_lock)
        {
            push = _waiting.Count > 0 ? _waiting[0] : null;
            if (push is not null)
            {
                _waiting.RemoveAt(0);
                return true;
            }

            _isRunning = _wantsCount;
            _wantsCount = false;
            return _isRunning;
        }
    }

    public bool HasNotifications
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count > 0;
            }
        }
    }

    /// <summary>Waits between attempts; ends early when the pusher was set anew.</summary>
    public async Task PauseAsync(TimeSpan time, TimeProvider clock, CancellationToken cancellation)
    {
        try
        {
            await _kick.Task.WaitAsync(time, clock, cancellation).ConfigureAwait(false);
            _kick = NewKick();
            Failures = 0;
        }
        catch (TimeoutException)
        {
            // The usual end.
        }
    }

    public void Kick() => _kick.TrySetResult();

    private void Start(Func<PusherLane, Task> run)
    {
        if (!_isRunning)
        {
            _isRunning = true;
            Running = Task.Run(() => run(this));
        }
    }

    private List<QueuedPush> Thin(bool onlyLastPerRoom)
    {
        var dropped = new List<QueuedPush>();
        if (onlyLastPerRoom || _waiting.Count > Many)
        {
            var newest = _waiting.GroupBy(p => p.RoomId, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last(), StringComparer.Ordinal);
            dropped.AddRange(_waiting.Where(p => newest[p.RoomId] != p && (onlyLastPerRoom || !p.Highlight)));
        }

        dropped.AddRange(_waiting.Except(dropped).SkipLast(Most).ToList());
        _waiting.RemoveAll(dropped.Contains);
        return dropped;
    }

    private static TaskCompletionSource NewKick() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
