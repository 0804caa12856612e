using System.Globalization;
using System.Text.Json;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>
/// GET /_matrix/client/v1/rooms/{roomId}/hierarchy: the rooms of a space, depth first, a page at a time.
/// Client-server API, "Discovering rooms within spaces".
/// </summary>
internal sealed class Hierarchy(RoomPreviews previews) : IEndpoint
{
    private const int MaxDepth = 50;
    private const int MaxRooms = 5000;

    public async Task HandleAsync(MatrixRequest request)
    {
        var suggestedOnly = request.QueryBool("suggested_only");
        var depth = request.QueryInteger("max_depth") switch
        {
            null => MaxDepth,
            < 0 => throw Refusal.InvalidParam("'max_depth' must not be negative."),
            var wish => (int)Math.Min(wish.Value, MaxDepth),
        };
        var limit = PageLimit.Of(request, 50, 100);
        var walk = string.Create(CultureInfo.InvariantCulture, $"h{depth}{(suggestedOnly ? 's' : 'a')}");
        var offset = 0;
        if (request.Query("from") is { } from && !(from.StartsWith(walk, StringComparison.Ordinal)
            && int.TryParse(from.AsSpan(walk.Length), NumberStyles.None, CultureInfo.InvariantCulture, out offset)))
        {
            throw Refusal.InvalidParam("'from' is not a token of such a request.");
        }

        var root = await previews.FindAsync(request.RoomId(), request.Requester).ConfigureAwait(false)
            ?? throw Refusal.Forbidden("There is no such room, or you may not know of it.");
        var (page, more) = await WalkAsync(request.Requester, root, suggestedOnly, depth, offset, limit).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("rooms"u8);
            foreach (var (room, children) in page)
            {
                json.WriteStartObject();
                RoomPreviews.WriteMembers(json, room);
                json.WriteStartArray("children_state"u8);
                children.ForEach(c => WriteChild(json, c.Event));
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            if (more)
            {
                json.WriteString("next_batch"u8, string.Create(CultureInfo.InvariantCulture, $"{walk}{offset + page.Count}"));
            }

            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    /// <summary>Each room comes once, where the walk meets it first; what the person may not know of is left out with all below.</summary>
    private async ValueTask<(List<(Room Room, List<TimelineEvent> Children)> Page, bool More)> WalkAsync(
        Requester requester, Room root, bool suggestedOnly, int maxDepth, int offset, int limit)
    {
        var page = new List<(Room, List<TimelineEvent>)>();
        var waiting = new Stack<(string Id, int Depth)>([(root.Id.Value, 0)]);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var found = 0; waiting.TryPop(out var next) && seen.Count < MaxRooms;)
        {
            if (!seen.Add(next.Id) || !RoomId.TryParse(next.Id, out var id)
                || await previews.FindAsync(id, requester).ConfigureAwait(false) is not { } room)
            {
                continue;
            }

            if (page.Count == limit)
            {
                return (page, true);
            }

            var children = Children(room.Committed, suggestedOnly);
            if (found++ >= offset)
            {
                page.Add((room, children));
            }

            if (next.Depth < maxDepth)
            {
                children.AsEnumerable().Reverse().ToList().ForEach(c => waiting.Push((c.Event.StateKey!, next.Depth + 1)));
            }
        }

        return (page, false);
    }

    /// <summary>The children in their order ("Ordering of children within a space").</summary>
    private static List<TimelineEvent> Children(RoomSnapshot state, bool suggestedOnly)
    {
        if (state.Text(EventTypes.Create, "type") != "m.space")
        {
            return [];
        }

        return
        [
            .. state.State.Values.Where(e => e.Event.Type == "m.space.child").Select(e => (Event: e, Child: Read(e.Event)))
                .Where(c => c.Child is { } child && (child.Suggested || !suggestedOnly))
                .OrderBy(c => c.Child!.Value.Order is null).ThenBy(c => c.Child!.Value.Order, StringComparer.Ordinal)
                .ThenBy(c => c.Event.Event.OriginServerTs).ThenBy(c => c.Event.Event.StateKey, StringComparer.Ordinal)
                .Select(c => c.Event),
        ];
    }

    /// <summary>A child without a <c>via</c> is none.</summary>
    private static (string? Order, bool Suggested)? Read(RoomEvent e)
    {
        using var content = JsonDocument.Parse(e.Content);
        if (!content.RootElement.TryGetProperty("via", out var via) || via.ValueKind != JsonValueKind.Array || via.GetArrayLength() == 0)
        {
            return null;
        }

        var order = content.RootElement.TryGetProperty("order", out var value) && value.ValueKind == JsonValueKind.String
            && value.GetString() is { Length: <= 50 } text && !text.AsSpan().ContainsAnyExceptInRange('\x20', '\x7E')
            ? text
            : null;
        return (order, content.RootElement.TryGetProperty("suggested", out var suggested) && suggested.ValueKind == JsonValueKind.True);
    }

    private static void WriteChild(Utf8JsonWriter json, RoomEvent e)
    {
        json.WriteStartObject();
        json.WritePropertyName("content"u8);
        json.WriteRawValue(e.Content.Span, skipInputValidation: true);
        json.WriteNumber("origin_server_ts"u8, e.OriginServerTs);
        json.WriteString("sender"u8, e.Sender.Value);
        json.WriteString("state_key"u8, e.StateKey!);
        json.WriteString("type"u8, e.Type);
        json.WriteEndObject();
    }
}
