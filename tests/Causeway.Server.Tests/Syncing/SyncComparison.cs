using Causeway.TestKit;
using Xunit;

namespace Causeway.Server.Tests.Syncing;

/// <summary>Compares what two devices of one person know.</summary>
internal static class SyncComparison
{
    public static async Task ExpectSameAsync(string who, Watcher followed, Watcher fresh)
    {
        Same($"{who}: account data", followed.Model.AccountData, fresh.Model.AccountData);
        var present = fresh.Model.Rooms.Where(r => r.Value.Membership != "leave").ToDictionary(r => r.Key, r => r.Value.Membership);
        Same($"{who}: rooms", followed.Model.Rooms.Where(r => r.Value.Membership != "leave").ToDictionary(r => r.Key, r => r.Value.Membership), present);
        foreach (var (id, room) in fresh.Model.Rooms)
        {
            var other = followed.Model.Rooms[id];
            if (room.Membership == "join")
            {
                await SameRoomAsync($"{who}, {id}", fresh, id, other, room);
            }
            else if (room.Membership == "leave" && other.WasJoined && !followed.Style.IsLazy)
            {
                // The own member event may have changed since (an unban), which is told without the state.
                var own = ("m.room.member", followed.Client.UserId);
                Same($"{who}, {id}: state on leaving", other.State.Where(s => s.Key != own), room.State.Where(s => s.Key != own));
            }
        }
    }

    private static async Task SameRoomAsync(string where, Watcher fresh, string id, ModelRoom a, ModelRoom b)
    {
        var style = fresh.Style;
        Assert.True(a.Timeline.SequenceEqual(b.Timeline), $"{where}: timeline\n{string.Join('\n', a.Timeline)}\n--\n{string.Join('\n', b.Timeline)}");
        if (!style.OnlyMessages)
        {
            Same($"{where}: redacted", a.Redacted.Where(a.Timeline.Contains).ToHashSet(), b.Redacted.Where(b.Timeline.Contains).ToHashSet());
        }

        var state = (await fresh.Client.RequestAsync("GET", MatrixClient.RoomPath(id, "state"))).Ok().Body.EnumerateArray()
            .ToDictionary(SyncModel.StateKey, e => e.GetProperty("event_id").GetString()!);
        foreach (var (name, known) in new[] { ("followed", a.State), ("fresh", b.State) })
        {
            Same(
                $"{where}: {name} state",
                known, style.IsLazy ? state.Where(s => s.Key.Type != "m.room.member" || known.ContainsKey(s.Key)).ToDictionary() : state);
        }

        Same($"{where}: receipts", a.Receipts, b.Receipts);
        Same($"{where}: room account data", a.AccountData, b.AccountData);
        Assert.True(a.Unread == b.Unread, $"{where}: unread {a.Unread} and {b.Unread}");
        Same($"{where}: summary", a.Summary.Where(s => b.Summary.ContainsKey(s.Key)).ToDictionary(), b.Summary);
    }

    private static void Same<T>(string what, IEnumerable<T> followed, IEnumerable<T> fresh)
    {
        var missing = fresh.Except(followed).ToList();
        var extra = followed.Except(fresh).ToList();
        Assert.True(missing.Count + extra.Count == 0, $"{what}:\nonly by increments: {string.Join(", ", extra)}\nonly initially: {string.Join(", ", missing)}");
    }
}
