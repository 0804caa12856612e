using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>A person whose account closes leaves every room and refuses every invitation ("Account deactivation").</summary>
internal sealed class AccountLeaver(UserRoomsCache userRooms, MembershipWriter members) : IAccountObserver
{
    public async Task AccountClosingAsync(Requester requester)
    {
        foreach (var place in await userRooms.ListAsync(requester.User.Value).ConfigureAwait(false))
        {
            if (place.Membership is not (Membership.Join or Membership.Invite or Membership.Knock))
            {
                continue;
            }

            try
            {
                await members.LeaveAsync(requester, place.RoomId, null).ConfigureAwait(false);
            }
            catch (Refusal)
            {
                // One room that holds on to the person must not keep the account open.
            }
        }
    }
}
