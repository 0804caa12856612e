using System.Collections.Concurrent;
using System.Data.Common;

namespace Causeway.Storage;

/// <summary>
/// The store: SQLite in the data folder, or PostgreSQL. Everything above it writes one portable SQL; this class and its
/// two subclasses hold the handful of differences (D5).
/// </summary>
public abstract class Database : IAsyncDisposable
{
    private readonly ConcurrentBag<DbSession> _idle = [];
    private readonly SemaphoreSlim _readers;
    private FileStream? _folderLock;

    private protected Database(StorageOptions options)
    {
        Options = options;
        _readers = new SemaphoreSlim(options.MaxReaders);
    }

    /// <summary>"SQLite" or "PostgreSQL", with its version.</summary>
    public abstract string Description { get; }

    /// <summary>Whether the store lives in this process, so that no other process reads it.</summary>
    public abstract bool IsEmbedded { get; }

    internal StorageOptions Options { get; }

    /// <summary>Opens the store the options name; a second process on the same data is refused.</summary>
    /// <exception cref="StorageException">The store cannot be reached or another process holds it.</exception>
    public static async Task<Database> OpenAsync(StorageOptions options)
    {
        var database = Create(options);
        try
        {
            database._folderLock = DataFolder.Lock(options.DataFolder);
            DataFolder.Tidy(options.DataFolder);
            await database.PrepareAsync().ConfigureAwait(false);
            return database;
        }
        catch (Exception e)
        {
            await database.DisposeAsync().ConfigureAwait(false);
            throw e is DbException ? new StorageException(e.Message, e) : e;
        }
    }

    /// <summary>A session for reading; dispose it to give it back.</summary>
    public async ValueTask<DbSession> ReadAsync(CancellationToken cancellation = default)
    {
        await _readers.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return _idle.TryTake(out var session)
                ? session
                : new DbSession(this, await ConnectAsync(writer: false).ConfigureAwait(false));
        }
        catch (DbException e)
        {
            _readers.Release();
            throw new StorageException(e.Message, e);
        }
        catch
        {
            _readers.Release();
            throw;
        }
    }

    /// <summary>The writing end; the log writer is its only holder while the server runs.</summary>
    public async Task<DbWriter> OpenWriterAsync()
    {
        try
        {
            return new DbWriter(this, new DbSession(this, await ConnectAsync(writer: true).ConfigureAwait(false)));
        }
        catch (DbException e)
        {
            throw new StorageException(e.Message, e);
        }
    }

    /// <summary>Copies the embedded database to a file while the server runs; null where the store has its own tool.</summary>
    public abstract Task BackupAsync(string file);

    /// <inheritdoc/>
    public virtual async ValueTask DisposeAsync()
    {
        while (_idle.TryTake(out var session))
        {
            await session.CloseAsync().ConfigureAwait(false);
        }

        _readers.Dispose();
        if (_folderLock is not null)
        {
            await _folderLock.DisposeAsync().ConfigureAwait(false);
        }

        GC.SuppressFinalize(this);
    }

    internal async ValueTask ReturnAsync(DbSession session)
    {
        if (session.IsBroken)
        {
            // What broke one (a restarted server) broke the others: let them go instead of failing a caller with each.
            await session.CloseAsync().ConfigureAwait(false);
            while (_idle.TryTake(out var other))
            {
                await other.CloseAsync().ConfigureAwait(false);
            }
        }
        else
        {
            _idle.Add(session);
        }

        _readers.Release();
    }

    internal abstract Task PrepareAsync();

    /// <summary>A new connection; the writer's also makes sure that no other server took over meanwhile.</summary>
    internal abstract Task<DbConnection> ConnectAsync(bool writer);

    internal abstract void NameParameter(DbParameter parameter, int index);

    /// <summary>Turns portable DDL into this store's.</summary>
    internal abstract string Translate(string ddl);

    internal abstract Task FlushAsync(DbSession session, WriteBatch batch);

    internal abstract DbTransaction Begin(DbConnection connection);

    private static Database Create(StorageOptions options)
    {
        try
        {
            return options.PostgresConnection is { } connection
                ? new PostgresDatabase(options, connection)
                : new SqliteDatabase(options);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new StorageException(
                $"The database setting is no PostgreSQL connection string such as \"Host=127.0.0.1;Database=causeway;Username=causeway\": {e.Message}", e);
        }
    }
}
