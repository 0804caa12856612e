using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Causeway.Wire;

namespace Causeway.Load.Standard;

/// <summary>
/// The standard set, in less than five minutes: the raw ceiling, then every scenario against a fresh server, the short
/// ones three times, then idle long-polls and logins after a restart on the same data, then sends on PostgreSQL where one is given.
/// </summary>
internal sealed class StandardSet
{
    private const string Usage =
        "standard --server-command \"...\" [--database \"Host=...\"] [--json FILE] [--repeats 3] [--seconds 5] [--members 2000]";

    // After this long, what is left is run once; after the second limit, not at all.
    private static readonly TimeSpan RepeatUntil = TimeSpan.FromSeconds(170);
    private static readonly TimeSpan RunUntil = TimeSpan.FromSeconds(260);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly string[] Own = ["--server-command", "--database", "--repeats"];
    private static readonly string[] Repeated = ["send", "hotroom", "fanout", "initialsync", "incrementalsync", "messages"];

    // Thousands of accounts are registered only to have them; how fast passwords are hashed is the login scenario's.
    private static readonly string[] QuickPasswords = ["--password-iterations", "1000"];

    private readonly CommandLine _line;
    private readonly long _begun = Stopwatch.GetTimestamp();
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"causeway-bench-{Environment.ProcessId}");
    private readonly List<(string Group, ScenarioResult Result)> _runs = [];
    private readonly Dictionary<string, double> _startMilliseconds = [];

    private StandardSet(CommandLine line) => _line = line;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var line = new CommandLine(arguments, [.. Own, .. LoadOptions.Names]);
        if (line.Find("--server-command") is null)
        {
            throw new UsageException(Usage);
        }

        var set = new StandardSet(line);
        try
        {
            await set.RunCeilingAsync();
            await set.RunServerAsync(line.Find("--server-command")!);
            if (line.Find("--database") is { } database)
            {
                await set.RunDatabaseAsync(line.Find("--server-command")!, database);
            }
        }
        finally
        {
            if (Directory.Exists(set._folder))
            {
                Directory.Delete(set._folder, recursive: true);
            }
        }

        return set.Report();
    }

    private int Repeats => Elapsed < RepeatUntil ? _line.GetNumber("--repeats", 3) : 1;

    private TimeSpan Elapsed => Stopwatch.GetElapsedTime(_begun);

    private async Task RunCeilingAsync()
    {
        var endpoint = ServerCommand.FreeEndpoint();
        string[] command =
        [
            Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet",
            Path.Combine(AppContext.BaseDirectory, "ceiling", "Causeway.Ceiling.dll"),
            "--listen", $"http://{endpoint}", "--data", Path.Combine(_folder, "ceiling"),
        ];
        await using var ceiling = new ServerProcess(command, endpoint);
        await ceiling.StartAsync(Patience);
        await RunScenariosAsync("ceiling", ceiling, CreateOptions(ceiling), ["send"], _line.GetNumber("--repeats", 3));
    }

    private async Task RunServerAsync(string command)
    {
        var endpoint = ServerCommand.FreeEndpoint();
        var data = Path.Combine(_folder, "data");
        AccountPool accounts;
        await using (var server = new ServerProcess(ServerCommand.Complete(command, endpoint, data, QuickPasswords), endpoint))
        {
            _startMilliseconds["start_to_ready_empty_ms"] = (await server.StartAsync(Patience)).TotalMilliseconds;
            var options = CreateOptions(server);
            accounts = new AccountPool(options);
            foreach (var name in Repeated)
            {
                await RunScenariosAsync("server", server, options, [name], Repeats, accounts);
            }

            await RunScenariosAsync("server", server, options, ["join"], 1, accounts);
        }

        // The same data again, now with passwords hashed as in earnest; memory is measured in a process that is fresh.
        await using var again = new ServerProcess(ServerCommand.Complete(command, endpoint, data), endpoint);
        _startMilliseconds["start_to_ready_again_ms"] = (await again.StartAsync(Patience)).TotalMilliseconds;
        await RunScenariosAsync("server", again, CreateOptions(again), ["idle", "login"], 1, accounts);
    }

    private async Task RunDatabaseAsync(string command, string database)
    {
        var endpoint = ServerCommand.FreeEndpoint();
        await using var server = new ServerProcess(
            ServerCommand.Complete(command, endpoint, Path.Combine(_folder, "data-postgres"), [.. QuickPasswords, "--database", database]), endpoint);
        await server.StartAsync(Patience);
        await RunScenariosAsync("postgres", server, CreateOptions(server), ["send"], Repeats);
    }

    private async Task RunScenariosAsync(
        string group, ServerProcess server, LoadOptions options, IReadOnlyList<string> names, int repeats, AccountPool? accounts = null)
    {
        var runner = new ScenarioRunner(options, accounts ?? new AccountPool(options));
        foreach (var name in names)
        {
            for (var repeat = 0; repeat < repeats; repeat++)
            {
                if (Elapsed > RunUntil)
                {
                    Console.Error.WriteLine($"{group} {name}: left out, the time is up.");
                    break;
                }

                var begun = Stopwatch.GetTimestamp();
                var result = await runner.RunAsync(name);
                _runs.Add((group, result));
                Console.Error.WriteLine(
                    $"{group} {name} {repeat + 1}/{repeats}: {Stopwatch.GetElapsedTime(begun).TotalSeconds:0.0} s"
                    + (result.Failure is null ? string.Empty : " FAILED: " + result.Failure)
                    + (result.Errors.Total == 0 ? string.Empty : $" ({result.Errors.Total} errors)"));
                if (server.HasExited)
                {
                    throw new InvalidOperationException(
                        "The server has exited by itself. Its last lines:\n" + string.Join('\n', server.LastLines));
                }

                if (result.Failure is not null)
                {
                    break;
                }
            }
        }
    }

    private LoadOptions CreateOptions(ServerProcess server)
    {
        var options = LoadOptions.Read(_line, server.Endpoint, new ProcessFigures(server.ProcessId));
        return options with
        {
            Users = $"{options.Users}{Stopwatch.GetTimestamp() % 1_000_000}_",
            Seconds = _line.GetNumber("--seconds", 5),
            RegistrationSeconds = _line.GetNumber("--registration-seconds", 45),
        };
    }

    private int Report()
    {
        var table = new StandardTable(_runs, _startMilliseconds);
        Console.Out.WriteLine(table.ToMarkdown());
        Console.Out.WriteLine($"Took {Elapsed.TotalSeconds:0} s.");
        if (_line.Find("--json") is { } path)
        {
            File.WriteAllText(path, JsonReport.Text(Write));
        }

        return _runs.Exists(run => run.Result.Failure is not null) ? 1 : 0;

        void Write(Utf8JsonWriter json)
        {
            json.WriteStartObject();
            json.WriteNumber("cores", Environment.ProcessorCount);
            json.WriteString("framework", RuntimeInformation.FrameworkDescription);
            json.WriteNumber("seconds", Math.Round(Elapsed.TotalSeconds));
            table.WriteMedians(json);
            foreach (var group in _runs.GroupBy(run => run.Group))
            {
                json.WritePropertyName("runs_" + group.Key);
                JsonReport.WriteAll(json, group.Select(run => run.Result));
            }

            json.WriteEndObject();
        }
    }
}
