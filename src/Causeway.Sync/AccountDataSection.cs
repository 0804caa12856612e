using Causeway.Accounts;
using Causeway.Matrix;
using Causeway.Push;

namespace Causeway.Sync;

/// <summary>Gathers an answer's account data, global and by room.</summary>
internal sealed class AccountDataSection(AccountDataStore data, PushRules pushRules)
{
    /// <summary>What changed and is wanted; room data is filtered where its room is known.</summary>
    public async ValueTask<List<AccountDataItem>> ReadAsync(SyncScope scope, SyncChanges changes)
    {
        var user = scope.Requester.User;
        var items = changes.AccountData
            ? await data.ListChangedAsync(user, scope.SincePosition, scope.Until.Position).ConfigureAwait(false)
            : [];
        var filter = scope.Filter.AccountData;
        items.RemoveAll(a => a.RoomId.Length == 0 && !filter.Wants(a.Type));

        // Push rules are shown as clients read them, in a first sync even if the person never changed one.
        if (items.RemoveAll(a => a.Type == PushRules.Type) > 0 || (scope.Since is null && filter.Wants(PushRules.Type)))
        {
            items.Add(await pushRules.AsAccountDataAsync(user).ConfigureAwait(false));
        }

        return items;
    }

    /// <summary>All global data, for a client that has none.</summary>
    public async ValueTask<List<AccountDataItem>> AllGlobalAsync(SyncScope scope)
    {
        var items = await data.ListGlobalAsync(scope.Requester.User, scope.Until.Position).ConfigureAwait(false);
        items.RemoveAll(a => a.Type == PushRules.Type);
        items.Add(await pushRules.AsAccountDataAsync(scope.Requester.User).ConfigureAwait(false));
        return items;
    }

    /// <summary>The rooms that a person marked as direct chats.</summary>
    public ValueTask<HashSet<string>> DirectRoomsAsync(UserId user) => Sliding.DirectRooms.LoadAsync(data, user);

    /// <summary>All data of a room that is new to the client.</summary>
    public ValueTask<List<AccountDataItem>> OfRoomAsync(SyncScope scope, RoomId room) =>
        data.ListOfRoomAsync(scope.Requester.User, room, scope.Until.Position);
}
