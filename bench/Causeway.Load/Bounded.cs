namespace Causeway.Load;

/// <summary>Runs numbered jobs on a few workers, each with something of its own (mostly a connection).</summary>
internal static class Bounded
{
    public static async Task RunAsync<TWorker>(
        int count, int parallel, Func<TWorker, int, Task> job, Func<TWorker> createWorker)
        where TWorker : IDisposable
    {
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(count, parallel)).Select(async _ =>
        {
            using var worker = createWorker();
            for (var number = Interlocked.Increment(ref next); number < count; number = Interlocked.Increment(ref next))
            {
                await job(worker, number);
            }
        }));
    }
}
