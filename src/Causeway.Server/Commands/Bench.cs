using System.Diagnostics;

namespace Causeway.Server.Commands;

/// <summary><c>causeway bench</c>: runs bench/Causeway.Load's standard set against this build.</summary>
internal static class Bench
{
    public static readonly Command Command = new("bench", "", "measure this machine: the standard set and the raw ceiling, in under five minutes", RunAsync)
    {
        Options =
        [
            new("json", "FILE", "write all figures to a file"), new("repeats", "N", "runs of each scenario (3)"),
            new("seconds", "N", "how long a run measures (5)"), new("members", "N", "people who join one room (2000)"),
        ],
        Notes = "With --database it sends on PostgreSQL too. It uses data of its own; see bench/README.md.",
    };

    private static async Task<int> RunAsync(Arguments arguments)
    {
        var options = arguments.Settings;
        var root = Environment.GetEnvironmentVariable("CAUSEWAY_ROOT");
        var project = Path.Combine(root ?? "", "bench", "Causeway.Load");
        if (string.IsNullOrEmpty(root) || !Directory.Exists(project))
        {
            throw new CommandException("the benchmarks are part of a clone's sources, which are not here: run ./causeway bench in a clone.");
        }

        List<string> words =
        [
            "run", "--configuration", "Release", "--project", project, "--", "standard",
            "--server-command", $"dotnet {typeof(Bench).Assembly.Location} serve",
        ];
        foreach (var option in Command.Options)
        {
            if (arguments.Find(option.Name) is { } value)
            {
                words.AddRange(["--" + option.Name, option.Name == "json" ? Path.GetFullPath(value) : value]);
            }
        }

        if (options.Database is { } database)
        {
            words.AddRange(["--database", database]);
        }

        using var process = Process.Start(new ProcessStartInfo("dotnet", words) { WorkingDirectory = root })
            ?? throw new CommandException("'dotnet' could not be started.");
        await process.WaitForExitAsync().ConfigureAwait(false);
        return process.ExitCode;
    }
}
