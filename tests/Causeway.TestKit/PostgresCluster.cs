using System.Diagnostics;
using System.Globalization;

namespace Causeway.TestKit;

/// <summary>The files and programs of a private PostgreSQL cluster; PostgreSQL refuses to run as root, so root lends it to another user.</summary>
internal sealed class PostgresCluster
{
    private const string Account = "postgres";

    private PostgresCluster(string folder) => Folder = folder;

    public static string? Binaries { get; } = FindBinaries();

    /// <summary>Why no cluster can be started here, or null when one can.</summary>
    public static string? Obstacle { get; } =
        Binaries == null ? "PostgreSQL is not installed (apt-get install postgresql)"
        : Environment.IsPrivilegedProcess && !HasAccount() ? "the tests run as root and there is no user 'postgres'"
        : null;

    public string Folder { get; }

    public string LogFile => Path.Combine(Folder, "log");

    public static async Task<PostgresCluster> CreateAsync()
    {
        if (Obstacle != null)
        {
            throw new InvalidOperationException($"No PostgreSQL: {Obstacle}.");
        }
        var cluster = new PostgresCluster(Orphans.CreateFolder("postgres"));
        if (Environment.IsPrivilegedProcess)
        {
            using var chown = Process.Start("chown", [$"{Account}:{Account}", cluster.Folder]);
            await chown.WaitForExitAsync();
        }
        using var initdb = cluster.Start("initdb", "-D", Path.Combine(cluster.Folder, "data"), "-U", "causeway",
            "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync");
        await initdb.WaitForExitAsync();
        return initdb.ExitCode == 0 ? cluster
            : throw new InvalidOperationException($"initdb failed: {await File.ReadAllTextAsync(cluster.LogFile)}");
    }

    public Process StartServer(int port, bool durable)
    {
        var onOff = durable ? "on" : "off";
        string[] settings =
        [
            "listen_addresses=127.0.0.1", string.Create(CultureInfo.InvariantCulture, $"port={port}"),
            $"unix_socket_directories={Folder}", $"fsync={onOff}", $"synchronous_commit={onOff}",
            $"full_page_writes={onOff}", "max_connections=300", "shared_buffers=64MB", "timezone=UTC",
        ];
        return Start("postgres", ["-D", Path.Combine(Folder, "data"), .. settings.SelectMany(s => new[] { "-c", s })]);
    }

    // The shell becomes the program, so the id of the process is the id of the program itself.
    private Process Start(string program, params string[] arguments)
    {
        string[] borrow = Environment.IsPrivilegedProcess
            ? ["setpriv", $"--reuid={Account}", $"--regid={Account}", "--init-groups", "--"] : [];
        string[] command =
        [
            "-c", "exec \"$@\" >>\"$LOG\" 2>&1 </dev/null", "sh", .. borrow, Path.Combine(Binaries!, program), .. arguments,
        ];
        var start = new ProcessStartInfo("/bin/sh", command) { WorkingDirectory = Folder };
        start.Environment["LOG"] = LogFile;
        start.Environment["LC_ALL"] = "C";
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} could not be started.");
    }

    private static string? FindBinaries()
    {
        const string Debian = "/usr/lib/postgresql";
        var versions = Directory.Exists(Debian) ? Directory.GetDirectories(Debian) : [];
        return versions
            .OrderByDescending(v => int.TryParse(Path.GetFileName(v), CultureInfo.InvariantCulture, out var n) ? n : 0)
            .Select(v => Path.Combine(v, "bin"))
            .FirstOrDefault(bin => File.Exists(Path.Combine(bin, "initdb")) && File.Exists(Path.Combine(bin, "postgres")));
    }

    private static bool HasAccount() =>
        File.ReadLines("/etc/passwd").Any(line => line.StartsWith(Account + ":", StringComparison.Ordinal));
}
