using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>A room as one person may read it.</summary>
/// <param name="Room">The room.</param>
/// <param name="View">The event filter.</param>
/// <param name="Membership">The person's membership.</param>
/// <param name="UpTo">The newest position the person may read: the head, or where they left.</param>
public sealed record RoomReader(Room Room, RoomView View, Membership Membership, long UpTo);

/// <summary>
/// The only ways to get at a room: each checks that the requester may. A room one is not in and one that does not exist
/// are answered alike.
/// </summary>
public sealed class RoomAccess(RoomRegistry rooms, UserRoomsCache userRooms, Visibility visibility)
{
    /// <summary>The room, when the requester is joined.</summary>
    public async ValueTask<Room> JoinedAsync(Requester requester, RoomId id)
    {
        var room = await rooms.FindAsync(id).ConfigureAwait(false);
        return room is not null && room.Committed.IsJoined(requester.User) ? room : throw NotInRoom();
    }

    /// <summary>The room, when the requester may read some of it: joined, was joined, or the room is world readable.</summary>
    public async ValueTask<RoomReader> ReaderAsync(Requester requester, RoomId id) =>
        await FindReaderAsync(requester, id).ConfigureAwait(false) ?? throw NotInRoom();

    /// <summary>The same, or null: for endpoints that answer "no such event" and "you may not" alike.</summary>
    public async ValueTask<RoomReader?> FindReaderAsync(Requester requester, RoomId id)
    {
        if (await rooms.FindAsync(id).ConfigureAwait(false) is not { } room)
        {
            return null;
        }

        var state = room.Committed;
        var membership = state.MembershipOf(requester.User.Value);
        var view = await visibility.ForAsync(room, requester.User).ConfigureAwait(false);
        if (membership == Membership.Join)
        {
            return new RoomReader(room, view, membership, long.MaxValue);
        }

        if (room.VisibilityHistory is [.., (_, "world_readable")])
        {
            return new RoomReader(room, view, membership, long.MaxValue);
        }

        // Up to where the person left, not to where an unban or a refused invitation came later.
        if (view.LeftAt is { } left && await RemembersAsync(requester.User, room).ConfigureAwait(false))
        {
            return new RoomReader(room, view, membership, left);
        }

        return null;
    }

    /// <summary>The room without a check, for writes that the room's own rules judge (joining, knocking).</summary>
    public async ValueTask<Room> AnyAsync(RoomId id) => await rooms.FindAsync(id).ConfigureAwait(false) ?? throw NotInRoom();

    /// <summary>The refusal for somebody who is not in a room.</summary>
    public static Refusal NotInRoom() => Refusal.Forbidden("You are not in this room.");

    private async ValueTask<bool> RemembersAsync(UserId user, Room room) =>
        await userRooms.FindAsync(user.Value, room.Nid).ConfigureAwait(false) is { Forgotten: false };
}
