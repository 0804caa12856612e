using Causeway.Conformance.Tests.Baseline;

namespace Causeway.Conformance.Tests.Typing;

/// <summary>Client-server API, "Typing Notifications".</summary>
public sealed class TypingTests : BehaviourTests
{
    [Behaviour]
    public async Task Who_types_is_told_to_the_room()
    {
        var room = await SharedRoomAsync();
        var since = (await Bob.SyncAsync()).NextBatch;
        await Alice.SetTypingAsync(room, true);
        var sync = await Bob.SyncUntilAsync(s => OfType(s.EventsOf(room, "ephemeral"), "m.typing").Count > 0, since);
        Assert.Equal([Alice.UserId], Strings(OfType(sync.EventsOf(room, "ephemeral"), "m.typing")[0].GetProperty("content").GetProperty("user_ids")));
    }

    [Behaviour]
    public async Task Who_stops_is_told_too()
    {
        var room = await SharedRoomAsync();
        await Alice.SetTypingAsync(room, true);
        var since = (await Bob.SyncAsync()).NextBatch;
        await Alice.SetTypingAsync(room, false);
        await Bob.SyncUntilAsync(s => OfType(s.EventsOf(room, "ephemeral"), "m.typing").Any(e => e.GetProperty("content").GetProperty("user_ids").GetArrayLength() == 0), since);
    }

    [Behaviour]
    public async Task Nobody_types_in_the_name_of_another()
    {
        var room = await SharedRoomAsync();
        (await Alice.PutAsync(Requests.In(room, $"typing/{Requests.Escape(Bob.UserId)}"), new { typing = true })).Refused(403, "M_FORBIDDEN");
    }

    [Behaviour]
    public async Task Nobody_types_in_a_room_they_are_not_in() =>
        (await Bob.PutAsync(Requests.In(await Alice.CreateRoomAsync(), $"typing/{Requests.Escape(Bob.UserId)}"), new { typing = true })).Refused(403, "M_FORBIDDEN");
}
