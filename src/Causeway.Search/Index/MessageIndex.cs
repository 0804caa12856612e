using Causeway.Matrix;
using Causeway.Rooms;
using Causeway.Storage;

namespace Causeway.Search;

/// <summary>
/// What the index says of messages. It is a function of the store as it is: an entry of the log only tells which event to
/// look at again, so entries may be read twice and in any order.
/// </summary>
internal sealed class MessageIndex(Database database, EventStore store, RoomRegistry rooms, Aggregations aggregations)
{
    /// <summary>The full-text engine of this store.</summary>
    public FullText Engine { get; } = FullText.Of(database);

    /// <summary>Puts an event's own text in.</summary>
    public void Put(IndexUnit unit, long position, long room, string sender, EventText e) =>
        Put(unit, position, room, sender, e, position);

    /// <summary>
    /// Looks again at an event that was edited or redacted. A text that was edited is found by its newest form and by no other
    /// (clients show that one), at the place of the event itself.
    /// </summary>
    public async ValueTask RefreshAsync(IndexUnit unit, long room, EventId id)
    {
        if (await store.LocateAsync(id).ConfigureAwait(false) is not { } place
            || await rooms.FindAsync(place.Room).ConfigureAwait(false) is not { } found || found.Nid != room
            || await store.FindAsync(found, id).ConfigureAwait(false) is not { } e)
        {
            return;
        }

        await RefreshAsync(unit, found, e).ConfigureAwait(false);
        foreach (var edited in await EditedByAsync(e.Position).ConfigureAwait(false))
        {
            if (await store.FindAsync(found, edited).ConfigureAwait(false) is { } original)
            {
                await RefreshAsync(unit, found, original).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Which positions of a range are indexed already, (after, upTo].</summary>
    public async ValueTask<HashSet<long>> ListAsync(long after, long upTo)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return [.. await session.QueryAsync(
            "SELECT position FROM search_events WHERE position > $1 AND position <= $2", r => r.GetInt64(0), after, upTo).ConfigureAwait(false)];
    }

    private async ValueTask RefreshAsync(IndexUnit unit, Room room, TimelineEvent e)
    {
        var text = EventText.Read(e.Event.Json);
        if (text.IsEdit || e.RedactedBy is not null || text.Text is null)
        {
            unit.Add(batch => Engine.Remove(batch, e.Position));
            return;
        }

        var edit = text.Kind == TextKind.Message ? await aggregations.FindEditAsync(room, e).ConfigureAwait(false) : null;
        Put(unit, e.Position, room.Nid, e.Event.Sender.Value, edit is null ? text : EventText.Read(edit.Event.Json), edit?.Position ?? e.Position);
    }

    private void Put(IndexUnit unit, long position, long room, string sender, EventText e, long shown)
    {
        var tokens = Tokens.Of(room, sender, e.Kind, e.Text ?? "");
        unit.Add(batch => Engine.Put(batch, position, room, e.Kind, shown, tokens));
    }

    /// <summary>The events that are found by the text of this edit.</summary>
    private async ValueTask<List<EventId>> EditedByAsync(long edit)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.QueryAsync(
            "SELECT l.key FROM search_events e JOIN log l ON l.position = e.position WHERE e.shown = $1 AND e.shown <> e.position",
            r => EventId.Parse(r.GetString(0)), edit).ConfigureAwait(false);
    }
}
