using Causeway.Accounts;
using Causeway.Matrix;
using Causeway.Rooms;
using Microsoft.Extensions.Logging;

namespace Causeway.Sync;

/// <summary>Gathers an answer. A room that cannot be read is left out and logged; it never takes the others with it.</summary>
internal sealed partial class SyncBuilder(
    ChangeFinder finder, RoomRegistry rooms, RoomSection section, EncryptionSection encryption, AccountDataSection accountData,
    EphemeralSection ephemeral, ILogger<SyncBuilder> logger)
{
    public async ValueTask<SyncAnswer> BuildAsync(SyncScope scope)
    {
        (scope, var messages) = await encryption.ReadMessagesAsync(scope).ConfigureAwait(false);
        var (places, changes) = await finder.FindAsync(scope).ConfigureAwait(false);
        if (scope.Since is null)
        {
            section.StartOver(scope.Requester.Device);
        }

        var items = await accountData.ReadAsync(scope, changes).ConfigureAwait(false);
        var answer = new SyncAnswer
        {
            Scope = scope,
            Encryption = await encryption.BuildAsync(scope, changes, messages).ConfigureAwait(false),
            AccountData = items.FindAll(a => a.RoomId.Length == 0),
            Presence = await ephemeral.PresenceAsync(scope).ConfigureAwait(false),
        };
        var roomItems = items.Where(a => a.RoomId.Length > 0).ToLookup(a => a.RoomId, StringComparer.Ordinal);
        var moved = await ephemeral.ReceiptsAsync(scope, changes).ConfigureAwait(false);
        foreach (var place in Candidates(scope, changes, places, roomItems, moved))
        {
            if (!scope.Filter.Rooms.WantsRoom(place.RoomId))
            {
                continue;
            }

            try
            {
                await AddRoomAsync(answer, place, [.. moved[place.Room]], [.. roomItems[place.RoomId.Value]]).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not (OperationCanceledException or Causeway.Storage.StorageException))
            {
                LogRoomFailed(e, place.RoomId.Value);
            }
        }

        return answer;
    }

    private IEnumerable<RoomMembership> Candidates(
        SyncScope scope, SyncChanges changes, IReadOnlyDictionary<long, RoomMembership> places,
        ILookup<string, AccountDataItem> items, ILookup<long, Receipt> moved)
    {
        if (changes.Rooms is null)
        {
            return places.Values.ToList();
        }

        var wanted = new HashSet<long>(changes.Rooms);
        wanted.UnionWith(moved.Select(m => m.Key));
        foreach (var place in places.Values)
        {
            if (place.Membership == Membership.Join
                && (items.Contains(place.RoomId.Value) || ephemeral.IsTypingNews(place.Room, scope)))
            {
                wanted.Add(place.Room);
            }
        }

        return wanted.Where(places.ContainsKey).Select(r => places[r]).ToList();
    }

    private async ValueTask AddRoomAsync(SyncAnswer answer, RoomMembership place, List<Receipt> moved, List<AccountDataItem> items)
    {
        var scope = answer.Scope;
        var isNews = scope.Since is null || scope.FullState || place.Position > scope.SincePosition;

        // A device that does not know yet that the person left must hear it, even if the room is forgotten meanwhile.
        if ((place.Forgotten && (scope.Since is null || !isNews)) || await rooms.FindAsync(place.RoomId).ConfigureAwait(false) is not { } room)
        {
            return;
        }

        // A change of membership committed after this answer's end belongs to the next one.
        var membership = place.Position <= scope.Until.Position
            ? place.Membership
            : await section.MembershipAtAsync(room, scope.Requester.User, scope.Until.Position).ConfigureAwait(false);
        var stripped = Math.Min(place.Position, scope.Until.Position);
        switch (membership)
        {
            case Membership.Join:
                if (scope.Since is not null && isNews)
                {
                    // Perhaps joined just now: what was set before is new to the client as well.
                    items = await accountData.OfRoomAsync(scope, room.Id).ConfigureAwait(false);
                }

                var part = await section.JoinedAsync(scope, room, place, moved, items).ConfigureAwait(false);
                if (part.HasNews || scope.Since is null || scope.FullState)
                {
                    answer.Joined.Add(part);
                }

                break;
            case Membership.Invite or Membership.Knock when isNews
                && await section.StrippedAsync(room, scope.Requester.User, stripped).ConfigureAwait(false) is { } state:
                (membership == Membership.Invite ? answer.Invited : answer.Knocked).Add((room.Id, state));
                break;
            case Membership.Leave or Membership.Ban when place.Position > scope.SincePosition
                && (scope.Since is not null || scope.Filter.IncludeLeave) && place.Position <= scope.Until.Position:
                answer.Left.Add(await section.LeftAsync(scope, room, place, items).ConfigureAwait(false));
                break;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Room {Room} was left out of a sync.")]
    private partial void LogRoomFailed(Exception fault, string room);
}
