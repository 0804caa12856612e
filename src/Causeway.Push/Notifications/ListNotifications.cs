using Causeway.Hosting;
using Causeway.Matrix;
using Causeway.Rooms;
using Causeway.Streams;

namespace Causeway.Push;

/// <summary>
/// GET /_matrix/client/v3/notifications: what one was, or would have been, told of, newest first. Client-server API,
/// "Listing Notifications". Nothing is stored for it: the person's rules are asked about the events of their rooms. A
/// request looks at so many events and no more; a page may therefore be short, even empty, and still have a next one.
/// </summary>
internal sealed class ListNotifications(
    EventStore events, UserRoomsCache userRooms, LogTail tail, NotificationJudge judge, TimeProvider clock) : IEndpoint
{
    private const int MaxLimit = 100;
    private const int MaxEvents = 2000;
    private const int Chunk = 250;
    private const long FirstStretch = 4096;

    public async Task HandleAsync(MatrixRequest request)
    {
        var upTo = request.Query("from") is { } from ? PageToken.Parse(from, "from") : tail.Head;
        var limit = (int)Math.Clamp(request.QueryInteger("limit") ?? 20, 1, MaxLimit);
        var user = request.Requester.User;
        var highlightsOnly = request.Query("only") == "highlight";
        var session = judge.Begin(user);
        var found = new List<Notification>();
        var position = await SearchAsync(user, upTo, async e =>
        {
            if (await session.JudgeAsync(e).ConfigureAwait(false) is { } notification && (!highlightsOnly || notification.Outcome.Highlight))
            {
                found.Add(notification);
            }

            return found.Count < limit;
        }).ConfigureAwait(false);

        var form = new ClientEvent.Form(clock.GetUtcNow().ToUnixTimeMilliseconds(), request.Requester.Device, WithRoomId: false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            if (position > 0)
            {
                json.WriteString("next_token"u8, PageToken.Of(position));
            }

            json.WriteStartArray("notifications"u8);
            found.ForEach(n => n.WriteTo(json, form));
            json.WriteEndArray();
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    /// <summary>Goes back through the events of a person's rooms; the position at or below which the next page begins, 0 at the end.</summary>
    private async ValueTask<long> SearchAsync(UserId user, long upTo, Func<TimelineEvent, ValueTask<bool>> look)
    {
        var places = await userRooms.ListAsync(user.Value).ConfigureAwait(false);
        var position = upTo;
        var left = MaxEvents;
        for (var stretch = FirstStretch; position > 0 && left > 0;)
        {
            var after = Math.Max(0, position - stretch);
            var chunk = await events.ListOfMemberAsync(user, places, after, position, Chunk).ConfigureAwait(false);
            left -= chunk.Count;
            foreach (var e in chunk)
            {
                position = e.Position - 1;
                if (!await look(e).ConfigureAwait(false))
                {
                    return position;
                }
            }

            if (chunk.Count < Chunk)
            {
                // Nothing else is in this stretch; the next one is longer, so that a quiet year costs a few questions.
                position = after;
                stretch *= 8;
            }
        }

        return position;
    }
}
