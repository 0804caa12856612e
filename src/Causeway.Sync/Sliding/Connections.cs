using System.Globalization;
using Causeway.Hosting;

namespace Causeway.Sync.Sliding;

/// <summary>
/// What the clients' connections know, in memory and bounded. What is forgotten (an idle connection, a restart) is
/// answered M_UNKNOWN_POS; a client then begins anew with its first window, which is cheap by design of sliding sync.
/// </summary>
internal sealed class Connections(IdSource ids)
{
    private const int MaxPerDevice = 16;
    private const int MaxStates = 8;
    private const int MaxPosLength = 120;

    /// <summary>How many sent rooms all connections together may know, at some 250 bytes each.</summary>
    private const int MaxRooms = 1_000_000;

    private readonly Dictionary<(long Device, string Id), Connection> _connections = [];
    private readonly Dictionary<long, int> _perDevice = [];
    private readonly Lock _lock = new();
    private long _clock;
    private long _rooms;

    /// <summary>
    /// What the client knows that comes with this token; M_UNKNOWN_POS when that was forgotten. Coming with it says that
    /// the answer arrived: what came before is dropped, and what was answered to other requests of that time.
    /// </summary>
    public ConnectionState Get(long device, string connection, string pos)
    {
        if (pos.Length <= MaxPosLength && ConnectionState.FromPlainText(pos) is { } plain)
        {
            return plain;
        }

        lock (_lock)
        {
            if (_connections.TryGetValue((device, connection), out var found) && found.States.Find(s => s.Pos == pos) is { State: not null } asked)
            {
                found.States.RemoveAll(s => s.Pos != pos && s.After != pos);
                found.LastUsed = ++_clock;
                return asked.State;
            }
        }

        throw new Refusal(400, "M_UNKNOWN_POS", "This position is no longer known. Begin a new connection.");
    }

    /// <summary>Keeps what the client will know with an answer; its token.</summary>
    public string Add(long device, string connection, string? after, ConnectionState state)
    {
        if (state.PlainText is { } text)
        {
            return text;
        }

        var pos = string.Create(CultureInfo.InvariantCulture, $"{state.Token.Position}_{state.Token.Tick}.{ids.Letters(10)}");
        lock (_lock)
        {
            if (!_connections.TryGetValue((device, connection), out var found))
            {
                if (_perDevice.GetValueOrDefault(device) >= MaxPerDevice)
                {
                    Remove(_connections.Where(c => c.Key.Device == device).MinBy(c => c.Value.LastUsed).Key);
                }

                _connections[(device, connection)] = found = new Connection();
                _perDevice[device] = _perDevice.GetValueOrDefault(device) + 1;
            }

            if (after is not null && ConnectionState.FromPlainText(after) is null && !found.States.Exists(s => s.Pos == after))
            {
                // The client went on meanwhile with the answer to another request; this one it gave up.
                return pos;
            }

            // The oldest unacknowledged answer goes first; where they all began stays, it may be asked again.
            if (found.States.Count >= MaxStates)
            {
                found.States.RemoveAt(found.States[0].Pos == after ? 1 : 0);
            }

            found.States.Add((pos, after, state));
            found.LastUsed = ++_clock;
            _rooms += state.Rooms.Count - found.Rooms;
            found.Rooms = state.Rooms.Count;
            if (_rooms > MaxRooms)
            {
                Shrink((device, connection));
            }
        }

        return pos;
    }

    private void Shrink((long, string) keep)
    {
        foreach (var (key, _) in _connections.Where(c => c.Key != keep).OrderBy(c => c.Value.LastUsed).ToList())
        {
            if (_rooms <= MaxRooms * 9L / 10)
            {
                return;
            }

            Remove(key);
        }
    }

    private void Remove((long Device, string Id) key)
    {
        if (_connections.Remove(key, out var gone))
        {
            _rooms -= gone.Rooms;
            if (--_perDevice[key.Device] == 0)
            {
                _perDevice.Remove(key.Device);
            }
        }
    }

    private sealed class Connection
    {
        public List<(string Pos, string? After, ConnectionState State)> States { get; } = [];

        public long LastUsed { get; set; }

        public int Rooms { get; set; }
    }
}
