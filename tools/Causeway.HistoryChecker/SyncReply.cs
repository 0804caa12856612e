using System.Text.Json;
using Causeway.History;

namespace Causeway.HistoryChecker;

/// <summary>What one answer of /sync holds for one room.</summary>
internal sealed record SyncRoom(
    string RoomId, bool IsLimited, string? PreviousBatch, bool HasOwnJoin, IReadOnlyList<SeenEvent> Timeline);

/// <summary>The part of an answer of /sync that the checker looks at.</summary>
internal sealed record SyncReply(string Next, IReadOnlyList<SyncRoom> Rooms)
{
    public static SyncReply Parse(ReadOnlyMemory<byte> body, string userId)
    {
        using var document = JsonDocument.Parse(body);
        List<SyncRoom> rooms = [];
        if (document.RootElement.TryGetProperty("rooms", out var all))
        {
            foreach (var section in new[] { "join", "leave" })
            {
                if (all.TryGetProperty(section, out var inSection))
                {
                    rooms.AddRange(inSection.EnumerateObject().Select(room => ParseRoom(room, userId)));
                }
            }
        }

        return new SyncReply(document.RootElement.GetProperty("next_batch").GetString()!, rooms);
    }

    private static SyncRoom ParseRoom(JsonProperty room, string userId)
    {
        var hasTimeline = room.Value.TryGetProperty("timeline", out var timeline);
        JsonElement[] events = [.. hasTimeline ? Events(timeline) : []];
        var state = room.Value.TryGetProperty("state", out var given) ? Events(given) : [];
        return new SyncRoom(
            room.Name,
            hasTimeline && timeline.TryGetProperty("limited", out var limited) && limited.GetBoolean(),
            hasTimeline && timeline.TryGetProperty("prev_batch", out var previous) ? previous.GetString() : null,
            events.Concat(state).Any(one => IsJoinOf(one, userId)),
            [.. events.Select(RoomPage.ParseEvent)]);
    }

    private static IEnumerable<JsonElement> Events(JsonElement part) =>
        part.TryGetProperty("events", out var events) ? events.EnumerateArray() : [];

    private static bool IsJoinOf(JsonElement json, string userId) =>
        json.TryGetProperty("state_key", out var key) && key.GetString() == userId
        && json.GetProperty("type").GetString() == "m.room.member"
        && json.GetProperty("content").TryGetProperty("membership", out var membership) && membership.GetString() == "join";
}
