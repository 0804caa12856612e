using System.Text.Json;
using Causeway.TestKit;

namespace Causeway.Server.Tests.Syncing.Sliding;

/// <summary>An answer of sliding sync, with the ways into it that tests use most.</summary>
public sealed record SlidingAnswer(MatrixAnswer Answer)
{
    public const string Path = "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync";

    public string Pos => Answer.Text("pos");

    public IReadOnlyList<string> Rooms => [.. Answer["rooms"].EnumerateObject().Select(r => r.Name)];

    public JsonElement? Room(string room) => Answer["rooms"].TryGetProperty(room, out var found) ? found : null;

    public int Count(string list) => Answer["lists"].GetProperty(list).GetProperty("count").GetInt32();

    public JsonElement Extension(string name) => Answer["extensions"].TryGetProperty(name, out var found) ? found : default;

    /// <summary>The bodies of the messages in a room's timeline.</summary>
    public IReadOnlyList<string> Texts(string room) =>
    [
        .. from e in Events(room, "timeline")
           where e.GetProperty("type").ValueEquals("m.room.message")
           select e.GetProperty("content").GetProperty("body").GetString(),
    ];

    /// <summary>"type|state key" of a room's required_state, in order.</summary>
    public IReadOnlyList<string> State(string room) =>
        [.. Events(room, "required_state").Select(e => $"{e.GetProperty("type").GetString()}|{e.GetProperty("state_key").GetString()}").Order(StringComparer.Ordinal)];

    public IReadOnlyList<JsonElement> Events(string room, string section) =>
        Room(room) is { } r && r.TryGetProperty(section, out var events) ? [.. events.EnumerateArray()] : [];
}

public static class SlidingRequests
{
    /// <summary>Asks; <paramref name="body"/> is JSON.</summary>
    public static async Task<SlidingAnswer> SlideAsync(this MatrixClient client, string body, string? pos = null, int timeout = 0) =>
        new((await client.TrySlideAsync(body, pos, timeout)).Ok());

    public static Task<MatrixAnswer> TrySlideAsync(this MatrixClient client, string body, string? pos = null, int timeout = 0) =>
        client.RequestRawAsync("POST", $"{SlidingAnswer.Path}?timeout={timeout}{(pos is null ? "" : $"&pos={Uri.EscapeDataString(pos)}")}", body);

    /// <summary>A body with one list "all".</summary>
    public static string List(int to = 99, int limit = 10, string state = """["m.room.name",""]""", string more = "", string filters = "{}", int from = 0) =>
        $$$$$$"""{"lists":{"all":{"ranges":[[{{{{{{from}}}}}},{{{{{{to}}}}}}]],"timeline_limit":{{{{{{limit}}}}}},"required_state":[{{{{{{state}}}}}}],"filters":{{{{{{filters}}}}}}}}{{{{{{(more.Length == 0 ? "" : "," + more)}}}}}}}""";
}
