using System.Collections.Concurrent;

namespace Causeway.Hosting;

/// <summary>
/// Token buckets by person (or address where nobody is signed in) and kind of call. Idle buckets are full buckets,
/// so they are simply forgotten.
/// </summary>
public sealed class RateLimiter(HostingOptions options, TimeProvider clock)
{
    private readonly ConcurrentDictionary<(Rate, string), Bucket> _buckets = new();
    private long _lastSweep = clock.GetTimestamp();

    /// <summary>Takes one from the caller's bucket.</summary>
    /// <exception cref="Refusal">M_LIMIT_EXCEEDED with the time to wait.</exception>
    public void Check(Rate rate, MatrixRequest request) =>
        Check(rate, request.FindRequester?.User.Value ?? request.RemoteAddress);

    /// <summary>Takes one from the bucket of a key, such as the account a login is tried for.</summary>
    public void Check(Rate rate, string key)
    {
        if (!options.RateLimits)
        {
            return;
        }

        var (perSecond, burst) = Limits(rate);
        var now = clock.GetTimestamp();
        Sweep(now);
        var bucket = _buckets.GetOrAdd((rate, key), _ => new Bucket { Tokens = burst, At = now });
        lock (bucket)
        {
            var refill = clock.GetElapsedTime(bucket.At, now).TotalSeconds * perSecond;
            bucket.Tokens = Math.Min(burst, bucket.Tokens + refill);
            bucket.At = now;
            if (bucket.Tokens < 1)
            {
                throw Refusal.LimitExceeded(TimeSpan.FromSeconds((1 - bucket.Tokens) / perSecond));
            }

            bucket.Tokens--;
        }
    }

    private static (double PerSecond, double Burst) Limits(Rate rate) => rate switch
    {
        Rate.Message => (10, 60),
        Rate.Login => (0.5, 20),
        Rate.Join => (2, 30),
        Rate.Upload => (5, 60),
        Rate.Download => (100, 1000),
        _ => (20, 100),
    };

    private void Sweep(long now)
    {
        if (clock.GetElapsedTime(Interlocked.Read(ref _lastSweep), now) < TimeSpan.FromMinutes(5))
        {
            return;
        }

        Interlocked.Exchange(ref _lastSweep, now);
        foreach (var (key, bucket) in _buckets)
        {
            if (clock.GetElapsedTime(bucket.At, now) > TimeSpan.FromMinutes(5))
            {
                _buckets.TryRemove(key, out _);
            }
        }
    }

    private sealed class Bucket
    {
        public double Tokens;
        public long At;
    }
}
