using System.Text;

namespace Causeway.Server.Local;

/// <summary>The Unix domain socket over which this machine's administrator reaches the running server.</summary>
internal static class LocalSocket
{
    /// <summary>What the kernel takes for a socket's path, its final NUL left out.</summary>
    private const int LongestPath = 107;

    /// <summary>Where the socket of a data folder is found; a link where the folder's path is too long for a socket.</summary>
    public static string Place(string data) => Path.Combine(Path.GetFullPath(data), "admin.sock");

    /// <summary>
    /// The path to listen on. What an earlier process left there is removed; the caller holds the data folder's lock, so
    /// nobody listens on it.
    /// </summary>
    public static string Prepare(string data)
    {
        var place = Place(data);
        File.Delete(place);
        if (Encoding.UTF8.GetByteCount(place) <= LongestPath)
        {
            return place;
        }

        var near = Path.Combine(Directory.CreateTempSubdirectory("causeway-").FullName, "admin.sock");
        File.CreateSymbolicLink(place, near);
        return near;
    }

    /// <summary>Only the owner may connect. The data folder, made for its owner alone, covers the moment before.</summary>
    public static void Protect(string socket)
    {
        if (!OperatingSystem.IsWindows() && File.Exists(socket))
        {
            File.SetUnixFileMode(socket, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    /// <summary>The path to connect to, or null where there is none.</summary>
    public static string? Find(string data)
    {
        var place = Place(data);
        return new FileInfo(place).LinkTarget ?? (File.Exists(place) ? place : null);
    }
}
