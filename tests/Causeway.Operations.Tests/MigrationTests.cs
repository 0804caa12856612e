using Causeway.Server;
using Causeway.Storage;

namespace Causeway.Operations.Tests;

public sealed class MigrationTests
{
    /// <summary>A database as each earlier version left it: the first K steps of the house.</summary>
    public static IEnumerable<object[]> EarlierVersions =>
        Enumerable.Range(0, CausewayApp.Migrations.Count()).Select(steps => new object[] { steps });

    [DatabaseTheory]
    [MemberData(nameof(EarlierVersions))]
    public async Task Each_earlier_version_is_brought_up_to_date_with_its_rows(string kind, int steps)
    {
        await using var store = await TestStore.CreateAsync(kind);
        var all = CausewayApp.Migrations.ToList();
        await store.UseAsync(database => Migrator.ApplyAsync(database, all.Take(steps)));
        var rows = await store.UseAsync(store.FillAsync);

        var applied = await store.UseAsync(database => Migrator.ApplyAsync(database, all));

        Assert.Equal(all.Count - steps, applied);
        Assert.Equal(await FreshSchemaAsync(kind), await store.UseAsync(store.SchemaAsync));
        var after = await store.UseAsync(store.CountAsync);
        Assert.All(rows, table => Assert.Equal(table.Value, after[table.Key]));
    }

    [DatabaseTheory]
    public async Task An_upgrade_that_broke_off_anywhere_is_resumed(string kind)
    {
        var wanted = await FreshSchemaAsync(kind);
        for (var call = 1; ; call++)
        {
            await using var store = await TestStore.CreateAsync(kind);
            var faults = new StorageFaults();
            faults.FailAfter(call);
            try
            {
                await store.UseAsync(database => Migrator.ApplyAsync(database, CausewayApp.Migrations), faults);
                Assert.True(call > 20, "hardly any storage call was made to fail");
                return;
            }
            catch (StorageException)
            {
                await store.UseAsync(database => Migrator.ApplyAsync(database, CausewayApp.Migrations));
                Assert.Equal(wanted, await store.UseAsync(store.SchemaAsync));
            }
        }
    }

    [DatabaseTheory]
    public async Task A_database_of_a_newer_version_is_refused_with_a_sentence(string kind)
    {
        await using var store = await TestStore.CreateAsync(kind);
        await store.UseAsync(database => Migrator.ApplyAsync(
            database, [.. CausewayApp.Migrations, new Migration("rooms", 999, "CREATE TABLE of_the_future (id BIGINT NOT NULL);\n")]));

        var result = await Cli.RunAsync(["serve", "--listen", Cli.FreeAddress(), .. store.Arguments]);
        var doctor = await Cli.RunAsync(["doctor", "--listen", Cli.FreeAddress(), .. store.Arguments]);

        Assert.Equal(1, result.Code);
        Assert.Contains("written by a newer version of Causeway (it has step 999 of 'rooms'). Start that version.", result.Errors);
        Assert.Contains("FAULT schema: written by a newer version", doctor.Output);
    }

    [Fact]
    public void Steps_are_numbered_without_a_gap_within_their_room()
    {
        foreach (var room in CausewayApp.Migrations.GroupBy(m => m.Room))
        {
            Assert.Equal(Enumerable.Range(1, room.Count()), room.Select(m => m.Number));
        }
    }

    private static async Task<List<string>> FreshSchemaAsync(string kind)
    {
        await using var fresh = await TestStore.CreateAsync(kind);
        await fresh.UseAsync(database => Migrator.ApplyAsync(database, CausewayApp.Migrations));
        return await fresh.UseAsync(fresh.SchemaAsync);
    }
}
