using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>When a room no longer admits guests, those who are in must leave (Client-server API, "Guest Access").</summary>
internal sealed class GuestLeaver(EventWriter writer, AccountStore accounts, IOrganisationResolver organisations)
{
    /// <summary>Called after a change of m.room.guest_access is durable.</summary>
    public async Task ChangedAsync(Room room)
    {
        if (room.Committed.Text("m.room.guest_access", "guest_access") == "can_join")
        {
            return;
        }

        foreach (var (id, member) in room.Committed.Members)
        {
            if (member.Event.Membership != Membership.Join || !UserId.TryParse(id, out var user)
                || organisations.Find(user.ServerName) is not { } organisation
                || await accounts.FindAsync(user).ConfigureAwait(false) is not { IsGuest: true })
            {
                continue;
            }

            await writer.AppendAsync(
                room.Id, new Writer(user, organisation),
                (_, state) => state.IsJoined(user) ? [MembershipWriter.Member(user, Membership.Leave, null, null)] : [],
                unchanged: state => state.Members[id].Event.Id).ConfigureAwait(false);
        }
    }
}
