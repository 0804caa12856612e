using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>A closed account leaves its rooms and refuses its invitations (Client-server API, "Account deactivation").</summary>
internal sealed class AccountLeaver(UserRoomsCache userRooms, MembershipWriter members) : IAccountObserver
{
    public async Task AccountClosingAsync(Requester requester)
    {
        foreach (var place in await userRooms.ListAsync(requester.User.Value).ConfigureAwait(false))
        {
            if (place.Membership is Membership.Leave or Membership.Ban)
            {
                continue;
            }

            try
            {
                await members.LeaveAsync(requester, place.RoomId, null).ConfigureAwait(false);
            }
            catch (Refusal)
            {
                // One room that holds on must not keep the account open.
            }
        }
    }
}
