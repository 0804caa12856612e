using Causeway.Wire;

namespace Causeway.HistoryChecker;

[Flags]
internal enum Fault
{
    None = 0,
    Kill = 1,
    RestartPostgres = 2,
    FullDisk = 4,
}

/// <summary>What to run, for how long, and what to break meanwhile.</summary>
internal sealed record CheckerOptions(string ServerCommand, int Seed, TimeSpan Duration, Fault Faults)
{
    public const string Usage = """
        --server-command "dotnet Causeway.Server.dll serve" [--seed N] [--seconds 30] [--faults kill,restart-postgres,full-disk|none]
        [--clients 8] [--rooms 6] [--database "Host=..."] [--postgres-restart-command "..."] [--disk-megabytes 64]

        The command is completed with --listen, --data and so on; where it holds {listen}, {port} or {data} only these are filled in.
        full-disk puts the data on a small tmpfs and needs the right to mount one.
        """;

    private static readonly string[] Names =
    [
        "--server-command", "--seed", "--seconds", "--faults", "--clients", "--rooms", "--database",
        "--postgres-restart-command", "--disk-megabytes",
    ];

    public int Clients { get; init; } = 8;

    public int Rooms { get; init; } = 6;

    public string? Database { get; init; }

    public string? PostgresRestartCommand { get; init; }

    public int DiskMegabytes { get; init; } = 64;

    public static CheckerOptions Read(string[] arguments)
    {
        var line = new CommandLine(arguments, Names);
        var faults = line.Get("--faults", "kill").Split(',').Aggregate(Fault.None, (all, name) => all | name switch
        {
            "kill" => Fault.Kill,
            "restart-postgres" => Fault.RestartPostgres,
            "full-disk" => Fault.FullDisk,
            "none" => Fault.None,
            _ => throw new UsageException($"Unknown fault {name}.\n{Usage}"),
        });
        var options = new CheckerOptions(
            line.Find("--server-command") ?? throw new UsageException(Usage),
            line.GetNumber("--seed", Environment.TickCount & 0xFFFFFF),
            TimeSpan.FromSeconds(line.GetNumber("--seconds", 30)),
            faults)
        {
            Clients = line.GetNumber("--clients", 8),
            Rooms = line.GetNumber("--rooms", 6),
            Database = line.Find("--database"),
            PostgresRestartCommand = line.Find("--postgres-restart-command"),
            DiskMegabytes = line.GetNumber("--disk-megabytes", 64),
        };
        return faults.HasFlag(Fault.RestartPostgres) && options.PostgresRestartCommand is null
            ? throw new UsageException("restart-postgres needs --postgres-restart-command.")
            : options;
    }
}
