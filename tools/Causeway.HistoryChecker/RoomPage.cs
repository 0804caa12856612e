using System.Text.Json;
using Causeway.History;

namespace Causeway.HistoryChecker;

/// <summary>One page of /messages, in the order the server gave it.</summary>
internal sealed record RoomPage(IReadOnlyList<SeenEvent> Events, string? End)
{
    public static RoomPage Parse(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body);
        return new RoomPage(
            [.. document.RootElement.GetProperty("chunk").EnumerateArray().Select(ParseEvent)],
            document.RootElement.TryGetProperty("end", out var end) ? end.GetString() : null);
    }

    public static SeenEvent ParseEvent(JsonElement json) => new(
        json.GetProperty("event_id").GetString()!,
        json.TryGetProperty("content", out var content) && content.TryGetProperty("marker", out var marker) ? marker.GetString() : null);
}
