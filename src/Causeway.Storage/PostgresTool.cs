using System.Diagnostics;
using Npgsql;

namespace Causeway.Storage;

/// <summary>PostgreSQL's own programs for backup and restore, given the connection the server uses.</summary>
public sealed class PostgresTool
{
    private readonly string _program;
    private readonly List<string> _arguments;
    private readonly NpgsqlConnectionStringBuilder _connection;

    private PostgresTool(string program, string connection, IEnumerable<string> arguments)
    {
        _program = program;
        _connection = new NpgsqlConnectionStringBuilder(connection);
        _arguments =
        [
            .. arguments,
            .. _connection.Host is { } host ? ["--host", host] : Array.Empty<string>(),
            "--port", _connection.Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
            .. _connection.Username is { } user ? ["--username", user] : Array.Empty<string>(),
            "--no-password", "--dbname", _connection.Database ?? _connection.Username ?? "",
        ];
    }

    /// <summary>The command as one would type it; the password is not in it.</summary>
    public string Line => string.Join(' ', _arguments.Prepend(_program).Select(a => a.Contains(' ', StringComparison.Ordinal) ? $"'{a}'" : a));

    /// <summary>Dumps the whole database, consistently, while it is used.</summary>
    public static PostgresTool Dump(string connection, string file) => new(
        "pg_dump", connection, ["--format=custom", "--compress=0", "--no-owner", "--no-privileges", "--file", file]);

    /// <summary>Loads a dump in one transaction.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="file">The dump.</param>
    /// <param name="replace">Whether tables that are there are dropped first.</param>
    public static PostgresTool Restore(string connection, string file, bool replace) => new(
        "pg_restore", connection,
        ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", .. replace ? ["--clean", "--if-exists"] : Array.Empty<string>(), file]);

    /// <summary>Runs it.</summary>
    /// <exception cref="StorageException">It is not installed, or failed; the message says how to run it by hand.</exception>
    public async Task RunAsync()
    {
        var start = new ProcessStartInfo(_program, _arguments) { RedirectStandardError = true };
        if (_connection.Password is { } password)
        {
            start.Environment["PGPASSWORD"] = password;
        }

        try
        {
            using var process = Process.Start(start)!;
            var errors = await process.StandardError.ReadToEndAsync().ConfigureAwait(false);
            await process.WaitForExitAsync().ConfigureAwait(false);
            if (process.ExitCode != 0)
            {
                throw new StorageException($"{_program} failed: {errors.Trim()}\nThe command was: {Line}", null);
            }
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new StorageException($"{_program} is not installed here (Debian: apt-get install postgresql-client). Where it is, run: {Line}", e);
        }
    }
}
