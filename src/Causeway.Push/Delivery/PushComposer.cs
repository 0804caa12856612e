using Causeway.Matrix;
using Causeway.Rooms;

namespace Causeway.Push;

/// <summary>Makes the message of a notification at the moment it is sent, from what is true then.</summary>
internal sealed class PushComposer(
    PusherStore pushers, RoomRegistry rooms, EventStore events, UnreadCounter counter, Badges badges, TimeProvider clock)
{
    /// <summary>The message; null when there is nothing to tell any more: too old, read elsewhere, redacted, the room left, the account locked.</summary>
    public async ValueTask<PushMessage?> ComposeAsync(Pusher pusher, QueuedPush push)
    {
        if (await pushers.IsLockedAsync(pusher.User).ConfigureAwait(false)
            || clock.GetUtcNow().ToUnixTimeMilliseconds() - push.Queued > PushEvaluator.MaxAge.TotalMilliseconds
            || await rooms.FindAsync(RoomId.Parse(push.RoomId)).ConfigureAwait(false) is not { } room
            || await events.FindAsync(room, EventId.Parse(push.EventId)).ConfigureAwait(false) is not { RedactedBy: null } e
            || !PushEvaluator.Concerns(pusher.User, e, room.Committed)
            || (room.Committed.IsJoined(pusher.User) && await counter.IsReadAsync(room, pusher.User, e).ConfigureAwait(false)))
        {
            return null;
        }

        var state = room.Committed;
        return new PushMessage
        {
            EventId = push.EventId,
            RoomId = push.RoomId,
            Type = e.Event.Type,
            Sender = e.Event.Sender.Value,
            SenderName = state.Members.GetValueOrDefault(e.Event.Sender.Value)?.Event.ContentString("displayname"),
            RoomName = state.Text("m.room.name", "name"),
            RoomAlias = state.Text("m.room.canonical_alias", "alias"),
            UserIsTarget = e.Event.Type == EventTypes.Member && e.Event.StateKey == pusher.User.Value,
            Content = e.Event.Content,
            Sound = push.Sound,
            Highlight = push.Highlight,

            // What an encrypted event says the application finds out; so it must be woken.
            IsUrgent = push.Highlight || push.Sound is not null || e.Event.Type == "m.room.encrypted",
            Unread = await badges.CountAsync(pusher.User).ConfigureAwait(false),
        };
    }

    /// <summary>The message that brings the count alone; null when the account is locked.</summary>
    public async ValueTask<PushMessage?> ComposeCountAsync(Pusher pusher) => await pushers.IsLockedAsync(pusher.User).ConfigureAwait(false)
        ? null
        : new() { Unread = await badges.CountAsync(pusher.User).ConfigureAwait(false) };
}
