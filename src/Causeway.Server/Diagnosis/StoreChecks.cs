using System.Globalization;
using Causeway.Accounts;
using Causeway.Storage;

namespace Causeway.Server.Diagnosis;

/// <summary>The database: reachable, whole, of this version, of this server name.</summary>
internal static class StoreChecks
{
    public static async IAsyncEnumerable<Finding> RunAsync(ServerOptions options)
    {
        var store = new StorageOptions { DataFolder = options.Data, PostgresConnection = options.Database };
        var (facts, fault) = await ReadAsync(store).ConfigureAwait(false);
        if (fault is not null)
        {
            yield return Finding.Fault("database", fault, options.Database is null
                ? "restore the newest backup: causeway restore FILE --force"
                : "start PostgreSQL, or correct --database; 'psql' with the same settings must connect");
            yield break;
        }

        if (facts is null)
        {
            yield return Finding.Ok("database", "none yet; it is made at the first start");
            yield break;
        }

        yield return Finding.Ok("database", $"{facts.Description}, {(facts.IsHeld ? "used by a running server" : "not in use")}");
        yield return facts.Encoding is "UTF8" or "UTF-8"
            ? Finding.Ok("encoding", facts.Encoding)
            : Finding.Fault("encoding", facts.Encoding, "make the database anew: createdb --encoding=UTF8 --template=template0 NAME");
        foreach (var finding in Durability(facts.Settings))
        {
            yield return finding;
        }

        if (options.Database is null)
        {
            yield return StoreInspection.FindDamage(DataFolder.DatabaseFile(options.Data)) is { } damage
                ? Finding.Fault("integrity", damage, "stop the server and restore the newest backup: causeway restore FILE --force")
                : Finding.Ok("integrity", "quick_check found nothing");
        }

        yield return Schema(facts.Migrations);
        if (facts.Migrations is not null)
        {
            yield return await NameAsync(store, options.ServerName).ConfigureAwait(false);
        }
    }

    private static async Task<(StoreFacts?, string?)> ReadAsync(StorageOptions store)
    {
        try
        {
            return (await StoreInspection.ReadAsync(store).ConfigureAwait(false), null);
        }
        catch (StorageException e)
        {
            return (null, e.Message);
        }
    }

    private static IEnumerable<Finding> Durability(IReadOnlyDictionary<string, string> settings)
    {
        foreach (var (name, value) in settings)
        {
            var isBad = name is "fsync" or "full_page_writes" or "synchronous_commit" && value == "off";
            var isFew = name == "max_connections" && int.Parse(value, CultureInfo.InvariantCulture) < 30;
            yield return isBad
                ? Finding.Fault(name, "off: a power cut loses what was acknowledged", $"ALTER SYSTEM SET {name} = on; SELECT pg_reload_conf();")
                : isFew ? Finding.Notice(name, value + "; the server opens up to 20", "ALTER SYSTEM SET max_connections = 100; then restart PostgreSQL")
                : Finding.Ok(name, value);
        }
    }

    private static Finding Schema(IReadOnlyList<(string Room, long Number)>? applied)
    {
        var known = CausewayApp.Migrations.Select(m => (m.Room, (long)m.Number)).ToList();
        var newer = (applied ?? []).Except(known).ToList();
        var missing = known.Except(applied ?? []).Count();
        return newer.Count > 0
            ? Finding.Fault("schema", $"written by a newer version of Causeway (step {newer[0].Item2} of '{newer[0].Room}')", "start that version")
            : Finding.Ok("schema", missing == 0 ? $"up to date, {known.Count} steps" : $"{missing} of {known.Count} steps are applied at the next start");
    }

    private static async Task<Finding> NameAsync(StorageOptions store, string? wanted)
    {
        try
        {
            var names = await StoreInspection.ListAsync(store, AccountsSchema.ServerNamesSql).ConfigureAwait(false);
            return wanted is null || names.Count == 0 || names.Contains(wanted)
                ? Finding.Ok("server name", string.Join(", ", names))
                : Finding.Fault("server name", $"the data belongs to '{names[0]}', not to '{wanted}'; a server name cannot be changed", $"start with --server-name {names[0]}");
        }
        catch (StorageException e)
        {
            return Finding.Fault("server name", e.Message, "start the server once, so that its tables are complete");
        }
    }
}
