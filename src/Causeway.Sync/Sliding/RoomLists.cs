using System.Collections.Concurrent;
using System.Text.Json;
using Causeway.Accounts;
using Causeway.Matrix;
using Causeway.Rooms;

namespace Causeway.Sync.Sliding;

/// <summary>A room that a request asks for.</summary>
/// <param name="Place">The person's place in it.</param>
/// <param name="Activity">When something last happened there.</param>
/// <param name="Lists">The lists whose windows show it, as bits.</param>
/// <param name="IsSubscribed">Whether it is asked for by name.</param>
/// <param name="Config">What is wanted of it.</param>
internal readonly record struct SelectedRoom(RoomMembership Place, long Activity, UInt128 Lists, bool IsSubscribed, RoomConfig Config);

/// <summary>The rooms a request asks for, the newest first, and how many rooms each list has.</summary>
internal sealed record Selection(List<SelectedRoom> Rooms, int[] Counts);

/// <summary>
/// Puts a person's rooms in order, filters them into lists and cuts the windows. No room is loaded for it. The order is that of the
/// newest event of whatever type, not of the bump stamp (MSC4186, "Activity ordering"): so a room with anything new comes into a first
/// window, and a client that shows only that misses nothing.
/// </summary>
internal sealed class RoomLists(
    RoomActivity activity, RoomFactsReader facts, EventStore store, RoomRegistry rooms, RoomSection section, AccountDataStore accountData,
    Visibility visibility)
{
    private const int MaxPeople = 20_000;

    private readonly ConcurrentDictionary<string, (long AsOf, HashSet<long> Rooms)> _removed = new(StringComparer.Ordinal);

    public async ValueTask<Selection> SelectAsync(
        UserId user, SlidingRequest request, ConnectionState? state, IReadOnlyDictionary<long, RoomMembership> places)
    {
        await activity.LoadAsync(user, places.Values).ConfigureAwait(false);
        var removed = await RemovedAsync(user, places.Values).ConfigureAwait(false);
        var candidates = new List<SelectedRoom>(places.Count);
        foreach (var place in places.Values)
        {
            if (!await ShowsAsync(user, place).ConfigureAwait(false))
            {
                continue;
            }

            if (IsListed(place, state, removed))
            {
                candidates.Add(new SelectedRoom(place, activity.Of(place), 0, request.Subscriptions.ContainsKey(place.RoomId.Value), null!));
            }
            else if (!place.Forgotten && request.Subscriptions.ContainsKey(place.RoomId.Value))
            {
                candidates.Add(new SelectedRoom(place, activity.Of(place), 0, true, null!));
            }
        }

        candidates.Sort(static (a, b) => b.Activity.CompareTo(a.Activity));
        var lists = new UInt128[candidates.Count];
        var counts = new int[request.Lists.Count];
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] = await CutAsync(user, request.Lists[i], UInt128.One << i, candidates, lists, c => IsListed(c.Place, state, removed)).ConfigureAwait(false);
        }

        return new Selection(Configured(request, state, candidates, lists), counts);
    }

    /// <summary>Whether a room may be shown at all: an invitation that the person blocks or ignores is not.</summary>
    private async ValueTask<bool> ShowsAsync(UserId user, RoomMembership place) =>
        place.Membership != Membership.Invite
        || (await rooms.FindAsync(place.RoomId).ConfigureAwait(false))?.Committed.Members.GetValueOrDefault(user.Value) is not { } invitation
        || await visibility.ShowsInviteAsync(invitation.Event).ConfigureAwait(false);

    /// <summary>Rooms named by any of the spaces that the person is in.</summary>
    private async ValueTask<HashSet<string>> ChildrenAsync(IReadOnlyList<string> spaces, UserId user)
    {
        var children = new HashSet<string>(StringComparer.Ordinal);
        foreach (var space in spaces)
        {
            if (RoomId.TryParse(space, out var id) && await rooms.FindAsync(id).ConfigureAwait(false) is { } room && room.Committed.IsJoined(user))
            {
                children.UnionWith(room.Committed.State.Where(s => s.Key.Type == "m.space.child" && HasVia(s.Value.Event)).Select(s => s.Key.Key));
            }
        }

        return children;
    }

    /// <summary>Without "via" a child is none (Client-server API, "m.space.child").</summary>
    private static bool HasVia(RoomEvent child)
    {
        using var content = JsonDocument.Parse(child.Content);
        return content.RootElement.TryGetProperty("via", out var via) && via.ValueKind == JsonValueKind.Array;
    }

    /// <summary>
    /// Left rooms are listed to whom they were sent before, so that they hear of it; those one was removed or banned from to everybody,
    /// since one may not know (MSC4186, "Lists").
    /// </summary>
    private static bool IsListed(RoomMembership place, ConnectionState? state, HashSet<long> removed) => place.Membership switch
    {
        Membership.Join or Membership.Invite or Membership.Knock => true,
        _ when state?.Rooms.ContainsKey(place.Room) == true => true,
        Membership.Ban => !place.Forgotten,
        _ => !place.Forgotten && removed.Contains(place.Room),
    };

    private static List<SelectedRoom> Configured(
        SlidingRequest request, ConnectionState? state, List<SelectedRoom> candidates, UInt128[] lists)
    {
        var combined = new Dictionary<UInt128, RoomConfig>();
        var selected = new List<SelectedRoom>();
        for (var i = 0; i < lists.Length; i++)
        {
            var room = candidates[i] with { Lists = lists[i] };
            RoomConfig? config = null;
            if (room.Lists != 0 && !combined.TryGetValue(room.Lists, out config))
            {
                for (var l = 0; l < request.Lists.Count; l++)
                {
                    if ((room.Lists & (UInt128.One << l)) != 0)
                    {
                        config = config?.Or(request.Lists[l].Config) ?? request.Lists[l].Config;
                    }
                }

                combined[room.Lists] = config = Known(config!);
            }

            if (room.IsSubscribed)
            {
                var own = request.Subscriptions[room.Place.RoomId.Value];
                config = Known(config?.Or(own) ?? own);
            }

            if (config is not null)
            {
                selected.Add(room with { Config = config });
            }
        }

        return selected;

        RoomConfig Known(RoomConfig config) => state?.Configs.FirstOrDefault(config.Equals) ?? config;
    }

    /// <summary>Marks the rooms in the list's windows; how many rooms the list has.</summary>
    private async ValueTask<int> CutAsync(
        UserId user, SlidingList list, UInt128 bit, List<SelectedRoom> candidates, UInt128[] marks, Func<SelectedRoom, bool> isListed)
    {
        var filter = list.Filter;
        var knows = filter.NeedsFacts ? await facts.LoadAsync(user, candidates.Select(c => c.Place)).ConfigureAwait(false) : null;
        var direct = filter.IsDirect is null ? null : await DirectRooms.LoadAsync(accountData, user).ConfigureAwait(false);
        var tags = filter.NeedsTags ? await TagsAsync(user).ConfigureAwait(false) : null;
        var children = filter.Spaces is null ? null : await ChildrenAsync(filter.Spaces, user).ConfigureAwait(false);
        var count = 0;
        for (var i = 0; i < candidates.Count; i++)
        {
            var place = candidates[i].Place;
            if (!isListed(candidates[i]))
            {
                continue;
            }

            if (!filter.IsOpen)
            {
                var id = place.RoomId.Value;
                if (!filter.WantsMembership(place.Membership)
                    || (direct is not null && direct.Contains(id) != filter.IsDirect)
                    || children?.Contains(id) == false
                    || (filter.NeedsTags && !filter.WantsTags(tags!.GetValueOrDefault(id)))
                    || (knows is not null && !filter.WantsFacts(knows(place) ?? await FactsThenAsync(user, place).ConfigureAwait(false))))
                {
                    continue;
                }
            }

            marks[i] |= list.Shows(count) ? bit : 0;
            count++;
        }

        return count;
    }

    /// <summary>Of a room one is not in, what one may know of it: as it was when one was invited, or left.</summary>
    private async ValueTask<RoomFacts?> FactsThenAsync(UserId user, RoomMembership place)
    {
        if (await rooms.FindAsync(place.RoomId).ConfigureAwait(false) is not { } room)
        {
            return null;
        }

        if (place.Membership is Membership.Join)
        {
            return RoomFacts.Of(type => room.Committed.Find(type, "")?.Event);
        }

        if (place.Membership is Membership.Leave or Membership.Ban
            && !(await store.StateHistoryAsync(room, EventTypes.Member, user.Value).ConfigureAwait(false)).Exists(m => m.Event.Membership == Membership.Join))
        {
            return null;
        }

        var stripped = await section.StrippedAsync(room, user, place.Position).ConfigureAwait(false);
        return stripped is null ? null : RoomFacts.Of(type => stripped.Find(e => e.Type == type));
    }

    private async ValueTask<Dictionary<string, HashSet<string>>> TagsAsync(UserId user)
    {
        var tags = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var item in await accountData.ListInRoomsAsync(user, "m.tag").ConfigureAwait(false))
        {
            using var json = JsonDocument.Parse(item.Content);
            if (json.RootElement.TryGetProperty("tags", out var of) && of.ValueKind == JsonValueKind.Object)
            {
                tags[item.RoomId] = of.EnumerateObject().Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
            }
        }

        return tags;
    }

    /// <summary>Where somebody else ended the person's stay; asked of the store once, and again when the person left another room.</summary>
    private async ValueTask<HashSet<long>> RemovedAsync(UserId user, IEnumerable<RoomMembership> places)
    {
        var newest = places.Where(p => p.Membership == Membership.Leave && !p.Forgotten).Select(p => p.Position).DefaultIfEmpty(0).Max();
        if (newest == 0)
        {
            return [];
        }

        if (_removed.TryGetValue(user.Value, out var known) && known.AsOf >= newest)
        {
            return known.Rooms;
        }

        if (_removed.Count > MaxPeople)
        {
            _removed.Clear();
        }

        var found = (await store.ListRemovedAsync(user).ConfigureAwait(false)).ToHashSet();
        _removed[user.Value] = (newest, found);
        return found;
    }
}

/// <summary>The rooms that a person marked as direct chats (Client-server API, "Direct messaging").</summary>
internal static class DirectRooms
{
    public static async ValueTask<HashSet<string>> LoadAsync(AccountDataStore data, UserId user)
    {
        var rooms = new HashSet<string>(StringComparer.Ordinal);
        if (await data.FindAsync(user, "", "m.direct").ConfigureAwait(false) is not { } item)
        {
            return rooms;
        }

        using var json = JsonDocument.Parse(item.Content);
        foreach (var person in json.RootElement.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.Array))
        {
            rooms.UnionWith(person.Value.EnumerateArray().Where(r => r.ValueKind == JsonValueKind.String).Select(r => r.GetString()!));
        }

        return rooms;
    }
}
