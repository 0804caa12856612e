using System.Diagnostics;

namespace Causeway.Media.Thumbnails;

/// <summary>
/// Decoding pictures of strangers is where servers get broken into, so a child process does it: 200 MB of memory, ten
/// seconds of processor, no network where the system allows to take it away, an empty environment, one file to read and
/// one to write, and of libvips only the loaders that are tested against hostile files.
/// </summary>
internal sealed class Thumbnailer(MediaOptions options)
{
    private const long MemoryBytes = 200L << 20;
    private const long OutputBytes = 8L << 20;
    private static readonly TimeSpan WallTime = TimeSpan.FromSeconds(20);

    private readonly SemaphoreSlim _children = new(2);
    private readonly Lazy<bool> _canCutNetwork = new(() => Find("unshare") is { } unshare && Succeeds(unshare, ["--user", "--net", "true"]));

    /// <summary>Whether thumbnails can be made.</summary>
    public bool IsThere => options.Thumbnailer is not null;

    /// <summary>vipsthumbnail with prlimit, which limits it; null where one is not installed.</summary>
    public static string? FindProgram() => OperatingSystem.IsLinux() && Find("prlimit") is not null ? Find("vipsthumbnail") : null;

    /// <summary>Makes a thumbnail of a file into another of the same folder; false when it cannot be made.</summary>
    /// <param name="folder">The folder of both, a name without meaning for libvips.</param>
    /// <param name="input">The image's file name.</param>
    /// <param name="output">The thumbnail's file name, whose ending is the format.</param>
    /// <param name="size">Its size.</param>
    /// <param name="cancellation">Ends the child.</param>
    public async Task<bool> MakeAsync(string folder, string input, string output, ThumbnailSize size, CancellationToken cancellation)
    {
        await _children.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            List<string> words =
            [
                $"--data={MemoryBytes}", $"--as={MemoryBytes * 8}", "--cpu=10", $"--fsize={OutputBytes}", "--nofile=64", "--core=0",
                .. _canCutNetwork.Value ? (string[])[Find("unshare")!, "--user", "--net"] : [],
                options.Thumbnailer!, input, "--size", $"{size.Width}x{size.Height}>",
                .. size.IsCrop ? (string[])["--smartcrop", "centre"] : [],
                "-o", output + (output.EndsWith(".png", StringComparison.Ordinal) ? "[strip]" : "[Q=80,strip]"),
            ];
            return await RunAsync(Find("prlimit")!, words, folder, cancellation).ConfigureAwait(false)
                && new FileInfo(Path.Combine(folder, output)) is { Exists: true, Length: > 0 and < OutputBytes };
        }
        finally
        {
            _children.Release();
        }
    }

    private static async Task<bool> RunAsync(string program, IEnumerable<string> words, string folder, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(program, words)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Clear();
        foreach (var (name, value) in new[]
        {
            ("PATH", "/usr/bin:/bin"), ("TMPDIR", folder), ("VIPS_BLOCK_UNTRUSTED", "1"), ("VIPS_CONCURRENCY", "1"), ("MALLOC_ARENA_MAX", "1"),
        })
        {
            start.Environment[name] = value;
        }

        using var child = Process.Start(start)!;
        child.StandardInput.Close();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(WallTime);
        try
        {
            // What it says is read away, so that it cannot fill the pipe and stop, and is not kept.
            await Task.WhenAll(
                child.StandardOutput.BaseStream.CopyToAsync(Stream.Null, limit.Token),
                child.StandardError.BaseStream.CopyToAsync(Stream.Null, limit.Token),
                child.WaitForExitAsync(limit.Token)).ConfigureAwait(false);
            return child.ExitCode == 0;
        }
        catch (OperationCanceledException)
        {
            child.Kill(entireProcessTree: true);
            cancellation.ThrowIfCancellationRequested();
            return false;
        }
    }

    private static bool Succeeds(string program, string[] words)
    {
        using var child = Process.Start(new ProcessStartInfo(program, words) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        return child.WaitForExit(TimeSpan.FromSeconds(5)) && child.ExitCode == 0;
    }

    private static string? Find(string program) =>
        Array.Find(["/usr/bin/" + program, "/bin/" + program, "/usr/local/bin/" + program], File.Exists);
}
