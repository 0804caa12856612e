using System.Text.Json;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>
/// What sending an event means beside the room's rules, whoever asks for it: a request now, or a delayed event when its
/// time has come.
/// </summary>
internal sealed class EventSender(
    EventWriter writer, RoomAccess access, RoomAliases aliases, MembershipWriter members, Redactions redactions,
    RelationRules relations, GuestLeaver guests)
{
    /// <summary>Sends a message event.</summary>
    /// <param name="requester">The sender.</param>
    /// <param name="roomId">A room the sender is in.</param>
    /// <param name="type">The event type.</param>
    /// <param name="content">The content.</param>
    /// <param name="bytes">The content as it was sent.</param>
    /// <param name="transaction">A <see cref="TransactionKey"/>.</param>
    public async Task<EventId> SendMessageAsync(
        Requester requester, RoomId roomId, string type, JsonElement content, ReadOnlyMemory<byte> bytes, string transaction)
    {
        var room = await access.JoinedAsync(requester, roomId).ConfigureAwait(false);
        var by = Writer.Of(requester) with { Transaction = transaction };
        if (type != EventTypes.Redaction)
        {
            requester.CheckNotSuspended();
        }

        return type == EventTypes.Redaction && room.Rules.RedactsInContent
            ? await redactions.RedactAsync(requester, room, by, content.FindString("redacts"), bytes).ConfigureAwait(false)
            : await relations.SendAsync(room, by, type, content, () => writer.AppendAsync(room.Id, by, new NewEvent(type, null, bytes)))
                .ConfigureAwait(false);
    }

    /// <summary>Sets a state event. The same content again makes no new event.</summary>
    /// <param name="requester">The sender.</param>
    /// <param name="roomId">A room the sender is in, or joins by this.</param>
    /// <param name="key">What to set.</param>
    /// <param name="content">The content.</param>
    /// <param name="bytes">The content as it was sent.</param>
    /// <param name="transaction">A <see cref="TransactionKey"/>, or null.</param>
    public async Task<EventId> SetStateAsync(
        Requester requester, RoomId roomId, StateKey key, JsonElement content, ReadOnlyMemory<byte> bytes, string? transaction)
    {
        if (key.Type == EventTypes.Create)
        {
            throw Refusal.Forbidden("A room is created once.");
        }

        // Joining by a member event is for those who are not in the room yet; the rules judge it.
        var isOwnMember = key.Type == EventTypes.Member && key.Key == requester.User.Value;
        var room = isOwnMember
            ? await access.AnyAsync(roomId).ConfigureAwait(false)
            : await access.JoinedAsync(requester, roomId).ConfigureAwait(false);
        if (key.Type == "m.room.canonical_alias")
        {
            await aliases.CheckCanonicalAsync(room, content).ConfigureAwait(false);
        }

        // Joining has conditions beyond the auth rules (restricted rooms, guests): the one way in is the join endpoint's.
        if (isOwnMember && !room.Committed.IsJoined(requester.User) && content.FindString("membership") == "join")
        {
            await members.JoinAsync(requester, roomId, content.FindString("reason")).ConfigureAwait(false);
            return room.Committed.Members[requester.User.Value].Event.Id;
        }

        var membership = key.Type == EventTypes.Member ? content.FindString("membership") : null;
        if (isOwnMember && membership == "leave")
        {
            MembershipWriter.CheckLeave(room.Committed, requester.User);
        }
        else
        {
            requester.CheckNotSuspended();
        }

        if (membership == "invite" && UserId.TryParse(key.Key, out var invited))
        {
            await members.InvitableAsync(requester, invited).ConfigureAwait(false);
        }

        var canonical = CanonicalOrRefuse(bytes.Span, room.Rules);
        var id = await writer.AppendAsync(
            room.Id, Writer.Of(requester) with { Transaction = transaction },
            (_, state) => Same(state.Find(key.Type, key.Key), requester, canonical) ? [] : [new NewEvent(key.Type, key.Key, canonical)],
            unchanged: state => state.Find(key.Type, key.Key)!.Event.Id).ConfigureAwait(false);
        if (key is { Type: "m.room.guest_access", Key.Length: 0 })
        {
            await guests.ChangedAsync(room).ConfigureAwait(false);
        }

        return id;
    }

    private static bool Same(TimelineEvent? current, Requester requester, byte[] content) =>
        current is not null && current.Event.Sender == requester.User && current.Event.Content.Span.SequenceEqual(content);

    private static byte[] CanonicalOrRefuse(ReadOnlySpan<byte> json, RoomVersionRules rules)
    {
        try
        {
            return CanonicalJson.Canonicalise(json, rules.StrictCanonicalJson);
        }
        catch (CanonicalJsonException e)
        {
            throw Refusal.BadJson(e.Message);
        }
    }
}
