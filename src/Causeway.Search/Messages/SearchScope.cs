using Causeway.Hosting;
using Causeway.Matrix;
using Causeway.Rooms;

namespace Causeway.Search;

/// <summary>In which rooms one search looks, and what of them this person may see.</summary>
internal sealed class SearchScope
{
    private readonly Requester _requester;
    private readonly RoomAccess _access;
    private readonly Dictionary<long, RoomMembership> _places;
    private readonly Dictionary<long, RoomReader?> _readers = [];

    private SearchScope(Requester requester, RoomAccess access, Dictionary<long, RoomMembership> places)
    {
        _requester = requester;
        _access = access;
        _places = places;
    }

    /// <summary>The rooms' numbers.</summary>
    public IReadOnlyCollection<long> Rooms => _places.Keys;

    /// <summary>
    /// Rooms the person is or was in and did not forget, as the filter wants them; with a room that was named also those that it
    /// replaced, one after the other.
    /// </summary>
    public static async Task<SearchScope> MakeAsync(Requester requester, SearchRequest wish, UserRoomsCache userRooms, RoomAccess access)
    {
        var all = (await userRooms.ListAsync(requester.User.Value).ConfigureAwait(false)).Where(p => !p.Forgotten)
            .ToDictionary(p => p.RoomId.Value, StringComparer.Ordinal);
        var places = all;
        if (wish.Rooms is { } named)
        {
            places = new Dictionary<string, RoomMembership>(StringComparer.Ordinal);
            var waiting = new Queue<string>(named);
            while (waiting.TryDequeue(out var id))
            {
                if (all.TryGetValue(id, out var place) && places.TryAdd(id, place)
                    && Succession.Predecessor(await access.AnyAsync(place.RoomId).ConfigureAwait(false)) is { } older)
                {
                    waiting.Enqueue(older.Value);
                }
            }
        }

        return new SearchScope(
            requester, access,
            places.Values
                .Where(p => !wish.NotRooms.Contains(p.RoomId.Value) && (wish.From?.Room is not { } only || only == p.RoomId.Value))
                .ToDictionary(p => p.Room));
    }

    /// <summary>Whether it looks in a room.</summary>
    public bool Has(long room) => _places.ContainsKey(room);

    /// <summary>The room as this person may read it; null when they may not.</summary>
    public async ValueTask<RoomReader?> FindAsync(long room)
    {
        if (!_readers.TryGetValue(room, out var reader))
        {
            try
            {
                reader = _places.TryGetValue(room, out var place)
                    ? await _access.ReaderAsync(_requester, place.RoomId).ConfigureAwait(false)
                    : null;
            }
            catch (Refusal)
            {
                // Invited or banned and never joined: nothing of it may be read.
            }

            // World readable alone is not enough: one searches where one has been.
            _readers[room] = reader = reader?.Membership == Membership.Join || reader?.View.LeftAt is not null ? reader : null;
        }

        return reader;
    }

    /// <summary>Whether the person may see an event and the text by which it is found (its edit's, where it was edited).</summary>
    public static bool MaySee(RoomReader reader, Match match) =>
        MaySee(reader, match.Position, match.Sender) && (match.Shown == match.Position || MaySee(reader, match.Shown, match.Sender));

    private static bool MaySee(RoomReader reader, long position, string? sender) =>
        position <= reader.UpTo && reader.View.MaySeeMessage(position, sender ?? "");
}
