using System.Collections.Immutable;
using Causeway.Matrix;
using Causeway.Push;
using Causeway.Rooms;

namespace Causeway.Sync.Sliding;

/// <summary>What a request asks of one room: who, what, and what the client has.</summary>
/// <param name="Scope">Who asks, and up to where.</param>
/// <param name="Selected">The room and what is wanted of it.</param>
/// <param name="Sent">What the client has of it; null = nothing.</param>
/// <param name="Lists">The names of the lists that show it.</param>
/// <param name="IsDirect">Whether it is a direct chat.</param>
/// <param name="OwnReceiptMoved">Whether the counts are to be looked at again.</param>
internal sealed record RoomRequest(
    SyncScope Scope, SelectedRoom Selected, SentRoom? Sent, IReadOnlyList<string> Lists, bool IsDirect, bool OwnReceiptMoved)
{
    public UserId User => Scope.Requester.User;

    public long Until => Scope.Until.Position;
}

/// <summary>Gathers one room's share of a sliding answer: of what a room has, only what the client does not have yet.</summary>
internal sealed class SlidingRoom(
    EventStore store, Visibility visibility, TimelineReader timelines, UnreadCounter unread, RoomSection section, BumpStamps stamps,
    Aggregations aggregations)
{
    /// <summary>The part, or null without news; and what the client then has, or null when that is nothing.</summary>
    public async ValueTask<(SlidingRoomPart? Part, SentRoom? Sent)> BuildAsync(RoomRequest asked, Room room)
    {
        var place = asked.Selected.Place;

        // A change of membership after this answer's end belongs to the next one.
        var membership = place.Position <= asked.Until
            ? place.Membership
            : await section.MembershipAtAsync(room, asked.User, asked.Until).ConfigureAwait(false);
        return membership switch
        {
            Membership.Join => await JoinedAsync(asked, room).ConfigureAwait(false),
            Membership.Invite or Membership.Knock => await StrippedAsync(asked, room, membership.Value).ConfigureAwait(false),
            Membership.Leave or Membership.Ban => await LeftAsync(asked, room, membership.Value).ConfigureAwait(false),
            _ => (null, asked.Sent),
        };
    }

    private async ValueTask<(SlidingRoomPart?, SentRoom?)> JoinedAsync(RoomRequest asked, Room room)
    {
        var (sent, config, until) = (asked.Sent, asked.Selected.Config, asked.Until);

        // A room joined since is new to the client, whatever it had before.
        if (sent is not null && (sent.Membership != Membership.Join
            || await section.JoinedSinceAsync(room, asked.Selected.Place, asked.Scope, sent.UpTo).ConfigureAwait(false)))
        {
            sent = null;
        }

        var view = await visibility.ForAsync(room, asked.User).ConfigureAwait(false);
        var isExpanded = sent is not null && config.TimelineLimit > sent.Config.TimelineLimit && sent.Held < config.TimelineLimit;
        var timeline = await TimelineAsync(room, view, config, sent is null || isExpanded ? 0 : sent.UpTo, until).ConfigureAwait(false);
        var changes = sent is null ? [] : await ChangesAsync(room, timeline, sent.UpTo, until).ConfigureAwait(false);
        var profile = ProfileOf(asked, room, sent, timeline, changes, out var lostName);
        if (lostName)
        {
            // There is no way to say in an update that a room has no name any more.
            return await JoinedAsync(asked with { Sent = null }, room).ConfigureAwait(false);
        }

        var counts = sent is null || timeline.Raw.Count > 0 || timeline.Limited || asked.OwnReceiptMoved || sent.CountsAreOld
            ? await unread.CountAsync(room, asked.User).ConfigureAwait(false) : null;
        var (state, members) = await StateAsync(asked, room, sent, timeline, changes).ConfigureAwait(false);
        var part = new SlidingRoomPart
        {
            Room = room.Id,
            Membership = Membership.Join,
            BumpStamp = await stamps.OfAsync(room, until).ConfigureAwait(false),
            IsInitial = sent is null,
            IsDirect = sent is null && asked.IsDirect,
            Lists = asked.Lists,
            Timeline = timeline,
            View = view,
            Bundles = await BundlesAsync(asked, room, view, timeline, isNew: sent is null || isExpanded).ConfigureAwait(false),
            IsExpanded = isExpanded,
            Live = timeline.Events.Count(e => e.Position > (sent?.UpTo ?? asked.Scope.Since?.Position ?? until)),
            State = state,
            Profile = profile,
            Unread = counts,
        };
        var hasNews = sent is null || isExpanded || timeline.Events.Count > 0 || timeline.Limited || state.Count > 0 || profile is not null
            || (counts is not null && (counts.Notifications != sent.Notifications || counts.Highlights != sent.Highlights));
        return (hasNews ? part : null, new SentRoom
        {
            UpTo = until,
            Membership = Membership.Join,
            Config = config,
            Held = Held(sent, timeline, isExpanded),
            Members = members,
            Notifications = counts?.Notifications ?? sent!.Notifications,
            Highlights = counts?.Highlights ?? sent!.Highlights,
            Receipts = sent?.Receipts ?? 0,
            AccountData = sent?.AccountData ?? 0,
        });
    }

    private async ValueTask<(SlidingRoomPart?, SentRoom?)> StrippedAsync(RoomRequest asked, Room room, Membership membership)
    {
        var position = Math.Min(asked.Selected.Place.Position, asked.Until);
        if (asked.Sent is { } sent && sent.Membership == membership && sent.UpTo >= position)
        {
            return (null, sent with { Config = asked.Selected.Config });
        }

        if (await section.StrippedAsync(room, asked.User, position).ConfigureAwait(false) is not { } stripped)
        {
            return (null, asked.Sent);
        }

        return (
            new SlidingRoomPart
            {
                Room = room.Id,
                Membership = membership,
                BumpStamp = position,
                IsInitial = true,
                IsDirect = asked.IsDirect,
                Lists = asked.Lists,
                Stripped = stripped,
            },
            new SentRoom { UpTo = position, Membership = membership, Config = asked.Selected.Config });
    }

    /// <summary>A room the person left: up to that moment, and after it only what became of their own membership.</summary>
    private async ValueTask<(SlidingRoomPart?, SentRoom?)> LeftAsync(RoomRequest asked, Room room, Membership membership)
    {
        var (sent, config) = (asked.Sent, asked.Selected.Config);
        var until = Math.Min(asked.Selected.Place.Position, asked.Until);
        if (sent is not null && sent.UpTo >= until)
        {
            return (null, sent with { Config = config });
        }

        // Joined and left again since: all of it is new to the client.
        var view = await visibility.ForAsync(room, asked.User).ConfigureAwait(false);
        var had = sent is not null && (sent.Membership is Membership.Leave or Membership.Ban ? !(view.LeftAt > sent.UpTo)
            : sent.Membership == Membership.Join && view.WasJoinedAt(sent.UpTo)) ? sent : null;
        var timeline = await TimelineAsync(room, view, config, had?.UpTo ?? 0, until).ConfigureAwait(false);

        // Who never was in learns nothing of the room's state.
        var state = new List<TimelineEvent>();
        if (view.LeftAt is { } left && left > (had?.UpTo ?? 0))
        {
            var end = Math.Min(left, until);
            state = had is null
                ? await StateAtAsync(room, config, asked.User, end, timeline).ConfigureAwait(false)
                : (await ChangesAsync(room, timeline, had.UpTo, end).ConfigureAwait(false)).FindAll(e => config.Wants(e.Event.Type, e.Event.StateKey!));
        }

        if (config.Wants(EventTypes.Member, asked.User.Value)
            && await store.FindStateAtAsync(room, EventTypes.Member, asked.User.Value, until).ConfigureAwait(false) is { } own)
        {
            state.RemoveAll(e => e.Event.Type == EventTypes.Member && e.Event.StateKey == asked.User.Value);
            state.Add(own);
        }

        return (
            new SlidingRoomPart
            {
                Room = room.Id,
                Membership = membership,
                BumpStamp = until,
                IsInitial = had is null,
                Lists = asked.Lists,
                Timeline = timeline,
                View = view,
                Bundles = await BundlesAsync(asked, room, view, timeline, isNew: had is null).ConfigureAwait(false),
                Live = timeline.Events.Count(e => e.Position > (had?.UpTo ?? asked.Scope.Since?.Position ?? until)),
                State = state,
            },
            new SentRoom
            {
                UpTo = until,
                Membership = membership,
                Config = config,
                Held = Held(had, timeline, isExpanded: false),
                AccountData = had?.AccountData ?? 0,
            });
    }

    /// <summary>As in /v3/sync: a client that has every event aggregates them itself.</summary>
    private ValueTask<Bundles?> BundlesAsync(RoomRequest asked, Room room, RoomView view, TimelinePart timeline, bool isNew) =>
        timeline.Limited || isNew
            ? aggregations.OfAsync(room, view, asked.User, timeline.Events, asked.Until)
            : new ValueTask<Bundles?>((Bundles?)null);

    private ValueTask<TimelinePart> TimelineAsync(Room room, RoomView view, RoomConfig config, long since, long until) =>
        timelines.ReadAsync(room, view, EventFilter.All, since, until, config.TimelineLimit);

    /// <summary>The state keys that changed, each with its event at the end.</summary>
    private async ValueTask<List<TimelineEvent>> ChangesAsync(Room room, TimelinePart timeline, long since, long until)
    {
        if (timeline.Start > since)
        {
            return await store.StateChangesAsync(room, since, until).ConfigureAwait(false);
        }

        var latest = new Dictionary<StateKey, TimelineEvent>();
        foreach (var e in timeline.Raw)
        {
            if (e.Position > since && e.Position <= until && e.Event.StateKey is { } key)
            {
                latest[new StateKey(e.Event.Type, key)] = e;
            }
        }

        return [.. latest.Values];
    }

    /// <summary>Name, avatar, heroes and counts, when any of them may have changed. A redaction may have emptied any.</summary>
    private static SlidingProfile? ProfileOf(
        RoomRequest asked, Room room, SentRoom? sent, TimelinePart timeline, List<TimelineEvent> changes, out bool lostName)
    {
        lostName = false;
        var isGap = HasGap(sent, timeline);
        var mayHaveChanged = sent is null || isGap
            || changes.Exists(e => e.Event.Type is EventTypes.Member or "m.room.name" or "m.room.avatar" or "m.room.canonical_alias")
            || timeline.Raw.Exists(e => e.Event.Type == EventTypes.Redaction);
        if (!mayHaveChanged)
        {
            return null;
        }

        var profile = SlidingProfile.Of(room.Committed, asked.User);
        lostName = sent is not null && profile.Name is null
            && (changes.Exists(e => e.Event.Type == "m.room.name") || timeline.Raw.Exists(IsOfName) || (isGap && WasRedacted(room)));
        return profile;

        bool IsOfName(TimelineEvent e) => e.Event.Type == EventTypes.Redaction && WasRedacted(room);
    }

    /// <summary>Whether events lie between what the client has and the timeline.</summary>
    private static bool HasGap(SentRoom? sent, TimelinePart timeline) => timeline.Start > sent?.UpTo;

    private static bool WasRedacted(Room room) => room.Committed.Find("m.room.name", "")?.RedactedBy is not null;

    /// <summary>The wanted state that the client does not have, and the lazily sent members that it then has.</summary>
    private async ValueTask<(List<TimelineEvent> State, ImmutableHashSet<string> Members)> StateAsync(
        RoomRequest asked, Room room, SentRoom? sent, TimelinePart timeline, List<TimelineEvent> changes)
    {
        var (config, until) = (asked.Selected.Config, asked.Until);
        var state = sent is null
            ? await StateAtAsync(room, config, asked.User, until, null).ConfigureAwait(false)
            : changes.FindAll(e => config.Wants(e.Event.Type, e.Event.StateKey!)
                || (config.IsLazy && e.Event.Type == EventTypes.Member && !HasGap(sent, timeline)));
        if (sent is not null && config.WantsMoreStateThan(sent.Config))
        {
            var all = await StateAtAsync(room, config, asked.User, until, null).ConfigureAwait(false);
            state.AddRange(all.Where(e => !sent.Config.Wants(e.Event.Type, e.Event.StateKey!) && !state.Exists(s => s.Event.Id == e.Event.Id)));
        }

        // In a gap members changed whom the client is not told of.
        var known = sent is null || HasGap(sent, timeline) || !config.IsLazy ? [] : sent.Members;
        if (config.IsLazy)
        {
            var told = state.Where(e => e.Event.Type == EventTypes.Member).Select(e => e.Event.StateKey!).ToHashSet(StringComparer.Ordinal);
            foreach (var user in Shown(timeline))
            {
                if (!told.Contains(user) && !known.Contains(user) && !config.Wants(EventTypes.Member, user)
                    && await store.FindStateAtAsync(room, EventTypes.Member, user, until).ConfigureAwait(false) is { } member)
                {
                    state.Add(member);
                    told.Add(user);
                }
            }

            const int most = 200;
            known = known.Count + told.Count > most ? [.. told.Take(most)] : known.Union(told);
        }

        return (state, known);
    }

    /// <summary>The wanted state at a position; with a timeline also the members it needs to be shown.</summary>
    private async ValueTask<List<TimelineEvent>> StateAtAsync(
        Room room, RoomConfig config, UserId user, long position, TimelinePart? timeline)
    {
        var lazy = timeline is not null && config.IsLazy ? Shown(timeline) : [];
        if (room.SnapshotAt(position) is not { } snapshot)
        {
            var all = await store.StateAtAsync(room, position).ConfigureAwait(false);
            return all.FindAll(e => config.Wants(e.Event.Type, e.Event.StateKey!) || (e.Event.Type == EventTypes.Member && lazy.Contains(e.Event.StateKey!)));
        }

        // From memory without walking over what can be ten thousands of members.
        var state = snapshot.State.Where(s => config.Wants(s.Key.Type, s.Key.Key)).Select(s => s.Value).ToList();
        state.AddRange(config.Members is { } members
            ? members.Concat(lazy).Append(user.Value).Distinct().Where(m => lazy.Contains(m) || config.Wants(EventTypes.Member, m))
                .Select(m => snapshot.Find(EventTypes.Member, m)).OfType<TimelineEvent>()
            : snapshot.Members.Values);
        return state;
    }

    /// <summary>Those whose members are needed to show the timeline: the senders, and whose membership changed in it.</summary>
    private static HashSet<string> Shown(TimelinePart timeline)
    {
        var shown = timeline.Events.Select(e => e.Event.Sender.Value).ToHashSet(StringComparer.Ordinal);
        shown.UnionWith(timeline.Events.Where(e => e.Event.Type == EventTypes.Member && e.Event.StateKey is not null).Select(e => e.Event.StateKey!));
        return shown;
    }

    private static int Held(SentRoom? sent, TimelinePart timeline, bool isExpanded) =>
        sent is null || isExpanded ? timeline.Limited ? timeline.Events.Count : int.MaxValue
        : timeline.Limited ? timeline.Events.Count
        : (int)Math.Min(int.MaxValue, (long)sent.Held + timeline.Events.Count);
}
