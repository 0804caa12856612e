namespace Causeway.Storage;

/// <summary>
/// Brings the schema up to date: each migration in its own transaction together with its line in
/// <c>migrations</c>, so that a crash in the middle is resumed at the next start.
/// </summary>
public static class Migrator
{
    internal const string ReadSql = "SELECT room, number FROM migrations";

    /// <summary>Applies what is missing; the number of steps applied.</summary>
    /// <exception cref="StorageException">The database was written by a newer version.</exception>
    public static async Task<int> ApplyAsync(Database database, IEnumerable<Migration> migrations)
    {
        await using var writer = await database.OpenWriterAsync().ConfigureAwait(false);
        await writer.Session.ExecuteAsync(database.Translate(
            "CREATE TABLE IF NOT EXISTS migrations (room TEXT NOT NULL, number BIGINT NOT NULL, PRIMARY KEY (room, number))"))
            .ConfigureAwait(false);
        var done = (await writer.Session.QueryAsync(
            ReadSql, r => (Room: r.GetString(0), Number: r.GetInt64(1))).ConfigureAwait(false))
            .ToHashSet();
        var applied = 0;
        var known = migrations.ToList();
        foreach (var (room, number) in done)
        {
            if (!known.Exists(m => m.Room == room && m.Number == number))
            {
                throw new StorageException(
                    $"This database was written by a newer version of Causeway (it has step {number} of '{room}'). Start that version.", null);
            }
        }

        foreach (var migration in known)
        {
            if (done.Contains((migration.Room, migration.Number)))
            {
                continue;
            }

            var sql = database.IsEmbedded ? migration.Sql : migration.PostgresSql ?? migration.Sql;
            await writer.BeginAsync().ConfigureAwait(false);
            foreach (var statement in sql.Split(";\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                await writer.Session.ExecuteAsync(database.Translate(statement.TrimEnd(';'))).ConfigureAwait(false);
            }

            await writer.Session.ExecuteAsync(
                "INSERT INTO migrations (room, number) VALUES ($1, $2)", migration.Room, (long)migration.Number).ConfigureAwait(false);
            await writer.CommitAsync().ConfigureAwait(false);
            applied++;
        }

        return applied;
    }
}
