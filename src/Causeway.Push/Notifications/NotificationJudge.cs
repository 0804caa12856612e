using System.Text.Json;
using Causeway.Matrix;
using Causeway.Rooms;

namespace Causeway.Push;

/// <summary>An event that one is told of.</summary>
internal sealed record Notification(TimelineEvent Event, PushOutcome Outcome, bool IsRead)
{
    public void WriteTo(Utf8JsonWriter json, in ClientEvent.Form form)
    {
        json.WriteStartObject();
        json.WriteStartArray("actions"u8);
        json.WriteStringValue("notify"u8);
        if (Outcome.Sound is { } sound)
        {
            json.WriteStartObject();
            json.WriteString("set_tweak"u8, "sound"u8);
            json.WriteString("value"u8, sound);
            json.WriteEndObject();
        }

        if (Outcome.Highlight)
        {
            json.WriteStartObject();
            json.WriteString("set_tweak"u8, "highlight"u8);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WritePropertyName("event"u8);
        ClientEvent.Write(json, Event, form);
        json.WriteBoolean("read"u8, IsRead);
        json.WriteString("room_id"u8, Event.Event.RoomId.Value);
        json.WriteNumber("ts"u8, Event.Event.OriginServerTs);
        json.WriteEndObject();
    }
}

/// <summary>Asks a person's rules about events of their rooms, as those rooms are now.</summary>
internal sealed class NotificationJudge(RoomRegistry rooms, Visibility visibility, PushRules rules, UnreadCounter counter)
{
    /// <summary>Begins a request; it looks at each room once.</summary>
    public Session Begin(UserId user) => new(this, user);

    /// <summary>One request of one person.</summary>
    internal sealed class Session(NotificationJudge judge, UserId user)
    {
        private readonly Dictionary<string, Place?> _places = new(StringComparer.Ordinal);

        /// <summary>The notification that an event is for the person, or null.</summary>
        public async ValueTask<Notification?> JudgeAsync(TimelineEvent e)
        {
            if (e.RedactedBy is not null || e.Event.Sender == user)
            {
                return null;
            }

            if (!_places.TryGetValue(e.Event.RoomId.Value, out var place))
            {
                _places[e.Event.RoomId.Value] = place = await FindAsync(e.Event.RoomId).ConfigureAwait(false);
            }

            if (place is null || e.Position < place.Since || !place.View.MaySee(e))
            {
                return null;
            }

            var outcome = place.Rules.Evaluate(e.Event, place.Context);
            return outcome.Notify
                ? new Notification(e, outcome, await judge.Counter.IsReadAsync(place.Room, user, e).ConfigureAwait(false))
                : null;
        }

        private async ValueTask<Place?> FindAsync(RoomId id)
        {
            if (await judge.Rooms.FindAsync(id).ConfigureAwait(false) is not { } room || !room.Committed.IsJoined(user))
            {
                return null;
            }

            var state = room.Committed;
            return new Place(
                room,
                await judge.Visibility.ForAsync(room, user).ConfigureAwait(false),
                await judge.Rules.GetAsync(user).ConfigureAwait(false),
                new PushContext(user, state.Members.GetValueOrDefault(user.Value)?.Event.ContentString("displayname"), state.Joined, state.Power),
                await judge.Counter.JoinedAtAsync(room, user).ConfigureAwait(false));
        }

        private sealed record Place(Room Room, RoomView View, PushRuleset Rules, PushContext Context, long Since);
    }

    private RoomRegistry Rooms => rooms;

    private Visibility Visibility => visibility;

    private PushRules Rules => rules;

    private UnreadCounter Counter => counter;
}
