using System.Text.Json;
using Causeway.TestKit;
using Xunit;

namespace Causeway.Server.Tests.Syncing;

/// <summary>How a device asks for /sync.</summary>
public sealed record SyncStyle(string? Filter, string StateAfter)
{
    public static readonly string[] Filters =
    [
        "",
        """{"room":{"timeline":{"limit":2}}}""",
        """{"room":{"timeline":{"limit":5},"state":{"lazy_load_members":true}}}""",
        """{"room":{"timeline":{"limit":1},"state":{"lazy_load_members":true,"include_redundant_members":true}}}""",
        """{"room":{"timeline":{"types":["m.room.message"],"limit":3},"include_leave":true}}""",
        """{"room":{"timeline":{"limit":20,"unread_thread_notifications":true},"include_leave":true}}""",
        """{"room":{"timeline":{"limit":0}}}""",
    ];

    public static readonly string[] StateAfters = ["", "use_state_after", "org.matrix.msc4222.use_state_after"];

    public bool IsLazy => Filter?.Contains("lazy_load_members", StringComparison.Ordinal) == true;

    public bool IncludesLeft => Filter?.Contains("include_leave", StringComparison.Ordinal) == true;

    public bool OnlyMessages => Filter?.Contains("m.room.message", StringComparison.Ordinal) == true;

    public string StateName => StateAfter switch
    {
        "" => "state",
        "use_state_after" => "state_after",
        _ => "org.matrix.msc4222.state_after",
    };

    public string Query => (string.IsNullOrEmpty(Filter) ? "" : $"&filter={Uri.EscapeDataString(Filter)}")
        + (StateAfter.Length == 0 ? "" : $"&{StateAfter}=true");
}

/// <summary>A client: what somebody knows who follows /sync and fills gaps with /messages.</summary>
public sealed class SyncModel(SyncStyle style)
{
    public string? Since { get; private set; }

    public Dictionary<string, ModelRoom> Rooms { get; } = [];

    public Dictionary<string, string> AccountData { get; } = [];

    /// <summary>Asks once and takes in the answer.</summary>
    /// <param name="client">The device.</param>
    /// <param name="departures">How often this person left each room so far: a room rejoined is a new one.</param>
    public async Task SyncAsync(MatrixClient client, Func<string, int> departures)
    {
        var since = Since is null ? "" : $"&since={Since}";
        var answer = await client.RequestAsync("GET", $"/_matrix/client/v3/sync?timeout=0{since}{style.Query}");
        answer.Ok();
        foreach (var e in Events(answer.Body, "account_data"))
        {
            AccountData[e.GetProperty("type").GetString()!] = e.GetProperty("content").ToString();
        }

        foreach (var (id, part) in Section(answer.Body, "invite").Concat(Section(answer.Body, "knock")))
        {
            var stripped = Events(part, part.TryGetProperty("invite_state", out _) ? "invite_state" : "knock_state")
                .ToDictionary(StateKey, e => e.GetProperty("content").ToString());
            var membership = JsonDocument.Parse(stripped[("m.room.member", client.UserId)]).RootElement.GetProperty("membership").GetString()!;
            Assert.Equal(part.TryGetProperty("invite_state", out _) ? "invite" : "knock", membership);
            Rooms[id] = new ModelRoom { Membership = membership, Departures = departures(id) };
        }

        foreach (var (id, part) in Section(answer.Body, "join"))
        {
            if (!Rooms.TryGetValue(id, out var room) || room.Membership != "join" || room.Departures != departures(id))
            {
                Rooms[id] = room = new ModelRoom { Membership = "join", Departures = departures(id) };
            }

            await room.ApplyAsync(client, id, part, style);
        }

        foreach (var (id, part) in Section(answer.Body, "leave"))
        {
            var room = Rooms.GetValueOrDefault(id);
            if (room is { Membership: not "join" } && Events(part, style.StateName).Any())
            {
                // Joined and left again since: all of it is new.
                room = new ModelRoom { Membership = "join" };
            }

            if (room is { Membership: "join" } || Since is null)
            {
                Rooms[id] = room ??= new ModelRoom { Membership = "leave", Departures = departures(id) };
                room.Membership = "leave";
                await room.ApplyAsync(client, id, part, style);
                room.WasJoined = true;
            }

            Rooms[id] = room ??= new ModelRoom { Membership = "leave" };
            room.Membership = "leave";
            room.Departures = departures(id);
        }

        Since = answer.Text("next_batch");
    }

    internal static (string Type, string Key) StateKey(JsonElement e) =>
        (e.GetProperty("type").GetString()!, e.GetProperty("state_key").GetString()!);

    internal static IEnumerable<JsonElement> Events(JsonElement of, string name) =>
        of.TryGetProperty(name, out var part) && part.TryGetProperty("events", out var events) ? events.EnumerateArray() : [];

    private static IEnumerable<(string Id, JsonElement Part)> Section(JsonElement body, string name) =>
        body.TryGetProperty("rooms", out var rooms) && rooms.TryGetProperty(name, out var section)
            ? section.EnumerateObject().Select(p => (p.Name, p.Value)) : [];
}

/// <summary>One room in a <see cref="SyncModel"/>.</summary>
public sealed class ModelRoom
{
    public required string Membership { get; set; }

    public int Departures { get; set; }

    /// <summary>For a left room: whether its content is known.</summary>
    public bool WasJoined { get; set; }

    public Dictionary<(string Type, string Key), string> State { get; } = [];

    public List<string> Timeline { get; private set; } = [];

