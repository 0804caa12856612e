using System.Diagnostics;

namespace Causeway.HistoryChecker;

/// <summary>Whether the server is up, and whether a fault is going on in which it may refuse or fail.</summary>
internal sealed class Weather
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _up = Completed();
    private int _storms;
    private long _calmSince = Stopwatch.GetTimestamp();

    public bool IsStormy => Volatile.Read(ref _storms) > 0;

    /// <summary>How long no fault has been going on; zero during one.</summary>
    public TimeSpan Calm => IsStormy ? TimeSpan.Zero : Stopwatch.GetElapsedTime(Interlocked.Read(ref _calmSince));

    public Task WaitUntilUpAsync() => _up.Task;

    public void SetDown()
    {
        lock (_lock)
        {
            if (_up.Task.IsCompleted)
            {
                _up = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    public void SetUp() => _up.TrySetResult();

    public void BeginStorm() => Interlocked.Increment(ref _storms);

    public void EndStorm()
    {
        Interlocked.Exchange(ref _calmSince, Stopwatch.GetTimestamp());
        Interlocked.Decrement(ref _storms);
    }

    private static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        source.SetResult();
        return source;
    }
}
