using System.Collections.Concurrent;
using Causeway.Hosting;
using Causeway.Streams;

namespace Causeway.Rooms;

/// <summary>
/// What is not durable: it has a counter of its own inside the sync token (D2). The counter starts at the time of
/// start-up, so that tokens of an earlier process are older.
/// </summary>
public sealed class EphemeralClock(TimeProvider clock)
{
    private long _now = clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The newest tick.</summary>
    public long Now => Interlocked.Read(ref _now);

    internal long Tick() => Interlocked.Increment(ref _now);
}

/// <summary>Who types where. Client-server API, "Typing notifications".</summary>
public sealed class Typing(EphemeralClock ephemeral, Notifier notifier, TimeProvider clock)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<long, RoomTyping> _rooms = new();

    /// <summary>Those who type in a room, when that changed after a tick; null when it did not.</summary>
    public IReadOnlyList<string>? ChangedSince(long room, long tick) =>
        _rooms.TryGetValue(room, out var typing) && typing.Changed > tick ? typing.Users : null;

    /// <summary>Sets whether somebody types, for a while.</summary>
    internal void Set(Room room, string user, bool isTyping, TimeSpan time)
    {
        var typing = _rooms.GetOrAdd(room.Nid, _ => new RoomTyping());
        lock (typing)
        {
            typing.Timers.Remove(user, out var old);
            old?.Dispose();
            var was = typing.Users;
            if (isTyping)
            {
                var timer = clock.CreateTimer(
                    _ => Set(room, user, false, default), null, time > Longest ? Longest : time, Timeout.InfiniteTimeSpan);
                typing.Timers[user] = timer;
            }

            typing.Users = [.. typing.Timers.Keys];
            if (was.Count == typing.Users.Count && was.Contains(user) == isTyping)
            {
                return;
            }

            typing.Changed = ephemeral.Tick();
        }

        RoomEffects.WakeMembers(room, notifier);
    }

    private sealed class RoomTyping
    {
        public readonly Dictionary<string, ITimer> Timers = new(StringComparer.Ordinal);

        public volatile IReadOnlyList<string> Users = [];

        public long Changed;
    }
}

/// <summary>PUT /_matrix/client/v3/rooms/{roomId}/typing/{userId}. Client-server API, "Typing notifications".</summary>
internal sealed class SetTyping(Typing typing, RoomAccess access) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var user = request.OwnUserId();
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        var isTyping = body.Root.FindBool("typing") ?? throw Refusal.MissingParam("typing");
        var time = Math.Clamp(body.Root.FindInteger("timeout") ?? 30_000, 1_000, 120_000);
        var room = await access.JoinedAsync(request.Requester, request.RoomId()).ConfigureAwait(false);
        typing.Set(room, user.Value, isTyping, TimeSpan.FromMilliseconds(time));
        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}
