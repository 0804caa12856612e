using System.Diagnostics;

namespace Causeway.TestKit;

public static class Wait
{
    /// <summary>Waits for a condition, looking often; fails with <paramref name="what"/> when it has not come in time.</summary>
    public static async Task UntilAsync(
        Func<Task<bool>> condition, TimeSpan limit, string what, CancellationToken cancellation = default)
    {
        var watch = Stopwatch.StartNew();
        for (var pause = 2; !await condition(); pause = Math.Min(pause * 2, 50))
        {
            if (watch.Elapsed > limit)
            {
                throw new TimeoutException($"Waited {limit.TotalSeconds:0.#} s in vain for {what}.");
            }
            await Task.Delay(pause, cancellation);
        }
    }

    public static Task UntilAsync(Func<bool> condition, TimeSpan limit, string what) =>
        UntilAsync(() => Task.FromResult(condition()), limit, what);
}
