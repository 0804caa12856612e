using System.Globalization;
using Causeway.Storage;

namespace Causeway.Server.Diagnosis;

/// <summary>The data folder: may be written, where it lies, how much room is left, who may read it.</summary>
internal static class FolderChecks
{
    private const long LittleRoom = 1L << 30;
    private const long NoRoom = 64L << 20;

    public static async IAsyncEnumerable<Finding> RunAsync(ServerOptions options)
    {
        var data = Path.GetFullPath(options.Data);
        if (!Directory.Exists(data))
        {
            var parent = data;
            while (!Directory.Exists(parent))
            {
                parent = Path.GetDirectoryName(parent)!;
            }

            yield return await WritableAsync(parent, $"{data} is not there yet and will be made at the first start").ConfigureAwait(false);
            yield break;
        }

        yield return await WritableAsync(data, $"{data} can be written").ConfigureAwait(false);
        if (Path.Combine(DataFolder.MediaFolder(data), "tmp") is var media && Directory.Exists(media)
            && await WritableAsync(media, "").ConfigureAwait(false) is { Level: Level.Fault } fault)
        {
            yield return fault;
        }

        if (Owner(data) is { } owner)
        {
            yield return owner;
        }

        yield return FileSystem(data);
        yield return Space(data);
        if (Directory.Exists(DataFolder.RestorePart(data)))
        {
            yield return Finding.Fault("restore", "an earlier one was interrupted", "run 'causeway restore FILE --force' again, to its end");
        }
    }

    private static async Task<Finding> WritableAsync(string folder, string says)
    {
        var probe = Path.Combine(folder, $"restore-probe-{Environment.ProcessId}");
        try
        {
            await File.WriteAllTextAsync(probe, "").ConfigureAwait(false);
            File.Delete(probe);
            return Finding.Ok("data folder", says);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Finding.Fault("data folder", e.Message, $"give it to the user that runs the server (chown -R {Environment.UserName} {folder}), or choose another --data");
        }
    }

    private static Finding? Owner(string data)
    {
        const UnixFileMode others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute
            | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute;
        return OperatingSystem.IsWindows() || (File.GetUnixFileMode(data) & others) == 0
            ? null
            : Finding.Notice("data folder", "other users of this machine may look into it", $"chmod 700 {data}");
    }

    private static Finding FileSystem(string data)
    {
        var kind = new DriveInfo(data).DriveFormat;
        return kind switch
        {
            "nfs" or "nfs4" or "cifs" or "smb" or "smb2" or "smbfs" or "9p" => Finding.Notice(
                "file system", $"{kind}, on which file locks and forced writes are not always what they should be", "keep the data on a disk of this machine"),
            "tmpfs" or "ramfs" => Finding.Notice("file system", $"{kind}: everything is gone when the machine restarts", "keep the data on a disk"),
            _ => Finding.Ok("file system", kind),
        };
    }

    private static Finding Space(string data)
    {
        var drive = new DriveInfo(data);
        var says = string.Create(CultureInfo.InvariantCulture, $"{drive.AvailableFreeSpace / 1e9:0.0} GB free of {drive.TotalSize / 1e9:0.0} GB");
        return drive.AvailableFreeSpace switch
        {
            < NoRoom => Finding.Fault("space", says + "; writes are refused when it is full", "make room, or move the data folder to a larger disk"),
            < LittleRoom => Finding.Notice("space", says, "make room soon"),
            _ => Finding.Ok("space", says),
        };
    }
}
