using System.Runtime.InteropServices;
using Causeway.Storage;

namespace Causeway.Media.Blobs;

/// <summary>Files in 256 folders, named by their hash: written beside, forced to the disk, then renamed.</summary>
internal sealed partial class FolderBlobs : IBlobStore
{
    private readonly string _folder;

    public FolderBlobs(string folder)
    {
        _folder = folder;
        for (var i = 0; i < 256; i++)
        {
            var part = Path.Combine(folder, i.ToString("x2", System.Globalization.CultureInfo.InvariantCulture));
            if (!Directory.Exists(part))
            {
                DataFolder.Create(part);
            }
        }

        SyncFolder(folder);
    }

    public Task PutAsync(string key, SpooledFile file)
    {
        var target = Locate(key);
        try
        {
            // What is there already was whole when it was put there; a different length means the disk lost some of it.
            if (!File.Exists(target) || new FileInfo(target).Length != file.Size)
            {
                File.Move(file.Path, target, overwrite: true);
                SyncFolder(Path.GetDirectoryName(target)!);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"A file cannot be put in its place: {e.Message}", e);
        }

        return Task.CompletedTask;
    }

    public Task<Stream?> OpenAsync(string key, long from, long count, CancellationToken cancellation)
    {
        try
        {
            var stream = new FileStream(Locate(key), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
            stream.Position = from;
            return Task.FromResult<Stream?>(stream);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
    }

    public Task DeleteAsync(string key)
    {
        File.Delete(Locate(key));
        return Task.CompletedTask;
    }

    private string Locate(string key) => key.Length >= 64 && key.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
        ? Path.Combine(_folder, key[..2], key)
        : throw new ArgumentException("This is no key of a file.", nameof(key));

    /// <summary>A rename is durable once the folder is; .NET cannot open a folder, so the C library does.</summary>
    private static void SyncFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = OpenFile(folder, 0);
        if (descriptor < 0)
        {
            throw new IOException($"{folder} cannot be opened (error {Marshal.GetLastPInvokeError()}).");
        }

        var result = ForceToDisk(descriptor);
        var error = Marshal.GetLastPInvokeError();
        _ = CloseFile(descriptor);
        if (result != 0)
        {
            throw new IOException($"{folder} cannot be forced to the disk (error {error}).");
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int ForceToDisk(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int CloseFile(int descriptor);
}
