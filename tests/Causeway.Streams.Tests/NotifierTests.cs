namespace Causeway.Streams.Tests;

public sealed class NotifierTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_wake_up_between_listening_and_waiting_is_not_lost()
    {
        var notifier = new Notifier();
        using var watch = notifier.Begin("@a:x");
        notifier.Wake("@a:x");

        Assert.True(await watch.WaitAsync(Long, TimeProvider.System, default));
    }

    [Fact]
    public async Task All_of_a_persons_requests_wake_and_nobody_elses()
    {
        var notifier = new Notifier();
        using var phone = notifier.Begin("@a:x");
        using var desk = notifier.Begin("@a:x");
        using var other = notifier.Begin("@b:x");

        notifier.Wake("@a:x");

        Assert.True(await phone.WaitAsync(Long, TimeProvider.System, default));
        Assert.True(await desk.WaitAsync(Long, TimeProvider.System, default));
        Assert.False(await other.WaitAsync(TimeSpan.FromMilliseconds(1), TimeProvider.System, default));
    }

    [Fact]
    public async Task Listening_and_ending_at_once_from_many_threads_leaves_nobody_behind()
    {
        var notifier = new Notifier();

        await Task.WhenAll(Enumerable.Range(0, 2000).Select(i => Task.Run(() =>
        {
            using var watch = notifier.Begin($"@{i % 7}:x");
            notifier.Wake($"@{i % 5}:x");
        })));

        Assert.Equal(0, notifier.WatchedUsers);
    }

    [Fact]
    public void The_tail_says_when_it_does_not_reach_back_far_enough()
    {
        var tail = new LogTail(capacity: 4);
        var entries = Enumerable.Range(1, 6).Select(i => new LogEntry(i, LogKind.Event, 1, null, null)).ToList();
        foreach (var entry in entries)
        {
            tail.Append([entry], entry.Position);
        }

        var read = new List<LogEntry>();
        Assert.True(tail.TryRead(2, 6, read));
        Assert.Equal([3L, 4, 5, 6], read.Select(e => e.Position));
        Assert.False(tail.TryRead(1, 6, read));
    }
}