    public HashSet<string> Redacted { get; } = [];

    public string? Start { get; private set; }

    public Dictionary<(string User, string Type, string Thread), string> Receipts { get; } = [];

    public Dictionary<string, string> AccountData { get; } = [];

    public string Unread { get; private set; } = "";

    public Dictionary<string, string> Summary { get; } = [];

    internal async Task ApplyAsync(MatrixClient client, string id, JsonElement part, SyncStyle style)
    {
        var timeline = part.GetProperty("timeline");
        var events = timeline.GetProperty("events").EnumerateArray().ToList();
        Assert.Equal(events.Count, events.Select(Id).Distinct().Count());
        foreach (var e in SyncModel.Events(part, style.StateName))
        {
            State[SyncModel.StateKey(e)] = Id(e);
        }

        foreach (var e in events.Where(e => style.StateAfter.Length == 0 && e.TryGetProperty("state_key", out _)))
        {
            State[SyncModel.StateKey(e)] = Id(e);
        }

        if (style.IsLazy)
        {
            var senders = events.Select(e => ("m.room.member", e.GetProperty("sender").GetString()!));
            Assert.All(senders, s => Assert.Contains(s, State.Keys));
        }

        await ExtendAsync(client, id, events, timeline.GetProperty("limited").GetBoolean(), timeline.GetProperty("prev_batch").GetString()!, style);
        foreach (var receipt in SyncModel.Events(part, "ephemeral").Where(e => e.GetProperty("type").GetString() == "m.receipt"))
        {
            TakeReceipts(receipt.GetProperty("content"));
        }

        foreach (var e in SyncModel.Events(part, "account_data"))
        {
            AccountData[e.GetProperty("type").GetString()!] = e.GetProperty("content").ToString();
        }

        if (part.TryGetProperty("unread_notifications", out var unread))
        {
            Unread = unread + (part.TryGetProperty("unread_thread_notifications", out var threads)
                ? string.Join(",", threads.EnumerateObject().Select(t => t.ToString()).Order(StringComparer.Ordinal)) : "");
        }

        if (part.TryGetProperty("summary", out var summary))
        {
            foreach (var field in summary.EnumerateObject())
            {
                Summary[field.Name] = field.Value.ToString();
            }
        }
    }

    /// <summary>Reads the history back to its beginning.</summary>
    internal async Task BackfillAsync(MatrixClient client, string id, SyncStyle style)
    {
        var (older, met) = await ReadBackAsync(client, id, Start!, [], style);
        Assert.False(met);
        Timeline = [.. older, .. Timeline];
        Assert.Equal(Timeline.Count, Timeline.Distinct().Count());
    }

    private static string Id(JsonElement e) => e.GetProperty("event_id").GetString()!;

    private async Task ExtendAsync(
        MatrixClient client, string id, List<JsonElement> events, bool limited, string previous, SyncStyle style)
    {
        events.ForEach(Note);
        var ids = events.ConvertAll(Id);
        if (Start is null)
        {
            (Timeline, Start) = (ids, previous);
            return;
        }

        if (limited)
        {
            var (gap, met) = await ReadBackAsync(client, id, previous, [.. Timeline], style);
            Assert.True(met || Timeline.Count == 0, "A gap is bounded by what was known before.");
            ids.InsertRange(0, Timeline.Count == 0 ? [] : gap);
            Start = Timeline.Count == 0 ? previous : Start;
        }

        Assert.Empty(Timeline.Intersect(ids));
        Timeline.AddRange(ids);
    }

    /// <summary>Events before a token, oldest first, until one that is known; that one must be the newest known.</summary>
    private async Task<(List<string> Events, bool MetKnown)> ReadBackAsync(
        MatrixClient client, string id, string from, HashSet<string> known, SyncStyle style)
    {
        var filter = style.OnlyMessages ? "&filter=" + Uri.EscapeDataString("""{"types":["m.room.message"]}""") : "";
        var found = new List<string>();
        for (string? at = from; at is not null;)
        {
            var page = await client.RequestAsync("GET", MatrixClient.RoomPath(id, $"messages?dir=b&limit=7&from={at}{filter}"));
            if (page.Status == 403 && Membership == "leave")
            {
                // Left and forgotten: the gap stays one.
                return (found, true);
            }

            page.Ok();
            foreach (var e in page["chunk"].EnumerateArray())
            {
                if (known.Contains(Id(e)))
                {
                    Assert.Equal(Timeline[^1], Id(e));
                    return (found, true);
                }

                Note(e);
                found.Insert(0, Id(e));
            }

            at = page.Find("end")?.GetString();
        }

        return (found, false);
    }

    private void Note(JsonElement e)
    {
        if (e.GetProperty("unsigned").TryGetProperty("redacted_because", out _))
        {
            Redacted.Add(Id(e));
        }

        if (e.GetProperty("type").GetString() == "m.room.redaction")
        {
            if (e.TryGetProperty("redacts", out var target) || e.GetProperty("content").TryGetProperty("redacts", out target))
            {
                Redacted.Add(target.GetString()!);
            }
        }
    }

    private void TakeReceipts(JsonElement content)
    {
        foreach (var e in content.EnumerateObject())
        {
            foreach (var type in e.Value.EnumerateObject())
            {
                foreach (var user in type.Value.EnumerateObject())
                {
                    var thread = user.Value.TryGetProperty("thread_id", out var t) ? t.GetString()! : "";
                    Receipts[(user.Name, type.Name, thread)] = e.Name;
                }
            }
        }
    }
}
