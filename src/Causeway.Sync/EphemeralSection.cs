using Causeway.Rooms;

namespace Causeway.Sync;

/// <summary>Gathers receipts, typing and presence.</summary>
internal sealed class EphemeralSection(ReceiptStore receipts, RoomRegistry rooms, Typing typing, Presence presence)
{
    /// <summary>Presence that changed, of those who share a room.</summary>
    public async ValueTask<List<(string User, PresenceState State)>> PresenceAsync(SyncScope scope)
    {
        var filter = scope.Filter.Presence;
        if (!filter.Wants("m.presence") || filter.Limit == 0)
        {
            return [];
        }

        var changed = await presence.ChangedSinceAsync(scope.Requester.User, scope.Since?.Tick ?? 0).ConfigureAwait(false);
        changed.RemoveAll(p => p.State.Changed > scope.Until.Tick || !filter.Wants("m.presence", p.User));
        return changed;
    }

    /// <summary>Receipts that moved since the token, by room.</summary>
    public async ValueTask<ILookup<long, Receipt>> ReceiptsAsync(SyncScope scope, SyncChanges changes)
    {
        var found = new List<Receipt>();
        foreach (var nid in changes.Receipts ?? [])
        {
            if (rooms.FindLoaded(nid) is not { } room)
            {
                return await EverywhereAsync(scope).ConfigureAwait(false);
            }

            found.AddRange(await receipts.ListAsync(room, scope.SincePosition, scope.Until.Position).ConfigureAwait(false));
        }

        return changes.Receipts is null ? await EverywhereAsync(scope).ConfigureAwait(false) : found.ToLookup(r => r.Room);
    }

    /// <summary>Every receipt of a room, for one that is new to the client.</summary>
    public ValueTask<List<Receipt>> AllReceiptsAsync(Room room, SyncScope scope) => receipts.ListAsync(room, 0, scope.Until.Position);

    /// <summary>Whether somebody began or ended typing in a room since the token.</summary>
    public bool IsTypingNews(long room, SyncScope scope) => typing.ChangedSince(room, scope.Since!.Value.Tick) is not null;

    /// <summary>Those who type, when that is news to the client; null otherwise.</summary>
    public IReadOnlyList<string>? Typing(Room room, long tick) =>
        typing.ChangedSince(room.Nid, tick) is { } users && (tick > 0 || users.Count > 0) ? users : null;

    private ValueTask<ILookup<long, Receipt>> EverywhereAsync(SyncScope scope) =>
        receipts.ListForMemberAsync(scope.Requester.User, scope.SincePosition, scope.Until.Position);
}
