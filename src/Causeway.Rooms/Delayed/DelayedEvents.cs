using System.Text.Json;
using Causeway.Hosting;
using Causeway.Matrix;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Rooms;

/// <summary>What is told in the capabilities.</summary>
public static class DelayedEventLimits
{
    /// <summary>The longest delay, in ms.</summary>
    public const long MaxDelayMs = 24 * 3600 * 1000;

    /// <summary>How many may wait for one person.</summary>
    public const int MaxScheduled = 100;
}

/// <summary>
/// Delayed events (MSC4140): kept in the store, so that a restart loses none; sent once, because sending carries the
/// delayed event's id as its transaction. Each has one outcome: whoever sends, cancels or restarts it takes its turn.
/// </summary>
internal sealed class DelayedEvents(Database database, LogWriter log, EventSender sender, TimeProvider clock, IdSource ids)
{
    private const long KeptFor = 7L * 24 * 3600 * 1000;

    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1))];

    /// <summary>Raised with the time at which a delayed event is due, when that is new.</summary>
    public event Action<string, long>? Scheduled;

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>404 for one that is not there, or not this person's.</summary>
    public static Refusal Unknown() => Refusal.NotFound("There is no such delayed event.");

    /// <summary>Schedules an event; its id. The same transaction again gives the same id.</summary>
    public async Task<string> ScheduleAsync(
        Requester requester, RoomId room, string type, string? stateKey, ReadOnlyMemory<byte> content, long delay, string? transaction)
    {
        var now = Now;
        var (wanted, id) = (ids.Letters(32), (string?)null);
        await log.AppendAsync(new WorkUnit(null, null, async (session, _) =>
        {
            id = transaction is null ? null : await session.FindAsync(
                "SELECT id FROM delayed_events WHERE device = $1 AND txn = $2 AND room_id = $3",
                r => r.GetString(0), requester.Device, transaction, room.Value).ConfigureAwait(false);
            if (id is not null)
            {
                return;
            }

            var waiting = await session.QueryAsync(
                "SELECT scheduled_at + delay_ms FROM delayed_events WHERE user_id = $1 AND finalised_at IS NULL",
                r => r.GetInt64(0), requester.User.Value).ConfigureAwait(false);
            if (waiting.Count >= DelayedEventLimits.MaxScheduled)
            {
                throw new Refusal(429, "M_LIMIT_EXCEEDED", "You have as many delayed events as one person may have.")
                {
                    RetryAfter = TimeSpan.FromMilliseconds(Math.Max(1000, waiting.Min() - now)),
                };
            }

            await session.ExecuteAsync(
                "INSERT INTO delayed_events (id, user_id, device, device_id, room_id, type, state_key, content, txn, delay_ms, scheduled_at) "
                + "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                wanted, requester.User.Value, requester.Device, requester.DeviceId, room.Value, type, stateKey, content.ToArray(),
                transaction, delay, now).ConfigureAwait(false);
        })).ConfigureAwait(false);
        if (id is null)
        {
            Scheduled?.Invoke(wanted, now + delay);
        }

        return id ?? wanted;
    }

    /// <summary>One of them, or null.</summary>
    public async ValueTask<DelayedEvent?> FindAsync(string id)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.FindAsync(
            $"SELECT {DelayedEvent.Columns} FROM delayed_events WHERE id = $1", DelayedEvent.Map, id).ConfigureAwait(false);
    }

    /// <summary>What waits for a person, in the order in which it will be sent.</summary>
    public async ValueTask<List<DelayedEvent>> ListAsync(UserId user)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.QueryAsync(
            $"SELECT {DelayedEvent.Columns} FROM delayed_events WHERE user_id = $1 AND finalised_at IS NULL ORDER BY scheduled_at + delay_ms",
            DelayedEvent.Map, user.Value).ConfigureAwait(false);
    }

    /// <summary>Everything that waits: id and when it is due.</summary>
    public async ValueTask<List<(string Id, long DueAt)>> ListWaitingAsync()
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.QueryAsync(
            "SELECT id, scheduled_at + delay_ms FROM delayed_events WHERE finalised_at IS NULL",
            r => (r.GetString(0), r.GetInt64(1))).ConfigureAwait(false);
    }

    /// <summary>Starts its delay again.</summary>
    /// <exception cref="Refusal">409 when it has its outcome already.</exception>
    public Task RestartAsync(string id) => InTurnAsync(id, async waiting =>
    {
        if (waiting.FinalisedAt is not null)
        {
            throw Conflict();
        }

        var now = Now;
        await log.AppendAsync(new WorkUnit(null, null, async (session, _) =>
            await session.ExecuteAsync("UPDATE delayed_events SET scheduled_at = $2 WHERE id = $1", id, now).ConfigureAwait(false)))
            .ConfigureAwait(false);
        Scheduled?.Invoke(id, now + waiting.DelayMs);
    });

    /// <summary>Takes it back; again is fine.</summary>
    /// <exception cref="Refusal">409 when it was sent.</exception>
    public Task CancelAsync(string id) => InTurnAsync(id, async waiting =>
    {
        if (waiting.SentAs is not null)
        {
            throw Conflict();
        }

        if (waiting.FinalisedAt is null)
        {
            await FinaliseAsync(id, null, null).ConfigureAwait(false);
        }
    });

    /// <summary>Sends it before its time; again is fine. One that is refused now keeps waiting.</summary>
    /// <param name="id">Which.</param>
    /// <param name="find">The sender as of now.</param>
    /// <exception cref="Refusal">409 when it was cancelled; or why it cannot be sent.</exception>
    public Task SendNowAsync(string id, Func<DelayedEvent, ValueTask<Requester>> find) => InTurnAsync(id, async waiting =>
    {
        if (waiting.FinalisedAt is null)
        {
            await SendAsync(waiting, await find(waiting).ConfigureAwait(false)).ConfigureAwait(false);
        }
        else if (waiting.SentAs is null)
        {
            throw Conflict();
        }
    });

    /// <summary>Sends it when it is due; a refusal is its outcome. What was restarted or has its outcome is left alone.</summary>
    public Task SendDueAsync(string id, Func<DelayedEvent, ValueTask<Requester>> find) => InTurnAsync(id, async waiting =>
    {
        if (waiting.FinalisedAt is not null || waiting.DueAt > Now)
        {
            return;
        }

        try
        {
            await SendAsync(waiting, await find(waiting).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (Refusal refusal)
        {
            await FinaliseAsync(id, null, refusal.ToJson()).ConfigureAwait(false);
        }
    });

    private static Refusal Conflict() => new(409, "M_UNKNOWN", "The delayed event was sent or cancelled already.");

    private async Task SendAsync(DelayedEvent waiting, Requester requester)
    {
        using var content = JsonDocument.Parse(waiting.Content);
        var transaction = TransactionKey.OfDelayed(waiting.Id);
        var sent = waiting.StateKey is { } key
            ? await sender.SetStateAsync(
                requester, waiting.Room, new StateKey(waiting.Type, key), content.RootElement, waiting.Content, transaction).ConfigureAwait(false)
            : await sender.SendMessageAsync(
                requester, waiting.Room, waiting.Type, content.RootElement, waiting.Content, transaction).ConfigureAwait(false);
        await FinaliseAsync(waiting.Id, sent.Value, null).ConfigureAwait(false);
    }

    private async Task InTurnAsync(string id, Func<DelayedEvent, Task> act)
    {
        var turn = _turns[(uint)id.GetHashCode(StringComparison.Ordinal) % _turns.Length];
        await turn.WaitAsync().ConfigureAwait(false);
        try
        {
            await act(await FindAsync(id).ConfigureAwait(false) ?? throw Unknown()).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Writes the outcome down and lets old ones go.</summary>
    private Task FinaliseAsync(string id, string? sentAs, string? error) =>
        log.AppendAsync(new WorkUnit(null, null, async (session, _) =>
        {
            var now = Now;
            await session.ExecuteAsync(
                "UPDATE delayed_events SET finalised_at = $2, event_id = $3, error = $4 WHERE id = $1", id, now, sentAs, error).ConfigureAwait(false);
            await session.ExecuteAsync("DELETE FROM delayed_events WHERE finalised_at < $1", now - KeptFor).ConfigureAwait(false);
        }));
}
