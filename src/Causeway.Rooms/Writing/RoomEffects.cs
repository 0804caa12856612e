using Causeway.Matrix;
using Causeway.Streams;

namespace Causeway.Rooms;

/// <summary>What follows from committed events in memory: who is in which room, and who is woken.</summary>
public sealed class RoomEffects(RoomRegistry registry, UserRoomsCache userRooms)
{
    internal void Committed(Room room, List<TimelineEvent> events, bool created)
    {
        if (created)
        {
            registry.Add(room);
        }

        foreach (var e in events)
        {
            if (e.Event is { Type: EventTypes.Member, StateKey: { } user })
            {
                userRooms.Apply(user, new RoomMembership(room.Nid, room.Id, e.Event.Membership ?? Membership.Leave, e.Position));
            }
        }
    }

    internal void Wake(Room room, List<TimelineEvent> events, Notifier notifier)
    {
        WakeMembers(room, notifier);

        // Those who read without being in it listen for the room itself.
        notifier.Wake(room.Id.Value);
        foreach (var e in events)
        {
            // Those who are not (or no longer) members: invited, kicked, banned.
            if (e.Event is { Type: EventTypes.Member, StateKey: { } user })
            {
                notifier.Wake(user);
            }
        }
    }

    /// <summary>Wakes the joined members; walks whichever is shorter, the members or those who listen.</summary>
    public static void WakeMembers(Room room, Notifier notifier)
    {
        var snapshot = room.Committed;
        if (snapshot.Members.Count <= notifier.WatchedUsers)
        {
            foreach (var (user, e) in snapshot.Members)
            {
                if (e.Event.Membership == Membership.Join)
                {
                    notifier.Wake(user);
                }
            }
        }
        else
        {
            foreach (var user in notifier.Users)
            {
                if (snapshot.MembershipOf(user) == Membership.Join)
                {
                    notifier.Wake(user);
                }
            }
        }
    }
}
