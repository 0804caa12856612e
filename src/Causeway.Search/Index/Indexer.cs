using Causeway.Matrix;
using Causeway.Storage;
using Causeway.Streams;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Causeway.Search;

/// <summary>
/// Follows the log and keeps the index: what is new first, and while there is nothing new the past, newest first, so that a
/// rebuild finds recent messages at once. Each step is a unit of the log with its cursor; a crash costs no more than a step.
/// </summary>
internal sealed partial class Indexer(
    Database database, LogWriter log, LogTail tail, MessageIndex messages, PeopleIndex people, TimeProvider clock,
    ILogger<Indexer> logger) : IHostedService, IDisposable
{
    /// <summary>A log shorter than this is indexed before anybody has read that it will be.</summary>
    private const long WorthTelling = 10_000;

    /// <summary>Entries of one step: a step must not keep the log's writer from others for long.</summary>
    private const int Step = 200;

    private static readonly string Forward = $"search.{Tokeniser.Version}";
    private static readonly string Back = $"search.{Tokeniser.Version}.back";
    private static readonly string People = $"search.{Tokeniser.Version}.people";
    private const string ForgetSql = "DELETE FROM log_cursors WHERE reader LIKE 'search.%'";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _end = new();
    private Task _loop = Task.CompletedTask;
    private bool _isLong;
    private long _forward;
    private long _back;
    private IAsyncEnumerator<IndexUnit>? _people;
    private bool _isOpen;
    private volatile bool _isForgotten;

    /// <summary>Forgets the whole index; it is built anew from the log while the server runs.</summary>
    public async Task RebuildAsync()
    {
        var unit = new IndexUnit();
        unit.Execute(ForgetSql);
        await log.AppendAsync(unit).ConfigureAwait(false);
        _isForgotten = true;
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _loop = Task.Run(RunAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _end.Dispose();

    private async Task RunAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            var pause = Pause;
            try
            {
                if (await StepAsync().ConfigureAwait(false) is { } rest)
                {
                    pause = rest;
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Whatever was not written is read again: the cursors in the store tell from where.
                _isOpen = false;
                pause = TimeSpan.FromSeconds(2);
                LogFailed(e);
            }

            if (pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, clock, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>One step; how long to leave the writer to others after it, or null when there was nothing to do.</summary>
    private async Task<TimeSpan?> StepAsync()
    {
        if (!_isOpen || _isForgotten)
        {
            _isForgotten = false;
            await OpenAsync().ConfigureAwait(false);
            _isOpen = true;
        }

        var head = tail.Head;
        if (head > _forward)
        {
            await FollowAsync(head).ConfigureAwait(false);
            return _forward < head ? TimeSpan.Zero : Pause;
        }

        var begun = clock.GetTimestamp();
        if (_people is null && _back == 0)
        {
            return null;
        }

        if (_back > 0)
        {
            await GoBackAsync().ConfigureAwait(false);
        }

        if (_people is not null)
        {
            await TakePeopleAsync().ConfigureAwait(false);
        }

        // Others wrote meanwhile: they get as long as this step took.
        return tail.Head > head ? clock.GetElapsedTime(begun) : TimeSpan.Zero;
    }

    private async Task OpenAsync()
    {
        var head = tail.Head;
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        _forward = await LogSchema.ReadCursorAsync(session, Forward).ConfigureAwait(false);
        _back = await LogSchema.ReadCursorAsync(session, Back).ConfigureAwait(false);
        _people = await LogSchema.ReadCursorAsync(session, People).ConfigureAwait(false) > 0 ? null : people.BuildAsync().GetAsyncEnumerator(_end.Token);
        if (_forward == 0)
        {
            _isLong = head > WorthTelling;
            if (_isLong)
            {
                LogRebuild(head);
            }

            var unit = new IndexUnit(async writing =>
            {
                await messages.Engine.ClearAsync(writing).ConfigureAwait(false);
                await PeopleIndex.ClearAsync(writing).ConfigureAwait(false);
            });
            unit.Execute(ForgetSql);

            // 1 at least: 0 is a reader that never read.
            unit.MoveCursor(Forward, Math.Max(head, 1));
            unit.MoveCursor(Back, head);
            await log.AppendAsync(unit).ConfigureAwait(false);
            (_forward, _back, _people) = (Math.Max(head, 1), head, people.BuildAsync().GetAsyncEnumerator(_end.Token));
        }
    }

    private async Task FollowAsync(long head)
    {
        var rows = await ReadAsync(
            "SELECT position, kind, room, user_id, body FROM log WHERE position > $1 AND position <= $2 ORDER BY position LIMIT $3",
            _forward, head).ConfigureAwait(false);
        var upTo = rows.Count == Step ? rows[^1].Position : head;
        var unit = new IndexUnit();
        foreach (var row in rows)
        {
            if (row.Kind is LogKind.Account or LogKind.Profile && UserId.TryParse(row.User, out var user))
            {
                await people.RefreshAsync(unit, user).ConfigureAwait(false);
            }
            else
            {
                await TakeAsync(unit, row, _ => true).ConfigureAwait(false);
            }
        }

        // Receipts and the like do not move the cursor in the store: they would cost a commit each.
        if (!unit.IsEmpty || upTo - _forward > 10_000)
        {
            await AppendAsync(unit, Forward, upTo).ConfigureAwait(false);
        }

        _forward = upTo;
    }

    /// <summary>Some of the people; after the last of them the cursor says that they are there.</summary>
    private async Task TakePeopleAsync()
    {
        if (await _people!.MoveNextAsync().ConfigureAwait(false))
        {
            await log.AppendAsync(_people.Current).ConfigureAwait(false);
            return;
        }

        var unit = new IndexUnit();
        unit.MoveCursor(People, Math.Max(_forward, 1));
        await log.AppendAsync(unit).ConfigureAwait(false);
        _people = null;
    }

    private async Task GoBackAsync()
    {
        var rows = await ReadAsync(
            "SELECT position, kind, room, user_id, body FROM log WHERE position > $1 AND position <= $2 ORDER BY position DESC LIMIT $3",
            0, _back).ConfigureAwait(false);
        var down = rows.Count == Step ? rows[^1].Position - 1 : 0;
        var there = await messages.ListAsync(down, _back).ConfigureAwait(false);
        var unit = new IndexUnit();
        foreach (var row in rows)
        {
            // What stands there already was put there by an edit, which is newer; redactions have done their work in the log itself.
            if (!there.Contains(row.Position))
            {
                await TakeAsync(unit, row, e => e.Target is null || e.IsEdit).ConfigureAwait(false);
            }
        }

        await AppendAsync(unit, Back, down).ConfigureAwait(false);
        _back = down;
        if (down == 0 && _isLong)
        {
            LogBuilt();
        }
    }

    /// <summary>One event that cannot be read must not keep all others out of the index.</summary>
    private async Task TakeAsync(IndexUnit unit, Row row, Predicate<EventText> wanted)
    {
        if (row is not { Kind: LogKind.Event, Body: { } body })
        {
            return;
        }

        try
        {
            var e = EventText.Read(body);
            if (!wanted(e))
            {
                return;
            }

            if (e.Target is { } target)
            {
                await messages.RefreshAsync(unit, row.Room, target).ConfigureAwait(false);
            }
            else if (e.Text is not null)
            {
                messages.Put(unit, row.Position, row.Room, row.User ?? "", e);
            }
            else
            {
                await people.SeeAsync(unit, row.Room, e).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is not (StorageException or OperationCanceledException))
        {
            LogUnreadable(e, row.Position);
        }
    }

    /// <summary>Moves the cursor with the rows; one that was taken away meanwhile stays away, and everything begins anew.</summary>
    private Task AppendAsync(IndexUnit unit, string cursor, long position)
    {
        unit.Execute("UPDATE log_cursors SET position = $1 WHERE reader = $2", position, cursor);
        return log.AppendAsync(unit);
    }

    private async Task<List<Row>> ReadAsync(string sql, long after, long upTo)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.QueryAsync(
            sql, r => new Row(r.GetInt64(0), (LogKind)r.GetInt64(1), r.FindInt64(2) ?? 0, r.FindString(3), r.FindBytes(4)),
            after, upTo, (long)Step).ConfigureAwait(false);
    }

    private readonly record struct Row(long Position, LogKind Kind, long Room, string? User, byte[]? Body);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The search index could not be written; trying again.")]
    private partial void LogFailed(Exception fault);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The event at {Position} cannot be read and is left out of the search index.")]
    private partial void LogUnreadable(Exception fault, long position);

    [LoggerMessage(Level = LogLevel.Information, Message = "Building the search index up to {Head}, newest messages first.")]
    private partial void LogRebuild(long head);

    [LoggerMessage(Level = LogLevel.Information, Message = "The search index is complete.")]
    private partial void LogBuilt();
}
