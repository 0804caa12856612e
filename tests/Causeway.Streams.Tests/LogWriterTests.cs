using Causeway.Storage;
using Causeway.TestKit;

namespace Causeway.Streams.Tests;

public sealed class LogWriterTests
{
    [DatabaseTheory]
    public async Task Positions_are_gapless_in_the_order_of_handing_over(string database)
    {
        await using var log = await TestLog.OpenAsync(database);

        var firsts = await Task.WhenAll(Enumerable.Range(1, 300).Select(i => log.Writer.AppendAsync(new Unit($"n{i}", i % 3))));

        var sizes = Enumerable.Range(1, 300).Select(i => (long)(i % 3)).ToList();
        Assert.Equal(sizes.Select((_, i) => 1 + sizes.Take(i).Sum()), firsts);
        Assert.Equal(Enumerable.Range(1, (int)sizes.Sum()).Select(i => (long)i), await log.PositionsAsync());
        Assert.Equal(sizes.Sum(), log.Tail.Head);
    }

    [DatabaseTheory]
    public async Task The_head_is_the_same_after_a_restart(string database)
    {
        await using var log = await TestLog.OpenAsync(database);
        await log.Writer.AppendAsync(new Unit("a", 5));

        await log.RestartAsync();

        Assert.Equal(5, log.Tail.Head);
        Assert.Equal(6, await log.Writer.AppendAsync(new Unit("b", 1)));
    }

    [DatabaseTheory]
    public async Task A_unit_that_decides_against_itself_takes_no_position_and_no_other_with_it(string database)
    {
        await using var log = await TestLog.OpenAsync(database);
        var good = log.Writer.AppendAsync(new Unit("a", 1));
        var refused = log.Writer.AppendAsync(new Unit("b", 1) { Work = (_, _) => throw new InvalidOperationException("taken") });
        var after = log.Writer.AppendAsync(new Unit("c", 1));

        await Assert.ThrowsAsync<InvalidOperationException>(() => refused);

        Assert.Equal(1, await good);
        Assert.Equal(2, await after);
        Assert.Equal([1L, 2L], await log.PositionsAsync());
    }

    [DatabaseTheory]
    public async Task What_a_refused_unit_wrote_is_undone(string database)
    {
        await using var log = await TestLog.OpenAsync(database);
        var refused = new Unit("a", 0)
        {
            Work = async (session, first) =>
            {
                await session.ExecuteAsync("INSERT INTO log (position, kind) VALUES ($1, $2)", 1000L, 1L);
                throw new InvalidOperationException("no");
            },
        };

        await Assert.ThrowsAsync<InvalidOperationException>(() => log.Writer.AppendAsync(refused));

        Assert.Empty(await log.PositionsAsync());
    }

    [DatabaseTheory]
    public async Task One_unit_that_the_store_refuses_does_not_fail_the_others_of_its_batch(string database)
    {
        await using var log = await TestLog.OpenAsync(database);
        await log.Writer.AppendAsync(new Unit("first", 1));
        var units = Enumerable.Range(0, 20).Select(i => new Unit($"n{i}", 1) { WritesTwice = i == 7 }).ToList();

        units.ForEach(log.Writer.Enqueue);
        await Task.WhenAny(Task.WhenAll(units.Select(u => u.Done)), Task.Delay(TimeSpan.FromSeconds(20)));

        Assert.True(units[7].Done.IsFaulted);
        Assert.All(units.Where((_, i) => i != 7), u => Assert.True(u.Done.IsCompletedSuccessfully));
        Assert.Equal(Enumerable.Range(1, 20).Select(i => (long)i), await log.PositionsAsync());
    }

    [DatabaseTheory]
    public async Task When_a_unit_fails_every_later_unit_of_its_chain_fails_with_it(string database)
    {
        await using var log = await TestLog.OpenAsync(database);
        var chain = new LogChain();
        var before = new Unit("before", 1) { On = chain, Report = log.Committed.Add };
        var bad = new Unit("bad", 1) { On = chain, WritesTwice = true };
        var built = new Unit("built on it", 1) { On = chain };
        var apart = log.Unit("apart", 1);

        foreach (var unit in new[] { before, bad, built, apart })
        {
            log.Writer.Enqueue(unit);
        }

        await Assert.ThrowsAsync<StorageException>(() => built.Done);
        await before.Done;
        await apart.Done;
        Assert.True(chain.IsBroken);
        Assert.Equal(["before", "apart"], log.Committed);
        await Assert.ThrowsAsync<StorageException>(() => log.Writer.AppendAsync(new Unit("later", 1) { On = chain }));
    }

    [DatabaseTheory]
    public async Task A_fault_in_a_units_effects_neither_ends_the_log_nor_takes_back_what_is_durable(string database)
    {
        await using var log = await TestLog.OpenAsync(database);
        var chain = new LogChain();
        var faulty = new Unit("faulty", 1) { On = chain, Report = _ => throw new InvalidOperationException("effect") };

        Assert.Equal(1, await log.Writer.AppendAsync(faulty));
        Assert.Equal(2, await log.Writer.AppendAsync(new Unit("next", 1)));
        Assert.True(chain.IsBroken);
        Assert.Equal([1L, 2L], await log.PositionsAsync());
    }

    [DatabaseTheory]
    public async Task Effects_are_published_in_commit_order_before_the_answer(string database)
    {
        await using var log = await TestLog.OpenAsync(database);

        await Task.WhenAll(Enumerable.Range(0, 100).Select(async i =>
        {
            var first = await log.Writer.AppendAsync(log.Unit($"n{i}", 1));
            Assert.True(log.Tail.Head >= first);
            Assert.Contains($"n{i}", log.Committed);
        }));

        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"n{i}"), log.Committed);
    }

    [DatabaseTheory]
    public async Task Whatever_storage_call_fails_an_acknowledged_unit_is_there_and_the_log_goes_on(string database)
    {
        var faults = new StorageFaults();
        await using var log = await TestLog.OpenAsync(database, faults);
        var acknowledged = new List<long>();
        for (var n = 1; n <= 12; n++)
        {
            faults.FailAfter(n);
            for (var i = 0; i < 3; i++)
            {
                try
                {
                    acknowledged.Add(await log.Writer.AppendAsync(new Unit($"{n}.{i}", 1)));
                }
                catch (StorageException)
                {
                    // Not acknowledged: the fault hit this one.
                }
            }
        }

        var stored = await log.PositionsAsync();
        Assert.NotEmpty(acknowledged);
        Assert.Subset(stored.ToHashSet(), acknowledged.ToHashSet());
        Assert.Equal(Enumerable.Range(1, stored.Count).Select(i => (long)i), stored);
        Assert.Equal(acknowledged.Distinct().Count(), acknowledged.Count);
    }
}
