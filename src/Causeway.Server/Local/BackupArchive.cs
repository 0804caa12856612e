using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Causeway.Server.Commands;

namespace Causeway.Server.Local;

/// <summary>What a backup holds.</summary>
/// <param name="Store">"sqlite" or "postgresql".</param>
/// <param name="ServerName">The first organisation's.</param>
/// <param name="Position">The log position up to which everything acknowledged is in it, and perhaps more.</param>
/// <param name="Made">When.</param>
/// <param name="Files">Name, size and hash of each file.</param>
internal sealed record BackupManifest(
    string Store, string ServerName, long Position, string Made, IReadOnlyList<(string Name, long Size, string Hash)> Files);

/// <summary>
/// A backup: one .tar.gz whose first entry, manifest.json, names every other with its SHA-256. It can be looked into and
/// unpacked with tar alone.
/// </summary>
internal static class BackupArchive
{
    private const string Format = "causeway-backup-1";
    private const string ManifestName = "manifest.json";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Writes the archive beside its place, reads all of it again, then puts it there.</summary>
    public static async Task<BackupManifest> WriteAsync(string file, BackupManifest about, IReadOnlyList<(string Name, string Path)> contents)
    {
        var files = new List<(string, long, string)>();
        foreach (var (name, path) in contents)
        {
            if (Open(path) is { } stream)
            {
                await using (stream)
                {
                    files.Add((name, stream.Length, Convert.ToHexStringLower(await SHA256.HashDataAsync(stream).ConfigureAwait(false))));
                }
            }
        }

        var kept = files.Select(f => f.Item1).ToHashSet(StringComparer.Ordinal);
        contents = [.. contents.Where(c => kept.Contains(c.Name))];
        var manifest = about with { Files = files };
        var part = file + ".part";
        File.Delete(part);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        try
        {
            await using (var output = new FileStream(part, options))
            {
                await using (var zip = new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true))
                await using (var tar = new TarWriter(zip, TarEntryFormat.Pax))
                {
                    using var text = new MemoryStream(Write(manifest));
                    await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, ManifestName) { DataStream = text, Mode = OwnerOnly }).ConfigureAwait(false);
                    foreach (var (name, path) in contents)
                    {
                        await using var stream = Open(path)
                            ?? throw new CommandException($"{path} was deleted while it was being backed up. Run the backup again.");
                        await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = stream, Mode = OwnerOnly }).ConfigureAwait(false);
                    }
                }

                output.Flush(flushToDisk: true);
            }

            await ReadAsync(part, null).ConfigureAwait(false);
            File.Move(part, file);
            return manifest;
        }
        finally
        {
            File.Delete(part);
        }
    }

    /// <summary>Null for a file that somebody deleted since it was listed, such as a media.</summary>
    private static FileStream? Open(string path)
    {
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Checks every byte against the manifest and, where a folder is given, unpacks into it.</summary>
    /// <exception cref="CommandException">It is no backup, or damaged.</exception>
    public static async Task<BackupManifest> ReadAsync(string file, string? folder)
    {
        try
        {
            await using var input = File.OpenRead(file);
            await using var zip = new GZipStream(input, CompressionMode.Decompress);
            await using var tar = new TarReader(zip);
            var manifest = await tar.GetNextEntryAsync().ConfigureAwait(false) is { Name: ManifestName, DataStream: { } text }
                ? Parse(text)
                : throw new CommandException($"{file} is not a backup of Causeway.");
            foreach (var (name, size, hash) in manifest.Files)
            {
                var entry = await tar.GetNextEntryAsync().ConfigureAwait(false);
                if (entry?.Name != name || entry.Length != size
                    || await CopyAsync(entry.DataStream ?? Stream.Null, Target(folder, name)).ConfigureAwait(false) != hash)
                {
                    throw new CommandException($"{file} is damaged: {name} is not what the manifest says. Nothing was changed.");
                }
            }

            return manifest;
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            throw new CommandException($"{file} is damaged or not a backup of Causeway: {e.Message} Nothing was changed.");
        }
    }

    private static string? Target(string? folder, string name)
    {
        if (folder is null)
        {
            return null;
        }

        var path = Path.GetFullPath(Path.Combine(folder, name));
        return path.StartsWith(Path.GetFullPath(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : throw new CommandException($"the backup names a file outside of its folder: {name}.");
    }

    /// <summary>The hash of what was read; written to the target, down to the disk, where there is one.</summary>
    private static async Task<string> CopyAsync(Stream from, string? target)
    {
        if (target is not null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        }

        await using var to = target is null ? Stream.Null : new FileStream(target, FileMode.CreateNew, FileAccess.Write);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 17];
        for (int read; (read = await from.ReadAsync(buffer).ConfigureAwait(false)) > 0;)
        {
            hash.AppendData(buffer, 0, read);
            await to.WriteAsync(buffer.AsMemory(0, read)).ConfigureAwait(false);
        }

        (to as FileStream)?.Flush(flushToDisk: true);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static byte[] Write(BackupManifest manifest) => System.Text.Encoding.UTF8.GetBytes(new JsonObject
    {
        ["format"] = Format,
        ["causeway"] = CommandLine.Version,
        ["made"] = manifest.Made,
        ["store"] = manifest.Store,
        ["server_name"] = manifest.ServerName,
        ["position"] = manifest.Position,
        ["files"] = new JsonArray([.. manifest.Files.Select(f => new JsonObject { ["name"] = f.Name, ["size"] = f.Size, ["sha256"] = f.Hash })]),
    }.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));

    private static BackupManifest Parse(Stream text)
    {
        using var json = JsonDocument.Parse(text);
        var root = json.RootElement;
        if (root.GetProperty("format").GetString() != Format)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"its format is not {Format}."));
        }

        return new BackupManifest(
            root.GetProperty("store").GetString()!, root.GetProperty("server_name").GetString()!, root.GetProperty("position").GetInt64(),
            root.GetProperty("made").GetString()!,
            [.. root.GetProperty("files").EnumerateArray().Select(f => (f.GetProperty("name").GetString()!, f.GetProperty("size").GetInt64(), f.GetProperty("sha256").GetString()!))]);
    }
}
