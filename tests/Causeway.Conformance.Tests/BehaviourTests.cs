using System.Text.Json;
using Causeway.TestKit;

namespace Causeway.Conformance.Tests;

/// <summary>What the tests of behaviours have in common: a server and two people who met nobody yet.</summary>
public abstract class BehaviourTests : IAsyncLifetime
{
    private int _transactions;

    protected TestServer Server { get; private set; } = null!;

    protected MatrixClient Alice { get; private set; } = null!;

    protected MatrixClient Bob { get; private set; } = null!;

    /// <summary>Somebody who is not signed in.</summary>
    protected MatrixClient Nobody => Server.Client();

    public virtual async Task InitializeAsync()
    {
        Server = await TestServer.SharedAsync();
        Alice = await PersonAsync("alice");
        Bob = await PersonAsync("bob");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    protected Task<MatrixClient> PersonAsync(string name = "carol") => Server.RegisterAsync(name);

    protected Task<MatrixClient> AnotherDeviceAsync(MatrixClient of) => Server.Client().LoginAsync(of.UserId);

    /// <summary>A public room of Alice in which Bob is.</summary>
    protected async Task<string> SharedRoomAsync(object? options = null)
    {
        var room = await Alice.CreateRoomAsync(options ?? new { preset = "public_chat" });
        await Bob.JoinAsync(room);
        return room;
    }

    /// <summary>Sends content that is written as JSON; returns the event's id.</summary>
    protected async Task<string> SendAsync(MatrixClient who, string room, string type, string json) =>
        (await TrySendAsync(who, room, type, json)).Ok().Text("event_id");

    protected Task<MatrixAnswer> TrySendAsync(MatrixClient who, string room, string type, string json) =>
        who.RequestRawAsync("PUT", MatrixClient.RoomPath(room, $"send/{type}/b{Interlocked.Increment(ref _transactions)}"), json);

    protected static async Task<MatrixAnswer> TrySetStateAsync(MatrixClient who, string room, string type, object content, string key = "") =>
        await who.PutAsync(Requests.In(room, $"state/{type}/{Requests.Escape(key)}"), content);

    /// <summary>A person's power level raised by Alice.</summary>
    protected async Task SetPowerAsync(string room, MatrixClient who, int level)
    {
        var levels = JsonSerializer.Deserialize<Dictionary<string, object>>(await Alice.GetStateAsync(room, "m.room.power_levels"))!;
        levels["users"] = new Dictionary<string, int> { [who.UserId] = level };
        await Alice.SetStateAsync(room, "m.room.power_levels", levels);
    }

    protected static async Task<JsonElement> EventAsync(MatrixClient who, string room, string id) =>
        (await who.GetAsync(Requests.In(room, $"event/{Requests.Escape(id)}"))).Ok().Body;

    protected static async Task<string?> MembershipAsync(MatrixClient who, string room, MatrixClient of) =>
        (await who.GetStateAsync(room, "m.room.member", of.UserId)).GetProperty("membership").GetString();

    protected static List<string> Strings(JsonElement array, string? member = null) =>
        [.. array.EnumerateArray().Select(e => (member is null ? e : e.GetProperty(member)).GetString()!)];

    /// <summary>The events of one type under a section of a /sync answer's top level.</summary>
    protected static List<JsonElement> Top(SyncAnswer sync, string section, string type) =>
        sync.Body.TryGetProperty(section, out var part) && part.TryGetProperty("events", out var events)
            ? [.. events.EnumerateArray().Where(e => e.GetProperty("type").GetString() == type)] : [];

    protected static List<JsonElement> OfType(IEnumerable<JsonElement> events, string type) =>
        [.. events.Where(e => e.GetProperty("type").GetString() == type)];

    protected static string Local(MatrixClient who) => who.UserId[1..who.UserId.IndexOf(':', StringComparison.Ordinal)];
}
