using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Rooms;

<<<<<<< HEAD
/// <summary>A person whose account closes leaves every room and refuses every invitation ("Account deactivation").</summary>
=======
/// <summary>A closed account leaves its rooms and refuses its invitations (Client-server API, "Account deactivation").</summary>
>>>>>>> main
internal sealed class AccountLeaver(UserRoomsCache userRooms, MembershipWriter members) : IAccountObserver
{
    public async Task AccountClosingAsync(Requester requester)
    {
        foreach (var place in await userRooms.ListAsync(requester.User.Value).ConfigureAwait(false))
        {
<<<<<<< HEAD
            if (place.Membership is not (Membership.Join or Membership.Invite or Membership.Knock))
=======
            if (place.Membership is Membership.Leave or Membership.Ban)
>>>>>>> main
            {
                continue;
            }

            try
            {
                await members.LeaveAsync(requester, place.RoomId, null).ConfigureAwait(false);
            }
            catch (Refusal)
            {
<<<<<<< HEAD
                // One room that holds on to the person must not keep the account open.
=======
                // One room that holds on must not keep the account open.
>>>>>>> main
            }
        }
    }
}
