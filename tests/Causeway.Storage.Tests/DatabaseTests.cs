using Causeway.TestKit;

namespace Causeway.Storage.Tests;

public sealed class DatabaseTests
{
    [DatabaseTheory]
    public async Task Rows_written_in_bulk_are_read_back_with_their_nulls(string database)
    {
        await using var store = await Store.OpenAsync(database);
        await using var writer = await store.Database.OpenWriterAsync();
        var batch = new WriteBatch();
        batch.Insert(Store.Things, 1L, "äöü 漢字 🎉", new byte[] { 0, 1, 255 });
        batch.Insert(Store.Things, 2L, null, null);

        await writer.BeginAsync();
        await writer.FlushAsync(batch);
        await writer.CommitAsync();

        Assert.Equal([(1L, "äöü 漢字 🎉", "0001FF"), (2L, null, null)], await RowsAsync(store));
    }

    [DatabaseTheory]
    public async Task The_last_row_of_a_key_wins_within_one_batch(string database)
    {
        await using var store = await Store.OpenAsync(database);
        await using var writer = await store.Database.OpenWriterAsync();
        var batch = new WriteBatch();
        batch.Insert(Store.Things, 7L, "first", null);
        batch.Insert(Store.Things, 8L, "other", null);
        batch.Insert(Store.Things, 7L, "last", null);
        batch.Execute("UPDATE things SET name = $1 WHERE id = $2", "after the inserts", 8L);

        await writer.BeginAsync();
        await writer.FlushAsync(batch);
        await writer.CommitAsync();

        Assert.Equal(["last", "after the inserts"], (await RowsAsync(store)).Select(r => r.Name));
    }

    [DatabaseTheory]
    public async Task What_is_undone_to_a_savepoint_leaves_the_rest_of_the_transaction(string database)
    {
        await using var store = await Store.OpenAsync(database);
        await using var writer = await store.Database.OpenWriterAsync();

        await writer.BeginAsync();
        await writer.Session.ExecuteAsync("INSERT INTO things (id, name) VALUES ($1, $2)", 1L, "kept");
        await writer.SaveAsync();
        await writer.Session.ExecuteAsync("INSERT INTO things (id, name) VALUES ($1, $2)", 2L, "undone");
        await writer.UndoAsync();
        await writer.CommitAsync();

        Assert.Equal(["kept"], (await RowsAsync(store)).Select(r => r.Name));
    }

    [DatabaseTheory]
    public async Task A_reader_sees_nothing_of_a_transaction_that_is_not_committed(string database)
    {
        await using var store = await Store.OpenAsync(database);
        await using var writer = await store.Database.OpenWriterAsync();
        await writer.BeginAsync();
        await writer.Session.ExecuteAsync("INSERT INTO things (id, name) VALUES ($1, $2)", 1L, "soon");

        Assert.Empty(await RowsAsync(store));
        await writer.CommitAsync();
        Assert.Single(await RowsAsync(store));
    }

    [DatabaseTheory]
    public async Task A_failed_writer_rolls_back_and_goes_on(string database)
    {
        var faults = new StorageFaults();
        await using var store = await Store.OpenAsync(database, faults);
        await using var writer = await store.Database.OpenWriterAsync();
        var batch = new WriteBatch();
        batch.Insert(Store.Things, 1L, "lost", null);
        await writer.BeginAsync();
        faults.FailAfter(1);

        await Assert.ThrowsAsync<StorageException>(() => writer.FlushAsync(batch));
        await writer.ResetAsync();
        batch.Clear();
        batch.Insert(Store.Things, 2L, "kept", null);
        await writer.BeginAsync();
        await writer.FlushAsync(batch);
        await writer.CommitAsync();

        Assert.Equal(["kept"], (await RowsAsync(store)).Select(r => r.Name));
    }

    [DatabaseTheory]
    public async Task A_second_process_is_refused_with_a_sentence(string database)
    {
        await using var store = await Store.OpenAsync(database);

        var refused = await Assert.ThrowsAsync<StorageException>(() => Database.OpenAsync(store.Options()));

        Assert.StartsWith("Another Causeway process uses", refused.Message, StringComparison.Ordinal);
    }

    [DatabaseTheory]
    public async Task Many_readers_at_once_share_a_bounded_number_of_connections(string database)
    {
        await using var store = await Store.OpenAsync(database);
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            await using var session = await store.Database.ReadAsync();
            return await session.FindAsync<long?>("SELECT CAST($1 AS BIGINT)", r => r.GetInt64(0), (long)i);
        }));

        Assert.Equal(Enumerable.Range(0, 200).Select(i => (long?)i), answers);
    }

    [DatabaseTheory]
    public async Task A_constraint_that_is_broken_leaves_the_session_usable(string database)
    {
        await using var store = await Store.OpenAsync(database);
        await using var writer = await store.Database.OpenWriterAsync();
        await writer.Session.ExecuteAsync("INSERT INTO things (id) VALUES ($1)", 1L);

        await Assert.ThrowsAsync<StorageException>(async () => await writer.Session.ExecuteAsync("INSERT INTO things (id) VALUES ($1)", 1L));
        await writer.ResetAsync();
        await writer.Session.ExecuteAsync("INSERT INTO things (id) VALUES ($1)", 2L);

        Assert.Equal(2, (await RowsAsync(store)).Count);
    }

    private static async Task<List<(long Id, string? Name, string? Body)>> RowsAsync(Store store)
    {
        await using var session = await store.Database.ReadAsync();
        return await session.QueryAsync(
            "SELECT id, name, body FROM things ORDER BY id",
            r => (r.GetInt64(0), r.FindString(1), r.FindBytes(2) is { } b ? Convert.ToHexString(b) : null));
    }
}
