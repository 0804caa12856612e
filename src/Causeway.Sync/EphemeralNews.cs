using Causeway.Rooms;

namespace Causeway.Sync;

/// <summary>In which rooms receipts moved or typing changed.</summary>
internal sealed class EphemeralNews(RoomRegistry rooms, ReceiptStore receipts, Typing typing)
{
    /// <summary>The receipts that moved, by room.</summary>
    public async ValueTask<ILookup<long, Receipt>> MovedReceiptsAsync(SyncScope scope, SyncChanges changes)
    {
        if (changes.Receipts is null)
        {
            return await receipts.ListForMemberAsync(scope.Requester.User, scope.SincePosition, scope.Until.Position).ConfigureAwait(false);
        }

        var found = new List<Receipt>();
        foreach (var nid in changes.Receipts)
        {
            if (rooms.FindLoaded(nid) is { } room)
            {
                found.AddRange(await receipts.ListAsync(room, scope.SincePosition, scope.Until.Position).ConfigureAwait(false));
            }
            else
            {
                return await receipts.ListForMemberAsync(scope.Requester.User, scope.SincePosition, scope.Until.Position).ConfigureAwait(false);
            }
        }

        return found.ToLookup(r => r.Room);
    }

    /// <summary>Whether somebody began or ended to type after a tick.</summary>
    public bool TypingChanged(long room, long tick) => typing.ChangedSince(room, tick) is not null;
}
