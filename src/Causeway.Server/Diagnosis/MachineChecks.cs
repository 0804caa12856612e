using System.Globalization;
using Causeway.Matrix;
using Causeway.Media;

namespace Causeway.Server.Diagnosis;

/// <summary>The machine: cryptography, clock, limits.</summary>
internal static class MachineChecks
{
    private const long FewFiles = 4096;

    public static async IAsyncEnumerable<Finding> RunAsync(ServerOptions options)
    {
        yield return Crypto();
        yield return Clock(options);
        yield return MediaSetup.FindThumbnailer() is { } program
            ? Finding.Ok("thumbnails", $"made by {program}")
            : Finding.Notice("thumbnails", "vipsthumbnail is not installed; pictures are served in full size instead", "install it (Debian: apt-get install libvips-tools)");
        if (await OpenFilesAsync().ConfigureAwait(false) is { } finding)
        {
            yield return finding;
        }
    }

    private static Finding Crypto()
    {
        try
        {
            _ = SigningKey.FromSeed("ed25519:doctor", new byte[32]).Sign("doctor"u8);
            return Finding.Ok("libcrypto", "signs with Ed25519");
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or TypeInitializationException)
        {
            return Finding.Fault("libcrypto", $"cannot be used: {(e.InnerException ?? e).Message}", "install OpenSSL 3 (Debian: apt-get install libssl3)");
        }
    }

    /// <summary>A clock that stands before this build or before the data's last change is wrong.</summary>
    private static Finding Clock(ServerOptions options)
    {
        var now = TimeProvider.System.GetUtcNow();
        var latest = new[] { typeof(MachineChecks).Assembly.Location, Path.Combine(options.Data, "causeway.db"), Path.Combine(options.Data, "causeway.db-wal") }
            .Where(File.Exists).Select(File.GetLastWriteTimeUtc).DefaultIfEmpty().Max();
        return latest > now.UtcDateTime.AddMinutes(1)
            ? Finding.Fault(
                "clock", $"says {now:u}, but files here were written at {latest:u}", "set the clock, and keep it right with NTP (timedatectl set-ntp true)")
            : Finding.Ok("clock", now.ToString("u", CultureInfo.InvariantCulture));
    }

    /// <summary>Each connection is an open file. .NET raises the soft limit to the hard one by itself.</summary>
    private static async Task<Finding?> OpenFilesAsync()
    {
        const string limits = "/proc/self/limits";
        if (!File.Exists(limits))
        {
            return null;
        }

        var line = (await File.ReadAllLinesAsync(limits).ConfigureAwait(false)).FirstOrDefault(l => l.StartsWith("Max open files", StringComparison.Ordinal));
        var hard = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries)[4];
        return !long.TryParse(hard, NumberStyles.None, CultureInfo.InvariantCulture, out var most) || most >= FewFiles
            ? Finding.Ok("open files", $"up to {hard}")
            : Finding.Notice("open files", $"at most {most}, which is also the most connections", "raise it to 65536 (systemd: LimitNOFILE=65536; shell: ulimit -n 65536)");
    }
}
