using System.Globalization;
using Causeway.Server.Local;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Server.Commands;

/// <summary><c>causeway restore FILE</c>: puts a backup into an empty data folder (and database), every byte checked first.</summary>
internal static class Restore
{
    public static readonly Command Command = new("restore", "FILE", "put a backup into the data folder", RunAsync)
    {
        Options = [new("force", null, "replace what is in the data folder (and the database)")],
        Notes = "The server must not run. A backup of PostgreSQL goes into the\nempty database named by --database, with pg_restore.",
    };

    private static async Task<int> RunAsync(Arguments arguments)
    {
        var options = arguments.Settings;
        var begun = TimeProvider.System.GetTimestamp();
        var file = Path.GetFullPath(arguments.Operand);
        var data = Path.GetFullPath(options.Data);
        var force = arguments.Has("force");
        if (!File.Exists(file))
        {
            throw new CommandException($"there is no file {file}.");
        }

        BackupManifest manifest;
        await using (DataFolder.Lock(data))
        {
            manifest = await PutAsync(file, data, options, force).ConfigureAwait(false);
        }

        await using (var database = await Database.OpenAsync(new StorageOptions { DataFolder = data, PostgresConnection = options.Database }).ConfigureAwait(false))
        {
            await LogSchema.SkipLostPositionsAsync(database).ConfigureAwait(false);
        }

        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Restored {manifest.ServerName} as of {manifest.Made}, log position {manifest.Position}, into {data}: {manifest.Files.Count} files, {manifest.Files.Sum(f => f.Size) / 1e6:0.0} MB, in {TimeProvider.System.GetElapsedTime(begun).TotalSeconds:0.0} s."));
        return 0;
    }

    private static async Task<BackupManifest> PutAsync(string file, string data, ServerOptions options, bool force)
    {
        if (!force && Contents(data).Any())
        {
            throw new CommandException($"the data folder {data} is not empty. Choose another --data, or replace all of it with --force.");
        }

        var part = DataFolder.RestorePart(data);
        if (Directory.Exists(part))
        {
            Directory.Delete(part, recursive: true);
        }

        DataFolder.Create(part);
        BackupManifest manifest;
        try
        {
            manifest = await BackupArchive.ReadAsync(file, part).ConfigureAwait(false);
            await CheckAsync(manifest, part, options, force).ConfigureAwait(false);
        }
        catch
        {
            Directory.Delete(part, recursive: true);
            throw;
        }

        if (options.Database is { } connection)
        {
            await PostgresTool.Restore(connection, Path.Combine(part, "database.dump"), force).RunAsync().ConfigureAwait(false);
            File.Delete(Path.Combine(part, "database.dump"));
        }

        Replace(data, part);
        return manifest;
    }

    private static async Task CheckAsync(BackupManifest manifest, string part, ServerOptions options, bool force)
    {
        if (manifest.Store == "sqlite")
        {
            if (options.Database is not null)
            {
                throw new CommandException("this backup is of the embedded database: leave out --database.");
            }

            if (StoreInspection.FindDamage(DataFolder.DatabaseFile(part)) is { } damage)
            {
                throw new CommandException($"the database in the backup is damaged: {damage}");
            }

            return;
        }

        var connection = options.Database
            ?? throw new CommandException("this backup is of PostgreSQL: name an empty database with --database.");
        var facts = await StoreInspection.ReadAsync(new StorageOptions { DataFolder = options.Data, PostgresConnection = connection }).ConfigureAwait(false);
        if (facts!.IsHeld)
        {
            throw new CommandException("a server uses the database. Stop it first.");
        }

        if (facts.Migrations is not null && !force)
        {
            throw new CommandException("the database is not empty. Name another one, or replace all of it with --force.");
        }
    }

    /// <summary>
    /// The database goes last, and the folder of parts after it: while that is there no server starts, so a restore that
    /// was interrupted is noticed.
    /// </summary>
    private static void Replace(string data, string part)
    {
        foreach (var old in Contents(data))
        {
            if (Directory.Exists(old) && new FileInfo(old).LinkTarget is null)
            {
                Directory.Delete(old, recursive: true);
            }
            else
            {
                File.Delete(old);
            }
        }

        var files = Path.Combine(part, "files");
        foreach (var item in Directory.Exists(files) ? Directory.GetFileSystemEntries(files) : [])
        {
            Directory.Move(item, Path.Combine(data, Path.GetFileName(item)));
        }

        if (File.Exists(DataFolder.DatabaseFile(part)))
        {
            File.Move(DataFolder.DatabaseFile(part), DataFolder.DatabaseFile(data));
        }

        Directory.Delete(part, recursive: true);
    }

    private static IEnumerable<string> Contents(string data) =>
        Directory.EnumerateFileSystemEntries(data).Where(path => Path.GetFileName(path) is not ("causeway.lock" or "restore-part")).ToList();
}
