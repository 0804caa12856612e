using Causeway.Accounts;
using Causeway.Encryption;
using Causeway.Matrix;
using Causeway.Rooms;

namespace Causeway.Sync.Sliding;

/// <summary>What the extensions add to an answer.</summary>
internal sealed class ExtensionsPart
{
    public ToDeviceBatch? ToDevice { get; set; }

    public EncryptionPart? Encryption { get; set; }

    public List<AccountDataItem> GlobalAccountData { get; set; } = [];

    public List<(RoomId Room, List<AccountDataItem> Items)> AccountData { get; } = [];

    public List<(RoomId Room, List<Receipt> Receipts)> Receipts { get; } = [];

    public List<(RoomId Room, IReadOnlyList<string> Users)> Typing { get; } = [];

    public bool HasNews => ToDevice?.Messages.Count > 0 || Encryption?.HasNews == true || GlobalAccountData.Count > 0
        || AccountData.Count > 0 || Receipts.Count > 0 || Typing.Count > 0;
}

/// <summary>Receipts that moved, by room, and account data that changed since the client's token.</summary>
internal sealed record RoomNews(ILookup<long, Receipt> Receipts, List<AccountDataItem> AccountData)
{
    public static RoomNews None { get; } = new(Array.Empty<Receipt>().ToLookup(r => r.Room), []);

    public List<AccountDataItem> Of(RoomId room) => AccountData.Count == 0 ? [] : AccountData.FindAll(a => a.RoomId == room.Value);
}

