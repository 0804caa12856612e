namespace Causeway.SearchBench;

/// <summary>Messages of made-up words that come as often as words do (Zipf); one of twenty is of Han signs.</summary>
internal sealed class MadeUpText(int seed)
{
    private const int Words = 50_000;
    private static readonly double[] Sums = MakeSums();
    private readonly Random _random = new(seed);

    /// <summary>The word of a rank; 0 is the most frequent.</summary>
    public static string Word(int rank)
    {
        var word = "";
        for (var n = rank + 20; n > 0; n /= 20)
        {
            word += "bcdfghjklmnprstvwxyz"[n % 20].ToString() + "aeiou"[n % 5];
        }

        return word;
    }

    public string Next() => _random.Next(20) == 0
        ? string.Concat(Enumerable.Range(0, 8 + _random.Next(20)).Select(_ => (char)(0x4E00 + Rank() % 3000)))
        : string.Join(' ', Enumerable.Range(0, 4 + _random.Next(17)).Select(_ => Word(Rank())));

    private int Rank()
    {
        var at = Array.BinarySearch(Sums, _random.NextDouble() * Sums[^1]);
        return Math.Min(at < 0 ? ~at : at, Words - 1);
    }

    private static double[] MakeSums()
    {
        var sums = new double[Words];
        for (var i = 0; i < Words; i++)
        {
            sums[i] = (i == 0 ? 0 : sums[i - 1]) + (1.0 / (i + 2));
        }

        return sums;
    }
}
