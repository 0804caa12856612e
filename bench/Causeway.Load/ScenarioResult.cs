using System.Text.Json;
using Causeway.Wire;

namespace Causeway.Load;

/// <summary>What one run of one scenario was asked, what it measured, and everything that went wrong.</summary>
internal sealed class ScenarioResult(string scenario)
{
    private readonly Dictionary<string, double> _parameters = [];
    private readonly Dictionary<string, double> _figures = [];
    private readonly Dictionary<string, IReadOnlyList<double>> _series = [];

    public string Scenario => scenario;

    public IReadOnlyDictionary<string, double> Figures => _figures;

    public ErrorTally Errors { get; } = new();

    /// <summary>Why the scenario could not be finished; null when it was.</summary>
    public string? Failure { get; set; }

    public void Parameter(string name, double value) => _parameters[name] = value;

    public void Figure(string name, double value) => _figures[name] = Math.Round(value, 3);

    public void Series(string name, IEnumerable<double> values) => _series[name] = [.. values.Select(value => Math.Round(value, 3))];

    /// <summary>The median and the tails of a distribution of milliseconds.</summary>
    public void Percentiles(string name, Distribution distribution)
    {
        Figure(name + "_p50_ms", distribution.Median);
        Figure(name + "_p95_ms", distribution.Percentile(95));
        Figure(name + "_p99_ms", distribution.Percentile(99));
        Figure(name + "_max_ms", distribution.Max);
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("scenario", scenario);
        Write(json, "parameters", _parameters);
        Write(json, "figures", _figures);
        if (_series.Count > 0)
        {
            json.WriteStartObject("series");
            foreach (var (name, values) in _series)
            {
                json.WriteStartArray(name);
                foreach (var value in values)
                {
                    json.WriteNumberValue(value);
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        json.WriteNumber("errors", Errors.Total);
        if (Errors.List() is { Count: > 0 } kinds)
        {
            json.WriteStartArray("error_kinds");
            foreach (var (kind, count, first) in kinds)
            {
                json.WriteStartObject();
                json.WriteString("kind", kind);
                json.WriteNumber("count", count);
                json.WriteString("first", first);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        if (Failure is not null)
        {
            json.WriteString("failure", Failure);
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, Dictionary<string, double> values)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in values)
        {
            json.WriteNumber(key, value);
        }

        json.WriteEndObject();
    }
}
