using System.Collections.Concurrent;
using System.Text.Json;
using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Matrix;
using Causeway.Streams;

namespace Causeway.Rooms;

/// <summary>A person's presence.</summary>
/// <param name="State">online, unavailable or offline.</param>
/// <param name="Status">What the person wrote.</param>
/// <param name="LastActive">Time in ms of the last sign of life.</param>
/// <param name="Changed">The ephemeral tick of the last change.</param>
public sealed record PresenceState(string State, string? Status, long LastActive, long Changed);

/// <summary>
/// Presence, in memory. A change does not wake everybody at once: those concerned are gathered for a second, so that a
/// thousand people arriving wake each other a few times and not a million. Client-server API, "Presence".
/// </summary>
public sealed class Presence : IDisposable
{
    private static readonly TimeSpan Gather = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan OfflineAfter = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, PresenceState> _states = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _changed = new(StringComparer.Ordinal);
    private readonly UserRoomsCache _userRooms;
    private readonly RoomRegistry _rooms;
    private readonly EphemeralClock _ephemeral;
    private readonly Notifier _notifier;
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;

    /// <summary>Starts the gathering timer.</summary>
    public Presence(UserRoomsCache userRooms, RoomRegistry rooms, EphemeralClock ephemeral, Notifier notifier, TimeProvider clock)
    {
        _userRooms = userRooms;
        _rooms = rooms;
        _ephemeral = ephemeral;
        _notifier = notifier;
        _clock = clock;
        _timer = clock.CreateTimer(_ => Flush(), null, Gather, Gather);
    }

    /// <summary>A person's presence; offline when nothing is known.</summary>
    public PresenceState Find(string user) => _states.GetValueOrDefault(user) ?? new PresenceState("offline", null, 0, 0);

    /// <summary>Sets it; the same again only refreshes the time.</summary>
    public void Set(string user, string state, string? status, bool keepStatus)
    {
        var now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        _states.AddOrUpdate(
            user,
            _ => Change(user, new PresenceState(state, status, now, 0)),
            (_, old) =>
            {
                var text = keepStatus ? old.Status : status;
                var active = state == "offline" ? old.LastActive : now;
                return old.State == state && old.Status == text
                    ? old with { LastActive = active }
                    : Change(user, new PresenceState(state, text, active, 0));
            });
    }

    /// <summary>The people who changed after a tick and share a room with somebody (or are that somebody).</summary>
    public async ValueTask<List<(string User, PresenceState State)>> ChangedSinceAsync(UserId asking, long tick)
    {
        var found = new List<(string, PresenceState)>();
        ICollection<RoomMembership>? mine = null;
        foreach (var (user, state) in _states)
        {
            if (state.Changed <= tick)
            {
                continue;
            }

            mine ??= await _userRooms.ListAsync(asking.Value).ConfigureAwait(false);
            if (user == asking.Value || SharesRoom(mine, user))
            {
                found.Add((user, state));
            }
        }

        return found;
    }

    /// <summary>Whether two people are in a room together.</summary>
    public async ValueTask<bool> SharesRoomAsync(UserId a, UserId b) =>
        a == b || SharesRoom(await _userRooms.ListAsync(a.Value).ConfigureAwait(false), b.Value)
        || (await _userRooms.ListAsync(b.Value).ConfigureAwait(false)).Where(p => p.Membership == Membership.Join)
            .Select(p => p.Room).Intersect((await _userRooms.ListAsync(a.Value).ConfigureAwait(false))
            .Where(p => p.Membership == Membership.Join).Select(p => p.Room)).Any();

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private bool SharesRoom(ICollection<RoomMembership> rooms, string user) => rooms.Any(place =>
        place.Membership == Membership.Join && _rooms.FindLoaded(place.Room)?.Committed.MembershipOf(user) == Membership.Join);

    private PresenceState Change(string user, PresenceState state)
    {
        _changed[user] = true;
        return state with { Changed = _ephemeral.Tick() };
    }

    private void Flush()
    {
        var now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var (user, state) in _states)
        {
            if (state.State != "offline" && now - state.LastActive > OfflineAfter.TotalMilliseconds && !_notifier.IsWatched(user))
            {
                Set(user, "offline", null, keepStatus: true);
            }
        }

        if (_changed.IsEmpty)
        {
            return;
        }

        var changed = _changed.Keys.ToList();
        changed.ForEach(u => _changed.TryRemove(u, out _));
        _ = WakeAsync(changed);
    }

    private async Task WakeAsync(List<string> changed)
    {
        var rooms = new HashSet<long>();
        foreach (var user in changed)
        {
            foreach (var place in await _userRooms.ListAsync(user).ConfigureAwait(false))
            {
                if (place.Membership == Membership.Join && rooms.Add(place.Room) && _rooms.FindLoaded(place.Room) is { } room)
                {
                    RoomEffects.WakeMembers(room, _notifier);
                }
            }

            _notifier.Wake(user);
        }
    }
}

/// <summary>PUT /_matrix/client/v3/presence/{userId}/status. Client-server API, "Presence".</summary>
internal sealed class SetPresence(Presence presence) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var user = request.OwnUserId();
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        var state = body.Root.GetString("presence");
        if (state is not ("online" or "offline" or "unavailable"))
        {
            throw Refusal.InvalidParam("'presence' must be online, offline or unavailable.");
        }

        var status = body.Root.FindString("status_msg");
        if (status?.Length > 500)
        {
            throw Refusal.InvalidParam("'status_msg' is too long.");
        }

        presence.Set(user.Value, state, status, keepStatus: false);
        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}

/// <summary>GET /_matrix/client/v3/presence/{userId}/status: of those one shares a room with.</summary>
internal sealed class GetPresence(Presence presence, ProfileStore profiles, TimeProvider clock) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var user = request.UserId();
        if (!await presence.SharesRoomAsync(request.Requester.User, user).ConfigureAwait(false))
        {
            throw Refusal.Forbidden("You share no room with this person.");
        }

        _ = await profiles.FindAsync(user).ConfigureAwait(false) ?? throw Refusal.NotFound("There is no such person.");
        var state = presence.Find(user.Value);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            PresenceContent.WriteMembers(json, state, clock.GetUtcNow().ToUnixTimeMilliseconds());
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}

/// <summary>The content of an m.presence event.</summary>
public static class PresenceContent
{
    /// <summary>Writes its members.</summary>
    public static void WriteMembers(Utf8JsonWriter json, PresenceState state, long now)
    {
        json.WriteString("presence"u8, state.State);
        if (state.LastActive > 0)
        {
            json.WriteNumber("last_active_ago"u8, Math.Max(0, now - state.LastActive));
            json.WriteBoolean("currently_active"u8, state.State == "online" && now - state.LastActive < 60_000);
        }

        if (state.Status is { } status)
        {
            json.WriteString("status_msg"u8, status);
        }
    }
}
