using System.Globalization;
using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Server.Local;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Server.Commands;

/// <summary><c>causeway backup FILE</c>: one file with everything, made while the server runs.</summary>
internal static class Backup
{
    public static readonly Command Command = new("backup", "FILE", "copy everything into one file, while the server runs", RunAsync)
    {
        Notes = "The file is a .tar.gz that 'causeway restore' reads; it holds the signing keys\nand password hashes, so keep it as safe as the data. For PostgreSQL it runs pg_dump.",
    };

    private static async Task<int> RunAsync(Arguments arguments)
    {
        var options = arguments.Settings;
        var begun = TimeProvider.System.GetTimestamp();
        var file = Path.GetFullPath(arguments.Operand);
        CheckTarget(file, Path.GetFullPath(options.Data));
        var answer = await LocalChannel.CallAsync(options, "snapshot", []).ConfigureAwait(false);
        var folder = answer.GetProperty("folder").GetString()!;
        try
        {
            var connection = answer.GetProperty("connection").GetString();
            var copy = connection is null ? Check(DataFolder.DatabaseFile(folder)) : await DumpAsync(connection, folder).ConfigureAwait(false);
            var manifest = await BackupArchive.WriteAsync(
                file,
                new BackupManifest(
                    connection is null ? "sqlite" : "postgresql", answer.GetProperty("server_name").GetString()!,
                    answer.GetProperty("position").GetInt64(),
                    TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture), []),
                [(Path.GetFileName(copy), copy), .. OtherFiles(Path.GetFullPath(options.Data))]).ConfigureAwait(false);
            Console.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"Backed up {manifest.ServerName} up to log position {manifest.Position} into {file}: {new FileInfo(file).Length / 1e6:0.0} MB, checked, in {TimeProvider.System.GetElapsedTime(begun).TotalSeconds:0.0} s."));
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void CheckTarget(string file, string data)
    {
        if (File.Exists(file) || Directory.Exists(file))
        {
            throw new CommandException($"{file} is there already; choose another name.");
        }

        if (!Directory.Exists(Path.GetDirectoryName(file)))
        {
            throw new CommandException($"the folder {Path.GetDirectoryName(file)} does not exist.");
        }

        if (file.StartsWith(data + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new CommandException("a backup inside the data folder is lost together with it; choose another place.");
        }
    }

    private static string Check(string copy) => StoreInspection.FindDamage(copy) is { } damage
        ? throw new CommandException($"the copy of the database is damaged, and so is the database: {damage}. Run 'causeway doctor'.")
        : copy;

    private static async Task<string> DumpAsync(string connection, string folder)
    {
        var dump = Path.Combine(folder, "database.dump");
        await PostgresTool.Dump(connection, dump).RunAsync().ConfigureAwait(false);
        return dump;
    }

    private static IEnumerable<(string Name, string Path)> OtherFiles(string data) =>
        from path in Directory.EnumerateFiles(data, "*", SearchOption.AllDirectories)
        let relative = Path.GetRelativePath(data, path).Replace('\\', '/')
        where DataFolder.IsContent(relative)
        orderby relative
        select ("files/" + relative, path);
}

/// <summary>
/// POST /_causeway/local/snapshot: a consistent copy of the embedded database, or where PostgreSQL is. The position is
/// taken first, so that everything acknowledged before is in the copy.
/// </summary>
internal sealed class TakeSnapshot(
    Database database, LogTail tail, OrganisationStore organisations, ServerOptions options, IdSource ids, ILogger<TakeSnapshot> logger) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var position = tail.Head;
        var folder = DataFolder.NewSnapshot(Path.GetFullPath(options.Data), ids.Letters(8));
        DataFolder.Create(folder);
        if (options.Database is null)
        {
            try
            {
                await Task.Run(() => database.BackupAsync(DataFolder.DatabaseFile(folder))).ConfigureAwait(false);
            }
            catch
            {
                Directory.Delete(folder, recursive: true);
                throw;
            }
        }

        LocalLog.Done(logger, "copied the data of", organisations.Default.ServerName.Value);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("position"u8, position);
            json.WriteString("server_name"u8, organisations.Default.ServerName.Value);
            json.WriteString("folder"u8, folder);
            json.WriteString("connection"u8, options.Database);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}
