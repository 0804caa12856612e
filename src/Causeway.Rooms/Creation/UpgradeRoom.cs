using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>
/// POST /_matrix/client/v3/rooms/{roomId}/upgrade: replaces a room by one of another version.
/// Client-server API, "Room Upgrades"; the steps are those listed there.
/// </summary>
internal sealed class UpgradeRoom(
    EventWriter writer, RoomAccess access, ProfileStore profiles, Succession succession, IdSource ids) : IEndpoint
{
    private readonly SemaphoreSlim _turn = new(1);

    public async Task HandleAsync(MatrixRequest request)
    {
        var requester = request.Requester;
        requester.CheckNotSuspended();
        var old = await access.JoinedAsync(requester, request.RoomId()).ConfigureAwait(false);
        var began = old.Committed.Position;
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        var rules = RoomVersionRules.Find(body.Root.GetString("new_version"))
            ?? throw new Refusal(400, "M_UNSUPPORTED_ROOM_VERSION", "This server does not know that room version.");
        var creators = Creators(body.Root.FindStrings("additional_creators"), rules);

        // Two upgrades at once (a client that asks again) would make two successors.
        await _turn.WaitAsync(request.Aborted).ConfigureAwait(false);
        RoomId successor;
        try
        {
            successor = old.Committed.Find("m.room.tombstone", "") is { } tombstone && tombstone.Position > began
                && RoomId.TryParse(tombstone.Event.ContentString("replacement_room"), out var made)
                    ? made
                    : await ReplaceAsync(requester, old, rules, creators).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }

        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("replacement_room"u8, successor.Value);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private async Task<RoomId> ReplaceAsync(Requester requester, Room old, RoomVersionRules rules, List<string> creators)
    {
        var state = old.Committed;
        if (!RoomUpgrade.MayUpgrade(state, requester.User))
        {
            throw Refusal.Forbidden("You may not upgrade this room.");
        }

        var profile = await profiles.FindAsync(requester.User).ConfigureAwait(false);
        RoomId? id = rules.RoomIdIsCreateHash
            ? null
            : RoomId.Parse($"!{ids.Letters(18)}:{requester.Organisation.ServerName}");
        var successor = await writer.CreateAsync(
            Writer.Of(requester), rules, id, _ => RoomUpgrade.FirstEvents(old, state, rules, requester.User, profile, creators)).ConfigureAwait(false);
        await writer.AppendAsync(
            old.Id, Writer.Of(requester), (_, latest) => RoomUpgrade.LastEvents(latest, requester.User, successor.Id),
            alongside: (batch, nid) =>
            {
                batch.Execute("UPDATE aliases SET room = $1 WHERE room = $2", successor.Nid, nid);
                batch.Execute("UPDATE published_rooms SET room = $1 WHERE room = $2", successor.Nid, nid);
            }).ConfigureAwait(false);
        await succession.EnteredAsync(requester.User, successor).ConfigureAwait(false);
        return successor.Id;
    }

    /// <summary>Where the version knows none the field has no effect.</summary>
    private static List<string> Creators(List<string>? wanted, RoomVersionRules rules)
    {
        if (wanted is null || !rules.PrivilegedCreators)
        {
            return [];
        }

        return wanted.TrueForAll(u => UserId.TryParse(u, out _))
            ? [.. wanted.Distinct(StringComparer.Ordinal)]
            : throw Refusal.InvalidParam("'additional_creators' holds something that is not a user id.");
    }
}
