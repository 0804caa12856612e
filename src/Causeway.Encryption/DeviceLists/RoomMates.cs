using Causeway.Matrix;
using Causeway.Rooms;
using Causeway.Streams;

namespace Causeway.Encryption;

/// <summary>Who is in a room together.</summary>
internal sealed class RoomMates(UserRoomsCache userRooms, RoomRegistry rooms, Notifier notifier)
{
    /// <summary>Wakes everybody who shares a room with one of these.</summary>
    public async ValueTask WakeAsync(IEnumerable<string> users)
    {
        foreach (var user in users)
        {
            foreach (var place in await userRooms.ListAsync(user).ConfigureAwait(false))
            {
                if (place.Membership == Membership.Join && await rooms.FindAsync(place.RoomId).ConfigureAwait(false) is { } room)
                {
                    RoomEffects.WakeMembers(room, notifier);
                }
            }
        }
    }

    /// <summary>Those of the people who are joined to a room in which somebody with these places is joined too.</summary>
    public async ValueTask<HashSet<string>> SharingAsync(IReadOnlyDictionary<long, RoomMembership> places, IReadOnlyCollection<string> people)
    {
        var mine = places.Values.Where(p => p.Membership == Membership.Join).ToList();
        var sharing = new HashSet<string>(StringComparer.Ordinal);
        if (people.Count <= mine.Count)
        {
            foreach (var person in people)
            {
                var theirs = await userRooms.LoadAsync(person).ConfigureAwait(false);
                if (mine.Exists(p => theirs.TryGetValue(p.Room, out var their) && their.Membership == Membership.Join))
                {
                    sharing.Add(person);
                }
            }

            return sharing;
        }

        // Many people, few rooms: after leaving a room of thousands their places are not read one by one.
        foreach (var place in mine)
        {
            if (sharing.Count < people.Count && await rooms.FindAsync(place.RoomId).ConfigureAwait(false) is { } room)
            {
                sharing.UnionWith(people.Where(p => room.Committed.MembershipOf(p) == Membership.Join));
            }
        }

        return sharing;
    }
}
