using System.Text.Json;
using Causeway.History;
using Causeway.Wire;

namespace Causeway.HistoryChecker;

/// <summary>One run: start, settle in, live under faults, come to rest, read everything, prove.</summary>
internal sealed class CheckerRun(CheckerOptions options)
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private readonly RecordedHistory _history = new();
    private readonly FindingList _findings = new();
    private readonly ErrorTally _errors = new();
    private readonly Weather _weather = new();

    public async Task<int> RunAsync()
    {
        Console.Out.WriteLine($"seed {options.Seed}, {options.Duration.TotalSeconds:0} s, faults {options.Faults}");
        using var folder = DataFolder.Create(options.Faults.HasFlag(Fault.FullDisk) ? options.DiskMegabytes : 0);
        var endpoint = ServerCommand.FreeEndpoint();
        string[] more = options.Database is null ? [] : ["--database", options.Database];
        await using var server = new ServerProcess(
            ServerCommand.Complete(options.ServerCommand, endpoint, Path.Combine(folder.Path, "data"), more), endpoint);
        await server.StartAsync(StartPatience);

        var clients = await Settlement.CreateAsync(options, endpoint, _history, _weather, _findings, _errors);
        var isWhole = false;
        try
        {
            await LiveAsync(server, folder, clients);
            await FinalReader.ReadAsync(clients, _history, _findings);
            isWhole = true;
        }
        catch (Exception e) when (e is SetupFailedException or IOException or InvalidOperationException or JsonException or KeyNotFoundException)
        {
            _findings.Add("A run comes to its end", e.Message);
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
        }

        // Without the readings at the end everything would look lost.
        return Report(server, isWhole ? HistoryProof.Check(_history) : []);
    }

    private async Task LiveAsync(ServerProcess server, DataFolder folder, List<CheckedClient> clients)
    {
        using var actionsEnd = new CancellationTokenSource();
        using var syncsEnd = new CancellationTokenSource();
        var syncs = clients.Select(client => client.Sync.RunAsync(syncsEnd.Token)).ToArray();
        var actions = clients.Select(client => client.ActAsync(actionsEnd.Token)).ToArray();
        var injector = new FaultInjector(options, server, folder, _weather, _findings);
        await injector.RunAsync(_history.CountAcknowledged);
        await actionsEnd.CancelAsync();
        await Task.WhenAll(actions);

        // Every acknowledged event exists now; one more answer without news tells each loop that it has them all.
        await syncsEnd.CancelAsync();
        await Task.WhenAll(syncs);
    }

    private int Report(ServerProcess server, IReadOnlyList<Violation> violations)
    {
        var acknowledged = _history.Sends.Count(attempt => attempt.Outcome == Outcome.Acknowledged);
        var unknown = _history.Sends.Count(attempt => attempt.Outcome == Outcome.Unknown);
        Console.Out.WriteLine(
            $"{acknowledged} sends acknowledged, {unknown} of unknown outcome, {_history.Sends.Count - acknowledged - unknown} refused; "
            + $"{_history.Memberships.Count} joins and leaves, {_history.Values.Count} values set, "
            + $"{_history.Batches.Sum(batch => batch.Events.Count)} events seen by /sync, {_history.Tokens.Count} tokens, "
            + $"{_history.Readings.Count} rooms read");
        foreach (var note in _findings.Notes)
        {
            Console.Out.WriteLine("note: " + note);
        }

        foreach (var (kind, count, first) in _errors.List())
        {
            Console.Out.WriteLine($"answer: {count} x {kind}: {first}");
        }

        foreach (var kind in violations.Concat(_findings.Violations).GroupBy(violation => violation.Promise))
        {
            Console.Out.WriteLine($"VIOLATION {kind.Key} ({kind.Count()} times)");
            foreach (var one in kind.Take(5))
            {
                Console.Out.WriteLine("  " + one.Evidence);
            }
        }

        if (violations.Count + _findings.Violations.Count == 0)
        {
            Console.Out.WriteLine("The contract held.");
            return 0;
        }

        Console.Out.WriteLine($"Run again with --seed {options.Seed}. The server's last lines:");
        foreach (var line in server.LastLines.TakeLast(20))
        {
            Console.Out.WriteLine("  | " + line);
        }

        return 1;
    }
}
