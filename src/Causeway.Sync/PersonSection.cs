using Causeway.Accounts;
using Causeway.Push;
using Causeway.Rooms;

namespace Causeway.Sync;

/// <summary>What an answer holds beside rooms: account data, push rules, presence.</summary>
internal sealed class PersonSection(AccountDataStore accountData, PushRules pushRules, Presence presence)
{
    /// <summary>Fills the answer; the changed account data, that of rooms too.</summary>
    public async ValueTask<List<AccountDataItem>> FillAsync(SyncAnswer answer, SyncChanges changes)
    {
        var scope = answer.Scope;
        var user = scope.Requester.User;
        var items = changes.AccountData
            ? await accountData.ListChangedAsync(user, scope.SincePosition, scope.Until.Position).ConfigureAwait(false)
            : [];
        answer.AccountData = items.FindAll(a => a.RoomId.Length == 0 && scope.Filter.AccountData.Wants(a.Type));
        await AddPushRulesAsync(scope, answer).ConfigureAwait(false);
        if (scope.Filter.Presence.Wants("m.presence") && scope.Filter.Presence.Limit != 0)
        {
            answer.Presence = await presence.ChangedSinceAsync(user, scope.Since?.Tick ?? 0).ConfigureAwait(false);
            answer.Presence.RemoveAll(p => p.State.Changed > scope.Until.Tick || !scope.Filter.Presence.Wants("m.presence", p.User));
        }

        return items;
    }

    /// <summary>All account data of a room.</summary>
    public async ValueTask<List<AccountDataItem>> AccountDataOfAsync(SyncScope scope, Room room) =>
        await accountData.ListOfRoomAsync(scope.Requester.User, room.Id, scope.Until.Position).ConfigureAwait(false);

    /// <summary>Push rules are the person's account data m.push_rules; a client expects them in its first sync even if never changed.</summary>
    private async ValueTask AddPushRulesAsync(SyncScope scope, SyncAnswer answer)
    {
        if (scope.Since is null && scope.Filter.AccountData.Wants(PushRules.Type))
        {
            answer.AccountData.RemoveAll(a => a.Type == PushRules.Type);
            answer.AccountData.Add(await pushRules.AsAccountDataAsync(scope.Requester.User).ConfigureAwait(false));
        }
        else if (answer.AccountData.FindIndex(a => a.Type == PushRules.Type) is >= 0 and var at)
        {
            answer.AccountData[at] = await pushRules.AsAccountDataAsync(scope.Requester.User).ConfigureAwait(false);
        }
    }
}
