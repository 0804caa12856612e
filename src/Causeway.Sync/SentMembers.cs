using System.Collections.Concurrent;
using Causeway.Rooms;

namespace Causeway.Sync;

/// <summary>
/// Which member events a lazy-loading device has already. What was sent in an answer counts only once the device comes
/// back with that answer's token: an answer that was lost on the way is made again in full.
/// </summary>
internal sealed class SentMembers
{
    private const int MaxDevices = 5_000;
    private const int MaxPerDevice = 5_000;

    private readonly ConcurrentDictionary<long, Dictionary<string, long>> _devices = new();

    /// <summary>Whether the device has this member event, judged by the token it came with.</summary>
    public bool Has(long device, TimelineEvent member, long since)
    {
        if (!_devices.TryGetValue(device, out var sent))
        {
            return false;
        }

        lock (sent)
        {
            return sent.TryGetValue(member.Event.Id.Value, out var at) && at <= since;
        }
    }

    /// <summary>Notes what an answer ending at <paramref name="until"/> carried.</summary>
    public void Note(long device, IEnumerable<TimelineEvent> members, long until)
    {
        if (_devices.Count > MaxDevices)
        {
            _devices.Clear();
        }

        var sent = _devices.GetOrAdd(device, _ => new Dictionary<string, long>(StringComparer.Ordinal));
        lock (sent)
        {
            if (sent.Count > MaxPerDevice)
            {
                sent.Clear();
            }

            foreach (var member in members)
            {
                sent.TryAdd(member.Event.Id.Value, until);
            }
        }
    }

    /// <summary>Forgets a device that starts over.</summary>
    public void Forget(long device) => _devices.TryRemove(device, out _);
}
