namespace Causeway.Storage;

/// <summary>What lies where in the data folder, and who holds it.</summary>
public static class DataFolder
{
    private const string LockName = "causeway.lock";

    /// <summary>The embedded database's file; beside it lie <c>-wal</c> and <c>-shm</c>.</summary>
    public static string DatabaseFile(string folder) => Path.Combine(folder, "causeway.db");

    /// <summary>
    /// Makes the folder, readable by its owner alone, where it is not there yet, and takes it for this process. The
    /// lock ends with the process, however it ends.
    /// </summary>
    /// <exception cref="StorageException">Another process holds it, or it cannot be written.</exception>
    public static FileStream Lock(string folder)
    {
        try
        {
            if (!Directory.Exists(folder))
            {
                Create(folder);
            }

            return new FileStream(Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new StorageException($"The data folder {folder} cannot be written: {e.Message}", e);
        }
        catch (IOException e) when (File.Exists(Path.Combine(folder, LockName)))
        {
            throw new StorageException(
                $"Another Causeway process uses the data folder {folder}. Stop it first, or choose another --data.", e) { IsHeld = true };
        }
        catch (IOException e)
        {
            throw new StorageException($"The data folder {folder} cannot be used: {e.Message}", e);
        }
    }

    /// <summary>The files that people upload; <c>tmp</c> in it holds those on their way in.</summary>
    public static string MediaFolder(string folder) => Path.Combine(folder, "media");

    /// <summary>Where a restore gathers its files before they take their place; only an interrupted one leaves it behind.</summary>
    public static string RestorePart(string folder) => Path.Combine(folder, "restore-part");

    /// <summary>Where a backup's copy lies until it is packed.</summary>
    public static string NewSnapshot(string folder, string id) => Path.Combine(folder, "snapshot-" + id);

    /// <summary>Removes the copies of backups that did not end; the caller holds the folder.</summary>
    /// <exception cref="StorageException">A restore did not end: what is here is half the old and half the new.</exception>
    public static void Tidy(string folder)
    {
        if (Directory.Exists(RestorePart(folder)))
        {
            throw new StorageException(
                $"A restore into {folder} was interrupted. Run 'causeway restore FILE --force' again, to its end.", null);
        }

        foreach (var left in Directory.GetDirectories(folder, "snapshot-*"))
        {
            Directory.Delete(left, recursive: true);
        }
    }

    /// <summary>Whether a process holds the folder now.</summary>
    public static bool IsHeld(string folder)
    {
        if (!File.Exists(Path.Combine(folder, LockName)))
        {
            return false;
        }

        try
        {
            Lock(folder).Dispose();
            return false;
        }
        catch (StorageException e) when (e.IsHeld)
        {
            return true;
        }
    }

    /// <summary>
    /// Whether a path inside the folder is content to be kept in a backup: not the database, which is copied in its own
    /// way, nor what belongs to a running process.
    /// </summary>
    public static bool IsContent(string relative) =>
        relative.Split('/')[0] is var first
        && first is not (LockName or "admin.sock" or "causeway.db" or "causeway.db-wal" or "causeway.db-shm")
        && !first.StartsWith("snapshot-", StringComparison.Ordinal)
        && !first.StartsWith("restore-", StringComparison.Ordinal)
        && !relative.StartsWith("media/tmp/", StringComparison.Ordinal);

    /// <summary>Makes a folder that only its owner can read.</summary>
    public static void Create(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
