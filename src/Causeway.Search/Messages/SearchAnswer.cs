using System.Text.Json;
using Causeway.Hosting;
using Causeway.Matrix;
using Causeway.Rooms;
using Causeway.Streams;

namespace Causeway.Search;

/// <summary>Writes a page of results with all that was asked for around them.</summary>
internal sealed class SearchAnswer(EventStore store, Aggregations aggregations, LogTail tail, TimeProvider clock)
{
    public async Task SendAsync(MatrixRequest request, SearchRequest wish, Page page)
    {
        var around = new Dictionary<Hit, Around>();
        var form = new ClientEvent.Form(clock.GetUtcNow().ToUnixTimeMilliseconds(), request.Requester.Device, WithRoomId: true);
        var forms = new Dictionary<Room, ClientEvent.Form>();
        var states = new Dictionary<Room, List<TimelineEvent>>();
        foreach (var room in page.Hits.GroupBy(h => h.Reader.Room))
        {
            var reader = room.First().Reader;
            var shown = new List<TimelineEvent>();
            foreach (var hit in room)
            {
                shown.Add(hit.Event);
                if (wish.Context is { } context)
                {
                    around[hit] = await AroundAsync(hit, context).ConfigureAwait(false);
                    shown.AddRange([.. around[hit].Before, .. around[hit].After]);
                }
            }

            forms[room.Key] = form with
            {
                Bundles = await aggregations.OfAsync(
                    room.Key, reader.View, request.Requester.User, shown.DistinctBy(e => e.Event.Id), Math.Min(reader.UpTo, tail.Head)).ConfigureAwait(false),
            };
            if (wish.WithState)
            {
                states[room.Key] = await store.StateAtAsync(room.Key, reader.UpTo).ConfigureAwait(false);
            }
        }

        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteStartObject("search_categories"u8);
            json.WriteStartObject("room_events"u8);
            json.WriteNumber("count"u8, page.Count);
            WriteStrings(json, "highlights", page.Highlights);
            if (page.Next is { } next)
            {
                json.WriteString("next_batch"u8, next.ToString());
            }

            json.WriteStartArray("results"u8);
            foreach (var hit in page.Hits)
            {
                json.WriteStartObject();
                if (around.TryGetValue(hit, out var events))
                {
                    Write(json, events, hit.Reader.View, forms[hit.Reader.Room]);
                }

                json.WriteNumber("rank"u8, hit.Rank);
                json.WritePropertyName("result"u8);
                ClientEvent.Write(json, hit.Event, forms[hit.Reader.Room], hit.Reader.View.MembershipAt(hit.Event));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            WriteGroups(json, wish, page);
            if (wish.WithState)
            {
                json.WriteStartObject("state"u8);
                foreach (var (room, state) in states)
                {
                    json.WriteStartArray(room.Id.Value);
                    state.ForEach(e => ClientEvent.Write(json, e, form));
                    json.WriteEndArray();
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    private async Task<Around> AroundAsync(Hit hit, ContextWish wish)
    {
        var (room, view, at) = (hit.Reader.Room, hit.Reader.View, hit.Event.Position);
        List<TimelineEvent> before = wish.Before == 0 ? [] : await store.ListBackwardAsync(room, 0, at - 1, wish.Before).ConfigureAwait(false);
        List<TimelineEvent> after = wish.After == 0
            ? [] : await store.ListForwardAsync(room, at, Math.Min(hit.Reader.UpTo, tail.Head), wish.After).ConfigureAwait(false);
        var start = before.Count > 0 ? before[^1].Position - 1 : at - 1;
        var end = after.Count > 0 ? after[^1].Position : at;

        // In the order in which they were said: so matrix-js-sdk puts them around the result.
        before.Reverse();
        before.RemoveAll(e => !view.MaySee(e));
        after.RemoveAll(e => !view.MaySee(e));
        var profiles = new Dictionary<string, RoomEvent?>(StringComparer.Ordinal);
        if (wish.WithProfiles)
        {
            foreach (var sender in before.Concat(after).Append(hit.Event).Select(e => e.Event.Sender.Value).Distinct(StringComparer.Ordinal))
            {
                profiles[sender] = (await store.FindStateAtAsync(room, EventTypes.Member, sender, at).ConfigureAwait(false))?.Event;
            }
        }

        return new Around(before, after, start, end, wish.WithProfiles ? profiles : null);
    }

    private static void Write(Utf8JsonWriter json, Around around, RoomView view, ClientEvent.Form form)
    {
        json.WriteStartObject("context"u8);
        json.WriteString("end"u8, PageToken.Of(around.End));
        WriteEvents("events_after", around.After);
        WriteEvents("events_before", around.Before);
        if (around.Profiles is { } profiles)
        {
            json.WriteStartObject("profile_info"u8);
            foreach (var (user, member) in profiles)
            {
                json.WriteStartObject(user);
                WriteField("avatar_url", member);
                WriteField("displayname", member);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        json.WriteString("start"u8, PageToken.Of(around.Start));
        json.WriteEndObject();

        void WriteEvents(string name, List<TimelineEvent> events)
        {
            json.WriteStartArray(name);
            events.ForEach(e => ClientEvent.Write(json, e, form, view.MembershipAt(e)));
            json.WriteEndArray();
        }

        void WriteField(string name, RoomEvent? member)
        {
            if (member?.ContentString(name) is { } value)
            {
                json.WriteString(name, value);
            }
        }
    }

    private static void WriteGroups(Utf8JsonWriter json, SearchRequest wish, Page page)
    {
        if (!wish.ByRoom && !wish.BySender)
        {
            return;
        }

        json.WriteStartObject("groups"u8);
        if (wish.ByRoom)
        {
            Write("room_id", h => h.Reader.Room.Id.Value, (token, id) => token with { Room = id, Sender = null });
        }

        if (wish.BySender)
        {
            Write("sender", h => h.Event.Event.Sender.Value, (token, id) => token with { Sender = id, Room = null });
        }

        json.WriteEndObject();

        void Write(string key, Func<Hit, string> value, Func<SearchToken, string, SearchToken> within)
        {
            json.WriteStartObject(key);
            var order = 0;
            foreach (var group in page.Hits.GroupBy(value, StringComparer.Ordinal))
            {
                json.WriteStartObject(group.Key);
                if (page.Next is { } next)
                {
                    json.WriteString("next_batch"u8, within(next, group.Key).ToString());
                }

                json.WriteNumber("order"u8, order++);
                WriteStrings(json, "results", group.Select(h => h.Event.Event.Id.Value));
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }
    }

    private static void WriteStrings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    private sealed record Around(
        List<TimelineEvent> Before, List<TimelineEvent> After, long Start, long End, Dictionary<string, RoomEvent?>? Profiles);
}
