using System.Text.Json;
using Causeway.Matrix;
using Causeway.Push;
using Causeway.Rooms;

namespace Causeway.Sync.Sliding;

/// <summary>One room of a sliding answer, ready to be written (MSC4186, "Room results").</summary>
internal sealed class SlidingRoomPart
{
    public required RoomId Room { get; init; }

    public required Membership Membership { get; init; }

    public required long BumpStamp { get; init; }

    /// <summary>The client is to replace what it has of the room.</summary>
    public bool IsInitial { get; set; }

    public bool IsDirect { get; init; }

    /// <summary>The names of the lists that show it.</summary>
    public required IReadOnlyList<string> Lists { get; init; }

    /// <summary>For an invitation or a knock: all there is.</summary>
    public List<RoomEvent>? Stripped { get; init; }

    public TimelinePart? Timeline { get; init; }

    public RoomView? View { get; init; }

    public Bundles? Bundles { get; init; }

    /// <summary>The timeline goes back to before what was sent already, since more is wanted now.</summary>
    public bool IsExpanded { get; init; }

    public int Live { get; init; }

    public List<TimelineEvent> State { get; init; } = [];

    public SlidingProfile? Profile { get; init; }

    public UnreadCounts? Unread { get; init; }

    public void WriteTo(Utf8JsonWriter json, in ClientEvent.Form form)
    {
        json.WriteStartObject(Room.Value);
        if (IsInitial)
        {
            json.WriteBoolean("initial"u8, true);
        }

        json.WriteString("membership"u8, Membership.ToWire());
        json.WriteNumber("bump_stamp"u8, BumpStamp);
        if (IsDirect)
        {
            json.WriteBoolean("is_dm"u8, true);
        }

        if (Lists.Count > 0)
        {
            json.WriteStartArray("lists"u8);
            foreach (var list in Lists)
            {
                json.WriteStringValue(list);
            }

            json.WriteEndArray();
        }

        if (Stripped is not null)
        {
            json.WriteStartArray("invite_state"u8);
            Stripped.ForEach(e => ClientEvent.WriteStripped(json, e));
            json.WriteEndArray();
        }

        Profile?.WriteTo(json, IsInitial);
        if (Timeline is not null)
        {
            WriteTimeline(json, Timeline, form);
        }

        if (State.Count > 0)
        {
            json.WriteStartArray("required_state"u8);
            foreach (var e in State)
            {
                ClientEvent.Write(json, e, form);
            }

            json.WriteEndArray();
        }

        if (Unread is { } unread)
        {
            json.WriteNumber("notification_count"u8, unread.Notifications);
            json.WriteNumber("highlight_count"u8, unread.Highlights);
        }

        json.WriteEndObject();
    }

    private void WriteTimeline(Utf8JsonWriter json, TimelinePart timeline, in ClientEvent.Form form)
    {
        if (timeline.Events.Count > 0)
        {
            var bundled = form with { Bundles = Bundles };
            json.WriteStartArray("timeline"u8);
            foreach (var e in timeline.Events)
            {
                ClientEvent.Write(json, e, bundled, View!.MembershipAt(e));
            }

            json.WriteEndArray();
            json.WriteNumber("num_live"u8, Live);
        }

        if (timeline.Events.Count > 0 || timeline.Limited)
        {
            json.WriteBoolean("limited"u8, timeline.Limited);
            json.WriteString("prev_batch"u8, PageToken.Of(timeline.Start));
        }

        if (IsExpanded)
        {
            json.WriteBoolean("unstable_expanded_timeline"u8, true);
        }
    }
}

/// <summary>
/// How a room is shown. The name is only that of m.room.name: a client that gets a calculated one takes it for the real
/// one. Without a name the heroes are given to calculate it.
/// </summary>
internal sealed record SlidingProfile(string? Name, string? Avatar, List<TimelineEvent> Heroes, int Joined, int Invited)
{
    public static SlidingProfile Of(RoomSnapshot state, UserId asking)
    {
        var summary = RoomSummaryPart.Of(state, asking);
        return new SlidingProfile(
            state.Text("m.room.name", "name") is { Length: > 0 } name ? name : null,
            state.Text("m.room.avatar", "url") is { Length: > 0 } avatar ? avatar : null,
            summary.Heroes.ConvertAll(h => state.Members[h]), summary.Joined, summary.Invited);
    }

    public void WriteTo(Utf8JsonWriter json, bool isInitial)
    {
        if (Name is not null)
        {
            json.WriteString("name"u8, Name);
        }

        if (Avatar is not null)
        {
            json.WriteString("avatar"u8, Avatar);
        }
        else if (!isInitial)
        {
            json.WriteNull("avatar"u8);
        }

        if (Heroes.Count > 0)
        {
            json.WriteStartArray("heroes"u8);
            foreach (var hero in Heroes)
            {
                json.WriteStartObject();
                json.WriteString("user_id"u8, hero.Event.StateKey!);
                if (hero.Event.ContentString("displayname") is { } name)
                {
                    json.WriteString("displayname"u8, name);
                }

                if (hero.Event.ContentString("avatar_url") is { } avatar)
                {
                    json.WriteString("avatar_url"u8, avatar);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteNumber("joined_count"u8, Joined);
        json.WriteNumber("invited_count"u8, Invited);
    }
}
