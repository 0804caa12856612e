using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>
/// PUT /_matrix/client/v3/rooms/{roomId}/state/{eventType}/{stateKey}: sets a state event. The same content again makes
/// no new event. Client-server API, "Sending events to a room".
/// </summary>
internal sealed class SendState(EventWriter writer, RoomAccess access, RoomAliases aliases, MembershipWriter members, GuestLeaver guests)
    : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var id = request.RoomId();
        var type = request.Path("eventType");
        var key = request.Path("stateKey");
        var requester = request.Requester;
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        if (type == EventTypes.Create)
        {
            throw Refusal.Forbidden("A room is created once.");
        }

        // Joining by a member event is for those who are not in the room yet; the rules judge it.
        var room = type == EventTypes.Member && key == requester.User.Value
            ? (await access.AnyAsync(id).ConfigureAwait(false))
            : await access.JoinedAsync(requester, id).ConfigureAwait(false);
        if (type == "m.room.canonical_alias")
        {
            await aliases.CheckCanonicalAsync(room, body.Root).ConfigureAwait(false);
        }

        // Joining has conditions beyond the auth rules (restricted rooms, guests): the one way in is the join endpoint's.
        if (type == EventTypes.Member && key == requester.User.Value && !room.Committed.IsJoined(requester.User)
            && body.Root.FindString("membership") == "join")
        {
            await members.JoinAsync(requester, id, body.Root.FindString("reason")).ConfigureAwait(false);
            var joined = room.Committed.Members[requester.User.Value].Event.Id;
            await request.ReplyAsync(json =>
            {
                json.WriteStartObject();
                json.WriteString("event_id"u8, joined.Value);
                json.WriteEndObject();
            }).ConfigureAwait(false);
            return;
        }

        if (type == EventTypes.Member && key == requester.User.Value && body.Root.FindString("membership") == "leave")
        {
            MembershipWriter.CheckLeave(room.Committed, requester.User);
        }
        else
        {
            requester.CheckNotSuspended();
        }

        if (type == EventTypes.Member && body.Root.FindString("membership") == "invite" && UserId.TryParse(key, out var invited))
        {
            await members.InvitableAsync(requester, invited).ConfigureAwait(false);
        }

        var content = CanonicalOrRefuse(body.Bytes.Span, room.Rules);
        var eventId = await writer.AppendAsync(
            room.Id, Writer.Of(requester),
            (_, state) => Same(state.Find(type, key), requester, content) ? [] : [new NewEvent(type, key, content)],
            unchanged: state => state.Find(type, key)!.Event.Id).ConfigureAwait(false);
        if (type == "m.room.guest_access" && key.Length == 0)
        {
            await guests.ChangedAsync(room).ConfigureAwait(false);
        }

        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("event_id"u8, eventId.Value);
            json.WriteEndObject();
        }).ConfigureAwait(false);
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
