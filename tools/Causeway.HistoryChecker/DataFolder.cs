using System.Diagnostics;

namespace Causeway.HistoryChecker;

/// <summary>A fresh folder for the server's data, on request on a small tmpfs of its own that can be filled up.</summary>
internal sealed class DataFolder : IDisposable
{
    private readonly bool _isMounted;

    private DataFolder(string path, bool isMounted)
    {
        Path = path;
        _isMounted = isMounted;
    }

    public string Path { get; }

    private string Filler => System.IO.Path.Combine(Path, "filler");

    public static DataFolder Create(int tmpfsMegabytes)
    {
        var path = Directory.CreateTempSubdirectory("causeway-history-").FullName;
        if (tmpfsMegabytes == 0)
        {
            return new DataFolder(path, false);
        }

        if (Run("mount", "-t", "tmpfs", "-o", $"size={tmpfsMegabytes}m", "tmpfs", path) != 0)
        {
            Directory.Delete(path);
            throw new InvalidOperationException("full-disk needs the right to mount a tmpfs.");
        }

        return new DataFolder(path, true);
    }

    /// <summary>Writes until not a byte is left.</summary>
    public void Fill()
    {
        // Unbuffered: the disk must be full when this returns, not when the stream is closed.
        using var filler = new FileStream(Filler, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        var block = new byte[1 << 20];
        var size = block.Length;
        while (size > 0)
        {
            try
            {
                filler.Write(block, 0, size);
            }
            catch (IOException)
            {
                size /= 2;
            }
        }
    }

    public void Free() => File.Delete(Filler);

    public void Dispose()
    {
        if (_isMounted)
        {
            Run("umount", "-l", Path);
            Directory.Delete(Path);
        }
        else
        {
            Directory.Delete(Path, recursive: true);
        }
    }

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        return process.ExitCode;
    }
}
