using Causeway.TestKit;

namespace Causeway.Streams.Tests;

public sealed class LogReaderTests
{
    [DatabaseTheory]
    public async Task Every_entry_is_read_once_from_memory_and_from_the_store_alike(string database)
    {
        await using var log = await TestLog.OpenAsync(database);
        for (var i = 0; i < 25; i++)
        {
            await log.Writer.AppendAsync(new Unit($"n{i}", 2));
        }

        var near = await ReadAllAsync(log);
        await log.RestartAsync();
        var far = await ReadAllAsync(log);

        Assert.Equal(Enumerable.Range(1, 50).Select(i => (long)i), near.Select(e => e.Position));
        Assert.Equal(near, far);
    }

    [DatabaseTheory]
    public async Task Who_waits_is_woken_by_the_next_commit_and_at_once_when_there_was_one(string database)
    {
        await using var log = await TestLog.OpenAsync(database);
        var waiting = new[] { log.Tail.WaitBeyondAsync(0, default), log.Tail.WaitBeyondAsync(0, default) };
        Assert.All(waiting, w => Assert.False(w.IsCompleted));

        await log.Writer.AppendAsync(new Unit("a", 1));

        await Task.WhenAll(waiting).WaitAsync(TimeSpan.FromSeconds(20));
        Assert.True(log.Tail.WaitBeyondAsync(0, default).IsCompletedSuccessfully);
        using var end = new CancellationTokenSource();
        var beyond = log.Tail.WaitBeyondAsync(1, end.Token);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => beyond);
    }

    private static async Task<List<LogEntry>> ReadAllAsync(TestLog log)
    {
        var all = new List<LogEntry>();
        long position = 0;
        while (position < log.Tail.Head)
        {
            var stretch = await log.Reader.ReadAsync(position, 7);
            Assert.InRange(stretch.Entries.Count, 0, 7);
            Assert.All(stretch.Entries, e => Assert.InRange(e.Position, position + 1, stretch.UpTo));
            all.AddRange(stretch.Entries);
            position = stretch.UpTo;
        }

        return all;
    }
}
