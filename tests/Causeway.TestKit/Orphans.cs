using System.Diagnostics;

namespace Causeway.TestKit;

/// <summary>
/// Cleans up when the test process itself dies. A small shell holds the other end of a pipe; when the pipe closes, for
/// whatever reason, it ends the processes and removes the folders it was told of and not told to forget.
/// </summary>
public static class Orphans
{
    private const string Script = """
        pids= folders=
        while read -r verb value; do
          case $verb in
            watch) pids="$pids $value" ;;
            forget) pids=" $pids "; pids="${pids%% $value *} ${pids#* $value }" ;;
            folder) folders="$folders
        $value" ;;
          esac
        done
        for pid in $pids; do kill -TERM "$pid" 2>/dev/null; done
        for attempt in 1 2 3 4 5 6 7 8 9 10; do
          left=
          for pid in $pids; do kill -0 "$pid" 2>/dev/null && left="$left $pid"; done
          [ -z "$left" ] && break
          sleep 0.2
        done
        for pid in $left; do kill -KILL "$pid" 2>/dev/null; done
        printf '%s\n' "$folders" | while read -r folder; do [ -n "$folder" ] && rm -rf "$folder"; done
        """;

    private static readonly Lock Gate = new();
    private static StreamWriter? _pipe;

    public static void Watch(int processId) => Tell($"watch {processId}");

    public static void Forget(int processId) => Tell($"forget {processId}");

    /// <summary>Makes a folder that is gone when the tests have ended.</summary>
    public static string CreateFolder(string purpose)
    {
        var folder = Directory.CreateTempSubdirectory($"causeway-{purpose}-").FullName;
        if (Environment.GetEnvironmentVariable("CAUSEWAY_TEST_KEEP") is not { Length: > 0 })
        {
            Tell($"folder {folder}");
        }
        return folder;
    }

    private static void Tell(string line)
    {
        lock (Gate)
        {
            _pipe ??= Start();
            _pipe.WriteLine(line);
        }
    }

    private static StreamWriter Start()
    {
        // A session of its own: an interrupt typed at the terminal must not end the one that cleans up.
        var start = File.Exists("/usr/bin/setsid")
            ? new ProcessStartInfo("/usr/bin/setsid", ["/bin/sh", "-c", Script]) { RedirectStandardInput = true }
            : new ProcessStartInfo("/bin/sh", ["-c", Script]) { RedirectStandardInput = true };
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        var shell = Process.Start(start) ?? throw new InvalidOperationException("No shell could be started.");
        shell.StandardInput.AutoFlush = true;
        return shell.StandardInput;
    }
}
