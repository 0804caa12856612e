using System.Data.Common;

namespace Causeway.Storage;

/// <summary>The one writing connection: transactions with savepoints over one session.</summary>
public sealed class DbWriter : IAsyncDisposable
{
    private readonly Database _database;
    private DbSession _session;

    internal DbWriter(Database database, DbSession session)
    {
        _database = database;
        _session = session;
    }

    /// <summary>The session of the running transaction.</summary>
    public DbSession Session => _session;

    /// <summary>Begins a transaction; on SQLite it takes the write lock at once.</summary>
    public Task BeginAsync() => GuardAsync("BEGIN", () =>
    {
        _session.Transaction = _database.Begin(_session.Connection);
        return Task.CompletedTask;
    });

    /// <summary>Sends the gathered rows and statements, then empties the batch.</summary>
    public async Task FlushAsync(WriteBatch batch)
    {
        if (!batch.IsEmpty)
        {
            await GuardAsync("FLUSH", () => _database.FlushAsync(_session, batch)).ConfigureAwait(false);
            batch.Clear();
        }
    }

    /// <summary>Marks a point to go back to.</summary>
    public Task SaveAsync() => GuardAsync("SAVEPOINT", () => _session.Transaction!.SaveAsync("unit"));

    /// <summary>Undoes everything since <see cref="SaveAsync"/>.</summary>
    public Task UndoAsync() => GuardAsync("ROLLBACK TO", () => _session.Transaction!.RollbackAsync("unit"));

    /// <summary>Commits. After an exception the outcome is unknown: compare the log's head after reconnecting.</summary>
    public Task CommitAsync() => GuardAsync("COMMIT", async () =>
    {
        await _session.Transaction!.CommitAsync().ConfigureAwait(false);
        await _session.Transaction.DisposeAsync().ConfigureAwait(false);
        _session.Transaction = null;
    });

    /// <summary>Rolls back and, when the connection is no longer good, opens a new one.</summary>
    public async Task ResetAsync()
    {
        try
        {
            if (_session.Transaction is { } transaction)
            {
                _session.Transaction = null;
                await transaction.DisposeAsync().ConfigureAwait(false);
            }

            if (!_session.IsBroken && _session.Connection.State == System.Data.ConnectionState.Open)
            {
                return;
            }
        }
        catch (Exception e) when (e is DbException or InvalidOperationException)
        {
            // The connection is gone with its transaction; a new one follows.
        }

        try
        {
            await _session.CloseAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is DbException or InvalidOperationException)
        {
            // Same: nothing to save.
        }

        try
        {
            _session = new DbSession(_database, await _database.ConnectAsync(writer: true).ConfigureAwait(false));
        }
        catch (DbException e)
        {
            throw new StorageException(e.Message, e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await _session.CloseAsync().ConfigureAwait(false);

    private async Task GuardAsync(string what, Func<Task> call)
    {
        _session.Count(what);
        try
        {
            await call().ConfigureAwait(false);
        }
        catch (Exception e) when (e is DbException or InvalidOperationException)
        {
            throw _session.Fault(e, what);
        }
    }
}
