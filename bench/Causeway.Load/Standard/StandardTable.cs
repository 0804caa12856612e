using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Causeway.Load.Standard;

/// <summary>Medians of the repeated runs beside the figures to reach and, for sends, the ratio to the raw ceiling.</summary>
internal sealed class StandardTable
{
    private static readonly Row[] Rows =
    [
        new("send", "sends_per_second", "durable sends, 64 rooms, per second", "half of the ceiling", null, true),
        new("send", "send_p50_ms", "send p50, ms", "", null),
        new("send", "send_p99_ms", "send p99, ms", "< 50", 50),
        new("send", "server_cpu_us_per_message", "server CPU per message, us", "< 250", 250),
        new("hotroom", "sends_per_second", "sends into one hot room, per second", ">= 2,500", 2500, true),
        new("hotroom", "send_p99_ms", "hot room p99, ms", "", null),
        new("fanout", "deliveries_per_second", "deliveries at the offered rate, per second", ">= 10,000", 9900, true),
        new("fanout", "delivery_p50_ms", "delivery p50, ms", "", null),
        new("fanout", "delivery_p99_ms", "delivery p99, ms", "< 150", 150),
        new("fanout", "most_deliveries_per_second", "deliveries, as many as keep up, per second", "", null, true),
        new("fanout", "one_message_to_all_p50_ms", "one message to the last of 200, ms", "< 25", 25),
        new("incrementalsync", "incremental_sync_p50_ms", "incremental sync, 1,000 rooms, ms", "< 2", 2),
        new("incrementalsync", "server_cpu_us_per_sync", "server CPU per incremental sync, us", "< 2,000", 2000),
        new("initialsync", "initial_sync_p50_ms", "initial sync, 200 rooms, ms", "< 100", 100),
        new("join", "joins_per_second", "joins of one room, per second", ">= 500", 500, true),
        new("join", "last_slice_to_second", "join rate, last slice to second", "flat: >= 0.7", 0.7, true),
        new("login", "registers_per_second", "registrations, per second", "", null, true),
        new("login", "logins_per_second", "logins, per second", "", null, true),
        new("messages", "events_per_second", "/messages, 4 readers, events per second", ">= 100,000", 100_000, true),
        new("messages", "one_reader_events_per_second", "/messages, 1 reader, events per second", "", null, true),
        new("idle", "server_rss_fresh_mb", "server at rest after a restart, MiB", "< 150", 150),
        new("idle", "server_rss_before_mb", "server after 500 first syncs, MiB", "", null),
        new("idle", "bytes_per_idle_sync", "per idle sync, bytes", "< 20,000", 20_000),
        new("idle", "server_cpu_percent_while_idle", "CPU while all idle, %", "", null),
    ];

    private readonly Dictionary<(string Group, string Scenario, string Figure), double> _medians;
    private readonly IReadOnlyDictionary<string, double> _start;
    private readonly List<string> _troubles = [];

    public StandardTable(IReadOnlyList<(string Group, ScenarioResult Result)> runs, IReadOnlyDictionary<string, double> start)
    {
        _start = start;
        _medians = runs
            .SelectMany(run => run.Result.Figures.Select(figure => (Key: (run.Group, run.Result.Scenario, figure.Key), figure.Value)))
            .GroupBy(figure => figure.Key, figure => figure.Value)
            .ToDictionary(figure => figure.Key, figure => Median(figure));
        foreach (var (group, result) in runs)
        {
            if (result.Failure is not null)
            {
                _troubles.Add($"{group} {result.Scenario} failed: {result.Failure}");
            }

            _troubles.AddRange(result.Errors.List().Select(
                error => $"{group} {result.Scenario}: {error.Count} x {error.Kind}: {error.First}"));
        }
    }

    public string ToMarkdown()
    {
        var text = new StringBuilder("| what | median | to reach | |\n|---|---:|---|---|\n");
        var ceiling = Find("ceiling", "send", "sends_per_second");
        Add("raw ceiling: sends per second", ceiling, string.Empty, string.Empty);
        Add("raw ceiling: p99, ms", Find("ceiling", "send", "send_p99_ms"), string.Empty, string.Empty);
        Add("raw ceiling: CPU per message, us", Find("ceiling", "send", "server_cpu_us_per_message"), string.Empty, string.Empty);
        foreach (var row in Rows)
        {
            var value = Find("server", row.Scenario, row.Figure);
            var verdict = row.Limit is { } limit && value is { } had
                ? Verdict(row.MoreIsBetter ? had >= limit : had < limit)
                : string.Empty;
            if (row.IsDurableRate && value / ceiling is { } ratio)
            {
                verdict = $"{ratio:P0} of the ceiling, " + (row.Limit is null ? Verdict(ratio >= 0.5) : verdict);
            }

            Add(row.Label, value, row.Target, verdict);
        }

        foreach (var (name, value) in _start)
        {
            Add(name, value, "< 1,000", Verdict(value < 1000));
        }

        if (Find("postgres", "send", "sends_per_second") is { } postgres)
        {
            var share = postgres / Find("server", "send", "sends_per_second");
            Add("PostgreSQL: sends per second", postgres, ">= 40 % of SQLite", $"{share:P0}, " + Verdict(share >= 0.4));
        }

        foreach (var trouble in _troubles)
        {
            text.Append("- ").AppendLine(trouble.ReplaceLineEndings(" "));
        }

        return text.ToString();

        void Add(string label, double? value, string target, string verdict) => text.AppendLine(
            CultureInfo.InvariantCulture, $"| {label} | {(value is { } had ? Show(had) : "-")} | {target} | {verdict} |");
    }

    public void WriteMedians(Utf8JsonWriter json)
    {
        json.WriteStartObject("medians");
        foreach (var (key, value) in _medians)
        {
            json.WriteNumber($"{key.Group}.{key.Scenario}.{key.Figure}", value);
        }

        foreach (var (name, value) in _start)
        {
            json.WriteNumber("server." + name, Math.Round(value));
        }

        if (Find("server", "send", "sends_per_second") / Find("ceiling", "send", "sends_per_second") is { } ratio && double.IsFinite(ratio))
        {
            json.WriteNumber("send_ratio_to_ceiling", Math.Round(ratio, 3));
        }

        json.WriteEndObject();
    }

    private double? Find(string group, string scenario, string figure) =>
        _medians.TryGetValue((group, scenario, figure), out var value) ? value : null;

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    private static string Verdict(bool reached) => reached ? "reached" : "NOT reached";

    private static string Show(double value) =>
        value.ToString(Math.Abs(value) >= 100 ? "#,0" : "0.##", CultureInfo.InvariantCulture);

    private sealed record Row(string Scenario, string Figure, string Label, string Target, double? Limit, bool MoreIsBetter = false)
    {
        /// <summary>Acknowledged writes per second: what the ceiling measures too.</summary>
        public bool IsDurableRate => Figure is "sends_per_second" or "joins_per_second";
    }
}
