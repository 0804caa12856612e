using Causeway.Matrix;
using Causeway.Rooms;
using Causeway.Streams;

namespace Causeway.Sync;

/// <summary>What changed for a person between two positions: found in the tail in memory, or asked of the store.</summary>
internal sealed class SyncChanges
{
    /// <summary>Null = not known by room: every room must be looked at.</summary>
    public HashSet<long>? Rooms { get; private init; }

    /// <summary>Rooms in which a receipt moved; null = not known.</summary>
    public HashSet<long>? Receipts { get; private init; }

    /// <summary>Whether account data changed.</summary>
    public bool AccountData { get; private init; }

    /// <summary>Those whose keys changed, as far as this person may know; null = not known.</summary>
    public HashSet<string>? KeysOf { get; private init; }

    /// <summary>Everything may have changed (an initial sync, or the tail does not reach back).</summary>
    public static SyncChanges Unknown { get; } = new() { AccountData = true };

    internal static SyncChanges Find(
        LogTail tail, string user, long since, long until, IReadOnlyDictionary<long, RoomMembership> places)
    {
        var entries = new List<LogEntry>();
        if (!tail.TryRead(since, until, entries))
        {
            return Unknown;
        }

        var rooms = new HashSet<long>();
        var receipts = new HashSet<long>();
        var keysOf = new HashSet<string>(StringComparer.Ordinal);
        var accountData = false;
        foreach (var entry in entries)
        {
            switch (entry.Kind)
            {
                case LogKind.Event when places.TryGetValue(entry.Room, out var place)
                    && (place.Membership == Membership.Join || place.Position > since):
                    rooms.Add(entry.Room);
                    break;
                case LogKind.Receipt when (entry.Key != ReceiptTypes.Private || entry.User == user)
                    && places.TryGetValue(entry.Room, out var place) && place.Membership == Membership.Join:
                    receipts.Add(entry.Room);
                    break;
                case LogKind.DeviceList when entry.Key is null || entry.Key == user:
                    keysOf.Add(entry.User!);
                    break;
                case LogKind.AccountData when entry.User == user:
                    accountData = true;
                    break;
            }
        }

        return new SyncChanges { Rooms = rooms, Receipts = receipts, KeysOf = keysOf, AccountData = accountData };
    }
}

/// <summary>Finds a person's rooms and what changed in them.</summary>
internal sealed class ChangeFinder(LogTail tail, UserRoomsCache userRooms)
{
    public async ValueTask<(IReadOnlyDictionary<long, RoomMembership> Places, SyncChanges Changes)> FindAsync(SyncScope scope)
    {
        var user = scope.Requester.User.Value;
        var places = await userRooms.LoadAsync(user).ConfigureAwait(false);
        return (places, scope.Since is null || scope.FullState
            ? SyncChanges.Unknown
            : SyncChanges.Find(tail, user, scope.SincePosition, scope.Until.Position, places));
    }
}
