using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Causeway.Micro;

// Usage: dotnet run -c Release --project bench/Causeway.Micro [-- --database "Host=..."] : about 30 s, prints JSON.
var at = Array.IndexOf(args, "--database");
var results = new List<(string Name, double PerSecond)>(KernelBenchmarks.All().Select(b => (b.Name, Measure(b.Run))));
foreach (var producers in new[] { 1, 64, 512 })
{
    results.Add((
        string.Create(CultureInfo.InvariantCulture, $"log append, {producers} producers"),
        await LogBenchmark.RunAsync(producers, TimeSpan.FromSeconds(3), at < 0 ? null : args[at + 1]).ConfigureAwait(false)));
}

using var json = new Utf8JsonWriter(Console.OpenStandardOutput(), new JsonWriterOptions { Indented = true });
json.WriteStartObject();
foreach (var (name, rate) in results)
{
    json.WriteNumber(name + ", per second", Math.Round(rate));
}

json.WriteEndObject();

// The median of five rounds after one that only warms up.
static double Measure(Action run)
{
    var rates = new List<double>();
    for (var round = 0; round < 6; round++)
    {
        long calls = 0;
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < TimeSpan.FromMilliseconds(300))
        {
            for (var i = 0; i < 16; i++)
            {
                run();
            }

            calls += 16;
        }

        rates.Add(calls / Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    return rates.Skip(1).Order().ElementAt(2);
}
