using System.Text.Json;
using Causeway.TestKit;
using Xunit;

namespace Causeway.Server.Tests.Syncing.Sliding;

/// <summary>A client of sliding sync: what somebody knows who takes in every answer.</summary>
public sealed class SlidingModel
{
    public string? Pos { get; private set; }

    public Dictionary<string, SlidingModelRoom> Rooms { get; } = [];

    public Dictionary<string, string> AccountData { get; } = [];

    public Dictionary<string, int> Counts { get; private set; } = [];

    /// <summary>Asks once and takes in the answer; begins anew when the server no longer knows the position.</summary>
    /// <param name="client">The device.</param>
    /// <param name="body">What is asked.</param>
    /// <param name="departures">How often this person left each room so far: a room rejoined is a new one.</param>
    public async Task SyncAsync(MatrixClient client, string body, Func<string, int>? departures = null)
    {
        var answer = await client.TrySlideAsync(body, Pos);
        if (answer.ErrorCode == "M_UNKNOWN_POS")
        {
            Rooms.Clear();
            AccountData.Clear();
            answer = await client.TrySlideAsync(body);
        }

        Pos = answer.Ok().Text("pos");
        Counts = answer["lists"].EnumerateObject().ToDictionary(l => l.Name, l => l.Value.GetProperty("count").GetInt32());
        foreach (var room in answer["rooms"].EnumerateObject())
        {
            var isInitial = room.Value.TryGetProperty("initial", out _);
            Assert.True(isInitial || Rooms.ContainsKey(room.Name), "A room begins with \"initial\".");
            if (isInitial)
            {
                // Account data and receipts are told once for a connection, whatever becomes of the room.
                Rooms[room.Name] = new SlidingModelRoom { AccountData = Rooms.GetValueOrDefault(room.Name)?.AccountData ?? [], Receipts = Rooms.GetValueOrDefault(room.Name)?.Receipts ?? [] };
            }

            var known = Rooms[room.Name];
            known.Apply(room.Value);
            var left = departures?.Invoke(room.Name) ?? 0;
            Assert.True(isInitial || known.Membership != "join" || known.Departures == left, "A room that was left and joined again begins anew.");
            known.Departures = left;
        }

        var extensions = answer["extensions"];
        if (extensions.TryGetProperty("account_data", out var accountData))
        {
            Take(accountData.GetProperty("global"), AccountData);
            foreach (var room in accountData.GetProperty("rooms").EnumerateObject())
            {
                Take(room.Value, Rooms[room.Name].AccountData);
            }
        }

        if (extensions.TryGetProperty("receipts", out var receipts))
        {
            foreach (var room in receipts.GetProperty("rooms").EnumerateObject())
            {
                Rooms[room.Name].TakeReceipts(room.Value.GetProperty("content"));
            }
        }
    }

    private static void Take(JsonElement items, Dictionary<string, string> into)
    {
        foreach (var item in items.EnumerateArray())
        {
            into[item.GetProperty("type").GetString()!] = item.GetProperty("content").ToString();
        }
    }
}

public sealed class SlidingModelRoom
{
    public string Membership { get; private set; } = "";

    public int Departures { get; set; }

    public Dictionary<(string Type, string Key), string> State { get; } = [];

    public List<string> Timeline { get; } = [];

    public Dictionary<string, string> Fields { get; } = [];

    public required Dictionary<string, string> AccountData { get; init; }

    public required Dictionary<(string User, string Type, string Thread), string> Receipts { get; init; }

    public void Apply(JsonElement room)
    {
        Membership = room.GetProperty("membership").GetString()!;
        if (room.TryGetProperty("joined_count", out _))
        {
            Fields["heroes"] = "";
        }

        foreach (var field in room.EnumerateObject().Where(f => f.Name is "name" or "avatar" or "heroes" or "joined_count" or "invited_count" or "notification_count" or "highlight_count" or "bump_stamp"))
        {
            Fields[field.Name] = field.Value.ToString();
        }

        // Who wants no state for a while still sees in the timeline what becomes of the state it has.
        if (!room.TryGetProperty("unstable_expanded_timeline", out _))
        {
            foreach (var e in Events(room, "timeline").Where(e => e.TryGetProperty("state_key", out _) && State.ContainsKey(SyncModel.StateKey(e))))
            {
                State[SyncModel.StateKey(e)] = Id(e);
            }
        }

        var state = Events(room, "required_state");
        Assert.Equal(state.Count, state.Select(SyncModel.StateKey).Distinct().Count());
        foreach (var e in state)
        {
            State[SyncModel.StateKey(e)] = Id(e);
        }

        var events = Events(room, "timeline").ConvertAll(Id);
        if (room.TryGetProperty("limited", out var limited) && limited.GetBoolean() || room.TryGetProperty("unstable_expanded_timeline", out _))
        {
            Timeline.Clear();
        }

        Assert.Empty(Timeline.Intersect(events));
        Timeline.AddRange(events);
        if (room.TryGetProperty("invite_state", out var stripped))
        {
            Fields["invite_state"] = stripped.ToString();
        }
    }

    public void TakeReceipts(JsonElement content)
    {
        foreach (var e in content.EnumerateObject())
        {
            foreach (var type in e.Value.EnumerateObject())
            {
                foreach (var user in type.Value.EnumerateObject())
                {
                    Receipts[(user.Name, type.Name, user.Value.TryGetProperty("thread_id", out var t) ? t.GetString()! : "")] = e.Name;
                }
            }
        }
    }

    private static List<JsonElement> Events(JsonElement room, string name) =>
        room.TryGetProperty(name, out var events) ? [.. events.EnumerateArray()] : [];

    private static string Id(JsonElement e) => e.GetProperty("event_id").GetString()!;
}
