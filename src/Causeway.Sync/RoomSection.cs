using Causeway.Accounts;
using Causeway.Matrix;
using Causeway.Push;
using Causeway.Rooms;

namespace Causeway.Sync;

/// <summary>Gathers one room's share of an answer.</summary>
internal sealed class RoomSection(
    EventStore store, Visibility visibility, TimelineReader timelines, SentMembers sentMembers, UnreadCounter unread,
    EphemeralSection ephemeral, Aggregations aggregations)
{
    private const int DefaultLimit = 10;
    private const int MaxLimit = 100;

    /// <summary>A device that starts over has none of what was sent to it.</summary>
    public void StartOver(long device) => sentMembers.Forget(device);

    /// <summary>A room the person is joined to.</summary>
    /// <param name="scope">The request.</param>
    /// <param name="room">The room.</param>
    /// <param name="place">Since when the person is in.</param>
    /// <param name="receipts">Receipts that moved since the token.</param>
    /// <param name="accountData">The room's changed account data.</param>
    public async ValueTask<RoomPart> JoinedAsync(
        SyncScope scope, Room room, RoomMembership place, List<Receipt> receipts, List<AccountDataItem> accountData)
    {
        // A room joined after the token is new to the client: it gets everything, as in an initial sync.
        var isNew = scope.Since is null || await JoinedSinceAsync(room, place, scope, scope.SincePosition).ConfigureAwait(false);
        var since = isNew ? 0 : scope.SincePosition;
        var until = scope.Until.Position;
        var view = await visibility.ForAsync(room, scope.Requester.User).ConfigureAwait(false);
        var timeline = await timelines.ReadAsync(room, view, scope.Filter.Timeline, since, until, Limit(scope)).ConfigureAwait(false);
        if (isNew && scope.StateAfter == StateAfter.No)
        {
            timeline = timeline.AfterHole(view);
        }

        if (isNew && scope.Since is not null)
        {
            receipts = await ephemeral.AllReceiptsAsync(room, scope).ConfigureAwait(false);
        }

        var state = await StateAsync(scope, room, timeline, isNew || scope.FullState, since).ConfigureAwait(false);
        var summaryChanged = isNew || timeline.Raw.Exists(AffectsSummary) || state.Exists(AffectsSummary);
        return new RoomPart
        {
            Room = room,
            View = view,
            Timeline = timeline,
            Bundles = await BundlesAsync(scope, room, view, timeline, isNew).ConfigureAwait(false),
            State = state,
            Receipts = scope.Filter.Ephemeral.Wants("m.receipt") && scope.Filter.Ephemeral.WantsRoom(room.Id)
                ? receipts.FindAll(r => r.Type != ReceiptTypes.Private || r.User == scope.Requester.User.Value) : [],
            Typing = scope.Filter.Ephemeral.Wants("m.typing") && scope.Filter.Ephemeral.WantsRoom(room.Id)
                ? ephemeral.Typing(room, isNew ? 0 : scope.Since!.Value.Tick) : null,
            AccountData = Wanted(scope, room, accountData),
            Unread = isNew || timeline.Raw.Count > 0 || timeline.Limited || receipts.Exists(r => r.User == scope.Requester.User.Value)
                ? await unread.CountAsync(room, scope.Requester.User).ConfigureAwait(false) : null,
            Summary = summaryChanged ? RoomSummaryPart.Of(room.Committed, scope.Requester.User) : null,
        };
    }

    /// <summary>A room the person left (or was removed from): up to that moment.</summary>
    public async ValueTask<RoomPart> LeftAsync(
        SyncScope scope, Room room, RoomMembership place, List<AccountDataItem> accountData)
    {
        var until = Math.Min(place.Position, scope.Until.Position);
        var view = await visibility.ForAsync(room, scope.Requester.User).ConfigureAwait(false);

        // Joined and left again since the token: all of it is new to the client.
        var isNew = scope.Since is null || (view.LeftAt > scope.SincePosition && !view.WasJoinedAt(scope.SincePosition));
        var since = isNew ? 0 : scope.SincePosition;
        var timeline = await timelines.ReadAsync(room, view, scope.Filter.Timeline, since, until, Limit(scope)).ConfigureAwait(false);

        // Who never was in (a refused invitation) learns nothing of the room's state, who left nothing of later state,
        // even when a later change of the own membership (an unban) is told.
        var state = view.LeftAt is { } left && (isNew || scope.FullState || left > since)
            ? await StateAsync(scope, room, timeline, isNew || scope.FullState, since, Math.Min(left, until)).ConfigureAwait(false)
            : [];
        return new RoomPart
        {
            Room = room,
            View = view,
            Timeline = timeline,
            Bundles = await BundlesAsync(scope, room, view, timeline, isNew).ConfigureAwait(false),
            State = state,
            AccountData = Wanted(scope, room, accountData),
        };
    }

    /// <summary>
    /// What an invited or knocking person may know of the room, as it was then ("Stripped state"); null for an invitation
    /// that they do not want to see.
    /// </summary>
    public async ValueTask<List<RoomEvent>?> StrippedAsync(Room room, UserId user, long position)
    {
        string[] types =
        [
            EventTypes.Create, "m.room.name", "m.room.avatar", "m.room.topic", EventTypes.JoinRules,
            "m.room.canonical_alias", "m.room.encryption",
        ];
        var events = new List<RoomEvent>();
        foreach (var type in types)
        {
            if (await store.FindStateAtAsync(room, type, "", position).ConfigureAwait(false) is { } e)
            {
                events.Add(e.Event);
            }
        }

        if (await store.FindStateAtAsync(room, EventTypes.Member, user.Value, position).ConfigureAwait(false) is { } own)
        {
            if (own.Event.Membership == Membership.Invite && !await visibility.ShowsInviteAsync(own.Event).ConfigureAwait(false))
            {
                return null;
            }

            if (await store.FindStateAtAsync(room, EventTypes.Member, own.Event.Sender.Value, position).ConfigureAwait(false) is { } inviter
                && inviter.Event.Id != own.Event.Id)
            {
                events.Add(inviter.Event);
            }

            events.Add(own.Event);
        }

        return events;
    }

    /// <summary>A person's membership at a position; null when there was none.</summary>
    public async ValueTask<Membership?> MembershipAtAsync(Room room, UserId user, long position) =>
        (await store.FindStateAtAsync(room, EventTypes.Member, user.Value, position).ConfigureAwait(false))?.Event.Membership;

    /// <summary>A client that has every event aggregates them itself; the standard asks for bundles only after a gap.</summary>
    private ValueTask<Bundles?> BundlesAsync(SyncScope scope, Room room, RoomView view, TimelinePart timeline, bool isNew) =>
        timeline.Limited || isNew
            ? aggregations.OfAsync(room, view, scope.Requester.User, timeline.Events, scope.Until.Position)
            : new ValueTask<Bundles?>((Bundles?)null);

    private static bool IsMember(TimelineEvent e) => e.Event.Type == EventTypes.Member;

    /// <summary>Members count and are heroes; heroes are named only where the room has no name.</summary>
    private static bool AffectsSummary(TimelineEvent e) =>
        e.Event.Type is EventTypes.Member or EventTypes.Redaction or "m.room.name" or "m.room.canonical_alias";

    private static List<AccountDataItem> Wanted(SyncScope scope, Room room, List<AccountDataItem> items) =>
        items.FindAll(a => scope.Filter.RoomAccountData.Wants(a.Type) && scope.Filter.RoomAccountData.WantsRoom(room.Id));

    private static int Limit(SyncScope scope) => Math.Min(scope.Filter.Timeline.Limit ?? DefaultLimit, MaxLimit);

    /// <summary>Whether the person came in after a position (and did not only change their name).</summary>
    public async ValueTask<bool> JoinedSinceAsync(Room room, RoomMembership place, SyncScope scope, long since)
    {
        if (place.Position <= since)
        {
            return false;
        }

        // The newest member event is newer than the token; a changed name is one too and is no join.
        var before = await store.FindStateAtAsync(room, EventTypes.Member, scope.Requester.User.Value, since).ConfigureAwait(false);
        if (before?.Event.Membership != Membership.Join)
        {
            return true;
        }

        var changes = await store.StateHistoryAsync(room, EventTypes.Member, scope.Requester.User.Value).ConfigureAwait(false);
        return changes.Exists(e => e.Position > since && e.Position <= scope.Until.Position
            && e.Event.Membership != Membership.Join);
    }

    private async ValueTask<List<TimelineEvent>> StateAsync(
        SyncScope scope, Room room, TimelinePart timeline, bool full, long since, long? until = null)
    {
        if (!scope.Filter.State.WantsRoom(room.Id))
        {
            return [];
        }

        var end = until ?? scope.Until.Position;
        var state = (full, scope.StateAfter) switch
        {
            (true, StateAfter.No) => await timelines.StateBeforeAsync(room, timeline, end).ConfigureAwait(false),
            (true, _) => await store.StateAtAsync(room, end).ConfigureAwait(false),
            (false, StateAfter.No) => await ChangesBeforeAsync(scope, room, timeline, since, end).ConfigureAwait(false),
            (false, _) => timeline.Limited
                ? await store.StateChangesAsync(room, since, end).ConfigureAwait(false)
                : LatestOfEachKey(timeline.Raw.FindAll(e => e.Position <= end)),
        };
        if (scope.Filter.State.LazyLoadMembers)
        {
            state = await LazyAsync(scope, room, timeline, state, full).ConfigureAwait(false);
        }

        return scope.Filter.State.IsOpen ? state : state.FindAll(e => scope.Filter.State.Wants(e.Event));
    }

    /// <summary>What changed between the token and the timeline, and what the timeline's filter held back.</summary>
    private async ValueTask<List<TimelineEvent>> ChangesBeforeAsync(
        SyncScope scope, Room room, TimelinePart timeline, long since, long until)
    {
        var heldBack = timeline.Events.Count < timeline.Raw.Count && timeline.Raw.Exists(e => e.Event.IsState && !timeline.Events.Contains(e));
        if (heldBack)
        {
            var shown = timeline.Events.Where(e => e.Event.IsState)
                .Select(e => new StateKey(e.Event.Type, e.Event.StateKey!)).ToHashSet();
            var all = await store.StateChangesAsync(room, since, until).ConfigureAwait(false);
            return all.FindAll(e => !shown.Contains(new StateKey(e.Event.Type, e.Event.StateKey!)));
        }

        return timeline.Limited
            ? await store.StateChangesAsync(room, since, Math.Min(timeline.Start, until)).ConfigureAwait(false)
            : [];
    }

    private static List<TimelineEvent> LatestOfEachKey(List<TimelineEvent> events)
    {
        var latest = new Dictionary<StateKey, TimelineEvent>();
        foreach (var e in events)
        {
            if (e.Event.StateKey is { } key)
            {
                latest[new StateKey(e.Event.Type, key)] = e;
            }
        }

        return [.. latest.Values];
    }

    /// <summary>
    /// Lazy-loading ("Lazy-loading room members"): of the members only those who sent something in the timeline, the
    /// person's own and the heroes; and those whose membership changed in a gap, so that the client's list stays right.
    /// </summary>
    private async ValueTask<List<TimelineEvent>> LazyAsync(
        SyncScope scope, Room room, TimelinePart timeline, List<TimelineEvent> state, bool full)
    {
        var wanted = timeline.Events.Select(e => e.Event.Sender.Value).ToHashSet(StringComparer.Ordinal);
        var kept = full ? state.FindAll(e => !IsMember(e)) : state;
        if (full)
        {
            wanted.Add(scope.Requester.User.Value);
            wanted.UnionWith(RoomSummaryPart.Of(room.Committed, scope.Requester.User).Heroes);
            Add(scope, kept, state.FindAll(e => IsMember(e) && wanted.Contains(e.Event.StateKey!)), always: true);
            return kept;
        }

        // The timeline's own member events tell the client as well; only the others are missing.
        wanted.ExceptWith(kept.Concat(timeline.Events).Where(IsMember).Select(e => e.Event.StateKey!));
        var members = new List<TimelineEvent>();
        foreach (var user in wanted)
        {
            if (await store.FindStateAtAsync(room, EventTypes.Member, user, Math.Max(timeline.Start, 0)).ConfigureAwait(false) is { } member)
            {
                members.Add(member);
            }
        }

        Add(scope, kept, members, scope.Filter.State.IncludeRedundantMembers);
        return kept;

        void Add(SyncScope s, List<TimelineEvent> into, List<TimelineEvent> found, bool always)
        {
            into.AddRange(found.Where(m => always || !sentMembers.Has(s.Requester.Device, m, s.SincePosition)));
            sentMembers.Note(s.Requester.Device, found, s.Until.Position);
        }
    }
}
