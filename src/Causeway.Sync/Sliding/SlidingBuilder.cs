using System.Collections.Immutable;
using Causeway.Matrix;
using Causeway.Rooms;
using Microsoft.Extensions.Logging;

namespace Causeway.Sync.Sliding;

/// <summary>
/// Gathers a sliding answer and the state after it. A room that cannot be read is left out, logged, and stays as it was
/// in the state, so that it comes when it can be read again.
/// </summary>
internal sealed partial class SlidingBuilder(
    ChangeFinder finder, RoomLists lists, SlidingRoom section, SlidingExtensions extensions, ILogger<SlidingBuilder> logger)
{
    private const int MaxConfigs = 16;

    public async ValueTask<SlidingAnswer> BuildAsync(SyncScope scope, SlidingRequest request, ConnectionState? state)
    {
        var (places, changes) = await finder.FindAsync(scope).ConfigureAwait(false);
        var user = scope.Requester.User;
        var known = state?.Rooms ?? ImmutableDictionary<long, SentRoom>.Empty;
        var selection = request.WantsRooms
            ? await lists.SelectAsync(user, request, state, places).ConfigureAwait(false)
            : new Selection([], []);
        var news = await extensions.ReadAsync(scope, changes, isIncremental: state is not null, hasRooms: known.Count > 0).ConfigureAwait(false);
        var answer = new SlidingAnswer { Scope = scope, Request = request, Counts = selection.Counts };
        var sent = known.ToBuilder();
        var told = new HashSet<long>();
        HashSet<string>? direct = null;
        foreach (var selected in selection.Rooms)
        {
            var before = known.GetValueOrDefault(selected.Place.Room);
            var ownMoved = news.Receipts[selected.Place.Room].Any(r => r.User == user.Value);
            var (part, after) = (default(SlidingRoomPart), before);
            try
            {
                if (before is null || selected.Activity > before.UpTo || ownMoved || before.CountsAreOld || IsMore(selected.Config, before.Config))
                {
                    direct ??= await extensions.DirectRoomsAsync(user).ConfigureAwait(false);
                    var asked = new RoomRequest(scope, selected, before, Names(request, selected), direct.Contains(selected.Place.RoomId.Value), ownMoved);
                    (part, after) = await extensions.FindAsync(selected.Place.RoomId).ConfigureAwait(false) is { } room
                        ? await section.BuildAsync(asked, room).ConfigureAwait(false) : (null, before);
                }
                else if (!before.Config.Equals(selected.Config))
                {
                    after = before with { Config = selected.Config };
                }

                after = after is null ? null : await extensions.AddRoomAsync(answer.Extensions, request, scope, selected, after, part, news).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not (OperationCanceledException or Causeway.Storage.StorageException))
            {
                LogRoomFailed(e, selected.Place.RoomId.Value);
                continue;
            }

            if (part is not null)
            {
                answer.Rooms.Add(part);
            }

            told.Add(selected.Place.Room);
            if (after is not null && !ReferenceEquals(after, before))
            {
                sent[selected.Place.Room] = after;
            }
        }

        MarkMissed(sent, told, selection, request, scope, news, places, user);
        var next = (state ?? new ConnectionState { Token = scope.Until }) with { Token = scope.Until, Rooms = sent.ToImmutable() };
        next = await extensions.AddGlobalAsync(answer.Extensions, request, scope, changes, next, news.AccountData).ConfigureAwait(false);
        next = extensions.AddTyping(answer.Extensions, request, scope, selection, next);
        answer.Next = next with { Configs = Configs(selection, state) };
        return answer;
    }

    private static bool IsMore(RoomConfig now, RoomConfig before) => !ReferenceEquals(now, before)
        && (now.TimelineLimit > before.TimelineLimit || now.WantsMoreStateThan(before));

    /// <summary>What moved in rooms that this answer does not tell of is remembered, to be told when they are asked for again.</summary>
    private static void MarkMissed(
        ImmutableDictionary<long, SentRoom>.Builder sent, HashSet<long> told, Selection selection, SlidingRequest request, SyncScope scope,
        RoomNews news, IReadOnlyDictionary<long, RoomMembership> places, UserId user)
    {
        if (sent.Count == 0 || (news.Receipts.Count == 0 && !news.AccountData.Exists(a => a.RoomId.Length > 0)))
        {
            return;
        }

        var selected = selection.Rooms.Where(r => told.Contains(r.Place.Room)).ToDictionary(r => r.Place.Room);
        foreach (var moved in news.Receipts)
        {
            if (sent.TryGetValue(moved.Key, out var room))
            {
                var isSelected = selected.TryGetValue(moved.Key, out var how);
                var missed = room.Receipts == ConnectionState.Live && !(isSelected && request.Receipts.Wants(how));
                sent[moved.Key] = room with
                {
                    Receipts = missed ? scope.SincePosition : room.Receipts,
                    CountsAreOld = room.CountsAreOld || (!isSelected && moved.Any(r => r.User == user.Value)),
                };
            }
        }

        var changed = news.AccountData.Where(a => a.RoomId.Length > 0).Select(a => a.RoomId).ToHashSet(StringComparer.Ordinal);
        foreach (var place in changed.Count == 0 ? [] : places.Values.Where(p => changed.Contains(p.RoomId.Value)))
        {
            if (sent.TryGetValue(place.Room, out var room) && room.AccountData == ConnectionState.Live
                && !(selected.TryGetValue(place.Room, out var how) && request.AccountData.Wants(how)))
            {
                sent[place.Room] = room with { AccountData = scope.SincePosition };
            }
        }
    }

    /// <summary>Those in use, so that the next request's equal ones are the same objects and thousands of rooms are compared quickly.</summary>
    private static ImmutableArray<RoomConfig> Configs(Selection selection, ConnectionState? state)
    {
        var known = state?.Configs ?? [];
        var used = selection.Rooms.Select(r => r.Config).Distinct(ReferenceEqualityComparer.Instance).Cast<RoomConfig>().ToList();
        return used.TrueForAll(known.Contains) ? known : [.. used.Concat(known).Distinct().Take(MaxConfigs)];
    }

    private static List<string> Names(SlidingRequest request, SelectedRoom room)
    {
        var names = new List<string>();
        for (var i = 0; i < request.Lists.Count; i++)
        {
            if ((room.Lists & (UInt128.One << i)) != 0)
            {
                names.Add(request.Lists[i].Name);
            }
        }

        return names;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Room {Room} was left out of a sliding sync.")]
    private partial void LogRoomFailed(Exception fault, string room);
}
