using System.Collections.Concurrent;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>The loaded rooms. A room is loaded once however many ask; idle ones go when memory is over its budget.</summary>
public sealed class RoomRegistry(EventStore store, TimeProvider clock)
{
    /// <summary>How many events (state and timeline) all loaded rooms may keep, roughly 1.5 kB each.</summary>
    private const int Budget = 200_000;

    private readonly ConcurrentDictionary<string, Lazy<Task<Room?>>> _rooms = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<long, Room> _byNid = new();
    private int _sinceSweep;

    /// <summary>The room, or null when there is none with this id.</summary>
    public async ValueTask<Room?> FindAsync(RoomId id)
    {
        while (true)
        {
            var lazy = _rooms.GetOrAdd(id.Value, _ => new Lazy<Task<Room?>>(() => store.LoadAsync(id)));
            Room? room;
            try
            {
                room = await lazy.Value.ConfigureAwait(false);
            }
            catch
            {
                _rooms.TryRemove(new KeyValuePair<string, Lazy<Task<Room?>>>(id.Value, lazy));
                throw;
            }

            if (room is null)
            {
                // Unknown ids are not remembered: anybody can ask for any number of them.
                _rooms.TryRemove(new KeyValuePair<string, Lazy<Task<Room?>>>(id.Value, lazy));
                return null;
            }

            if (room.Chain.IsBroken || (room.IsStale && Volatile.Read(ref room.PendingUnits) == 0))
            {
                await EvictAsync(room, lazy).ConfigureAwait(false);
                continue;
            }

            room.LastUsed = clock.GetTimestamp();
            if (_byNid.TryAdd(room.Nid, room) && Interlocked.Increment(ref _sinceSweep) > 64)
            {
                Interlocked.Exchange(ref _sinceSweep, 0);
                await SweepAsync().ConfigureAwait(false);
            }

            return room;
        }
    }

    /// <summary>The room, or M_NOT_FOUND.</summary>
    public async ValueTask<Room> GetAsync(RoomId id) =>
        await FindAsync(id).ConfigureAwait(false) ?? throw Refusal.NotFound("There is no such room.");

    /// <summary>A room that is in memory, by its number.</summary>
    public Room? FindLoaded(long nid) => _byNid.GetValueOrDefault(nid) is { Chain.IsBroken: false } room ? room : null;

    /// <summary>Takes in a room that was just created and is durable.</summary>
    internal void Add(Room room)
    {
        room.LastUsed = clock.GetTimestamp();
        _rooms[room.Id.Value] = new Lazy<Task<Room?>>(Task.FromResult<Room?>(room));
        _byNid[room.Nid] = room;
    }

    private async Task EvictAsync(Room room, Lazy<Task<Room?>> lazy)
    {
        // The write lock: no writer may be building on an instance that is let go.
        await room.WriteLock.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!room.Chain.IsBroken && Volatile.Read(ref room.PendingUnits) > 0)
            {
                return;
            }

            room.IsEvicted = true;
            _byNid.TryRemove(new KeyValuePair<long, Room>(room.Nid, room));
            _rooms.TryRemove(new KeyValuePair<string, Lazy<Task<Room?>>>(room.Id.Value, lazy));
        }
        finally
        {
            room.WriteLock.Release();
        }
    }

    private async Task SweepAsync()
    {
        var loaded = _byNid.Values.ToList();
        var weight = loaded.Sum(r => r.Weight);
        foreach (var room in loaded.OrderBy(r => r.LastUsed))
        {
            if (weight <= Budget)
            {
                return;
            }

            if (_rooms.TryGetValue(room.Id.Value, out var lazy))
            {
                weight -= room.Weight;
                await EvictAsync(room, lazy).ConfigureAwait(false);
            }
        }
    }
}