/// <summary>
/// Gathers the extensions. A room's receipts and account data are told from where they were last told: a room that was in
/// no window for a while misses nothing.
/// </summary>
internal sealed class SlidingExtensions(
    ToDeviceStore toDevice, EncryptionSection encryption, AccountDataSection accountData, ReceiptStore receipts, EphemeralSection ephemeral,
    Typing typing, RoomRegistry rooms)
{
    /// <summary>What moved since the client's token, in all rooms.</summary>
    public async ValueTask<RoomNews> ReadAsync(SyncScope scope, SyncChanges changes, bool isIncremental, bool hasRooms) => isIncremental
        ? new RoomNews(
            hasRooms ? await ephemeral.ReceiptsAsync(scope, changes).ConfigureAwait(false) : RoomNews.None.Receipts,
            await accountData.ReadAsync(scope, changes).ConfigureAwait(false))
        : RoomNews.None;

    public ValueTask<Room?> FindAsync(RoomId room) => rooms.FindAsync(room);

    /// <summary>What belongs to no room, and the state after it.</summary>
    public async ValueTask<ConnectionState> AddGlobalAsync(
        ExtensionsPart part, SlidingRequest request, SyncScope scope, SyncChanges changes, ConnectionState next, List<AccountDataItem> changed)
    {
        if (request.ToDevice is { } messages)
        {
            // A token from before a backup was restored must not delete what is still to come.
            var since = Math.Min(messages.Since, scope.Until.Position);
            part.ToDevice = await toDevice.ReadAsync(scope.Requester.Device, since, scope.Until.Position, messages.Limit).ConfigureAwait(false);
        }

        if (request.Encryption)
        {
            // Told before but not lately: what changed since then is asked of the store.
            var from = scope.Since is null || next.DeviceLists == 0 ? null
                : next.DeviceLists == ConnectionState.Live ? scope.Since : (SyncToken?)new SyncToken(next.DeviceLists, 0);
            part.Encryption = await encryption.BuildAsync(
                scope with { Since = from }, next.DeviceLists == ConnectionState.Live ? changes : SyncChanges.Unknown, []).ConfigureAwait(false);
            next = next with { DeviceLists = ConnectionState.Live };
        }
        else if (next.DeviceLists == ConnectionState.Live)
        {
            next = next with { DeviceLists = scope.SincePosition };
        }

        if (request.AccountData.IsEnabled)
        {
            part.GlobalAccountData = next.AccountData switch
            {
                0 => await accountData.AllGlobalAsync(scope).ConfigureAwait(false),
                ConnectionState.Live => changed.FindAll(a => a.RoomId.Length == 0),
                _ => (await accountData.ReadAsync(scope with { Since = new SyncToken(next.AccountData, 0) }, SyncChanges.Unknown).ConfigureAwait(false))
                    .FindAll(a => a.RoomId.Length == 0),
            };
            next = next with { AccountData = ConnectionState.Live };
        }
        else if (next.AccountData == ConnectionState.Live)
        {
            next = next with { AccountData = scope.SincePosition };
        }

        return next;
    }

    public ValueTask<HashSet<string>> DirectRoomsAsync(UserId user) => accountData.DirectRoomsAsync(user);

    /// <summary>One room's share, and what the client then has of it.</summary>
    public async ValueTask<SentRoom> AddRoomAsync(
        ExtensionsPart part, SlidingRequest request, SyncScope scope, SelectedRoom selected, SentRoom sent, SlidingRoomPart? shown,
        RoomNews news)
    {
        var id = selected.Place.RoomId;
        if (request.AccountData.Wants(selected))
        {
            var items = sent.AccountData == ConnectionState.Live ? news.Of(id)
                : (await accountData.OfRoomAsync(scope, id).ConfigureAwait(false)).FindAll(a => a.Position > sent.AccountData);
            if (items.Count > 0)
            {
                part.AccountData.Add((id, items));
            }

            sent = sent.AccountData == ConnectionState.Live ? sent : sent with { AccountData = ConnectionState.Live };
        }

        if (request.Receipts.Wants(selected) && sent.Membership == Membership.Join)
        {
            var own = scope.Requester.User.Value;
            var moved = news.Receipts[selected.Place.Room];
            var found = sent.Receipts == ConnectionState.Live && shown?.IsExpanded != true ? moved.ToList()
                : await rooms.FindAsync(id).ConfigureAwait(false) is { } room
                    ? await receipts.ListAsync(room, Math.Max(0, shown?.IsExpanded == true ? 0 : sent.Receipts), scope.Until.Position).ConfigureAwait(false)
                    : [];
            if (sent.Receipts == 0 || shown?.IsExpanded == true)
            {
                // Of a room that is new to the client only those it can show, and its own: big rooms have very many (MSC3960).
                var events = shown?.Timeline?.Events.Select(e => e.Event.Id.Value).ToHashSet(StringComparer.Ordinal) ?? [];
                var live = sent.Receipts == ConnectionState.Live ? moved.ToHashSet() : [];
                found.RemoveAll(r => r.User != own && !events.Contains(r.EventId) && !live.Contains(r));
            }

            found.RemoveAll(r => r.Type == ReceiptTypes.Private && r.User != own);
            if (found.Count > 0)
            {
                part.Receipts.Add((id, found));
            }

            sent = sent.Receipts == ConnectionState.Live ? sent : sent with { Receipts = ConnectionState.Live };
        }

        return sent;
    }

    /// <summary>Those who type in the rooms asked for, where the client sees something else.</summary>
    public ConnectionState AddTyping(ExtensionsPart part, SlidingRequest request, SyncScope scope, Selection selection, ConnectionState next)
    {
        if (!request.Typing.IsEnabled)
        {
            return next;
        }

        foreach (var selected in selection.Rooms)
        {
            var room = selected.Place.Room;
            if (!request.Typing.Wants(selected) || selected.Place.Membership != Membership.Join)
            {
                continue;
            }

            // Of a room that shows nobody typing it only matters who types now.
            var isShown = next.Typing.TryGetValue(room, out var tick);
            if (typing.ChangedSince(room, isShown ? tick : 0) is { } users && (isShown || users.Count > 0))
            {
                part.Typing.Add((selected.Place.RoomId, users));
                next = next with { Typing = users.Count > 0 ? next.Typing.SetItem(room, scope.Until.Tick) : next.Typing.Remove(room) };
            }
        }

        return next;
    }
}
