using System.Diagnostics;

namespace Causeway.Load;

/// <summary>Durations with the moment each ended, gathered by one sender; merged and cut to the measured window later.</summary>
internal sealed class Latencies
{
    private readonly List<(long End, long Duration)> _samples = new(4096);

    public void Add(long start)
    {
        var end = Stopwatch.GetTimestamp();
        _samples.Add((end, end - start));
    }

    public void Add(long start, long end) => _samples.Add((end, end - start));

    public static Distribution Merge(IEnumerable<Latencies> all, long from = long.MinValue, long to = long.MaxValue) => new(
        all.SelectMany(one => one._samples)
            .Where(sample => sample.End >= from && sample.End <= to)
            .Select(sample => sample.Duration * 1000.0 / Stopwatch.Frequency));

    public Distribution Distribution() => Merge([this]);
}

/// <summary>Sorted milliseconds.</summary>
internal sealed class Distribution(IEnumerable<double> milliseconds)
{
    private readonly double[] _sorted = [.. milliseconds.Order()];

    public int Count => _sorted.Length;

    public double Max => Count == 0 ? 0 : _sorted[^1];

    public double Median => Percentile(50);

    /// <summary>The smallest sample that at least this share of samples does not exceed.</summary>
    public double Percentile(double percent) =>
        Count == 0 ? 0 : _sorted[Math.Clamp((int)Math.Ceiling(Count * percent / 100) - 1, 0, Count - 1)];
}
