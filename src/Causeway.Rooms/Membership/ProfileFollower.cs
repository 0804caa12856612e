using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>A changed name or avatar goes into the person's member events ("Events on change of profile information").</summary>
internal sealed class ProfileFollower(UserRoomsCache userRooms, EventWriter writer) : IProfileObserver
{
    public async Task ProfileChangedAsync(Requester requester, Profile profile)
    {
        foreach (var place in await userRooms.ListAsync(requester.User.Value).ConfigureAwait(false))
        {
            if (place.Membership != Membership.Join)
            {
                continue;
            }

            try
            {
                await writer.AppendAsync(
                    place.RoomId, Writer.Of(requester),
                    (_, state) => state.IsJoined(requester.User)
                        ? [MembershipWriter.Member(requester.User, Membership.Join, profile, null)]
                        : [],
                    unchanged: state => state.Members[requester.User.Value].Event.Id).ConfigureAwait(false);
            }
            catch (Refusal)
            {
                // One room whose rules refuse the change must not keep the others from seeing it.
            }
        }
    }
}
