using System.Net;
using Causeway.Wire;

namespace Causeway.Load;

/// <summary>What to drive, and how hard. The defaults are the figures of the project's table of targets.</summary>
internal sealed record LoadOptions
{
    public required IPEndPoint Server { get; init; }

    public string Registration { get; init; } = "open";

    /// <summary>Start of every user name; the default differs per run, so that a server can be measured again.</summary>
    public required string Users { get; init; }

    public int Seconds { get; init; } = 10;

    public int Senders { get; init; } = 64;

    public int Rooms { get; init; } = 64;

    public int Listeners { get; init; } = 200;

    /// <summary>Messages per second offered in the fan-out.</summary>
    public int Rate { get; init; } = 50;

    public int JoinMembers { get; init; } = 2000;

    /// <summary>No more time than this goes into registering the members of the join scenario.</summary>
    public int RegistrationSeconds { get; init; } = 120;

    public int InitialRooms { get; init; } = 200;

    public int InitialEvents { get; init; } = 20;

    public int IncrementalRooms { get; init; } = 1000;

    public int SlidingRooms { get; init; } = 5000;

    public int MessagesEvents { get; init; } = 5000;

    public int IdleSyncs { get; init; } = 5000;

    public ProcessFigures? ServerProcess { get; init; }

    public static readonly string[] Names =
    [
        "--server", "--users", "--registration", "--seconds", "--scenario", "--json", "--server-pid", "--senders", "--rooms",
        "--listeners", "--rate", "--members", "--registration-seconds", "--initial-rooms", "--initial-events",
        "--incremental-rooms", "--sliding-rooms", "--messages-events", "--idle-syncs",
    ];

    public static LoadOptions Read(CommandLine line, IPEndPoint server, ProcessFigures? process)
    {
        var plain = new LoadOptions { Server = server, Users = string.Empty };
        return new LoadOptions
        {
            Server = server,
            Registration = line.Get("--registration", plain.Registration),
            Users = line.Get("--users", $"load{Environment.ProcessId}x{Environment.TickCount64 % 1_000_000}_"),
            Seconds = line.GetNumber("--seconds", plain.Seconds),
            Senders = line.GetNumber("--senders", plain.Senders),
            Rooms = line.GetNumber("--rooms", plain.Rooms),
            Listeners = line.GetNumber("--listeners", plain.Listeners),
            Rate = line.GetNumber("--rate", plain.Rate),
            JoinMembers = line.GetNumber("--members", plain.JoinMembers),
            RegistrationSeconds = line.GetNumber("--registration-seconds", plain.RegistrationSeconds),
            InitialRooms = line.GetNumber("--initial-rooms", plain.InitialRooms),
            InitialEvents = line.GetNumber("--initial-events", plain.InitialEvents),
            IncrementalRooms = line.GetNumber("--incremental-rooms", plain.IncrementalRooms),
            SlidingRooms = line.GetNumber("--sliding-rooms", plain.SlidingRooms),
            MessagesEvents = line.GetNumber("--messages-events", plain.MessagesEvents),
            IdleSyncs = line.GetNumber("--idle-syncs", plain.IdleSyncs),
            ServerProcess = process,
        };
    }
}
