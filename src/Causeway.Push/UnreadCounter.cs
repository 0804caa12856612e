using System.Collections.Concurrent;
using System.Text.Json;
using Causeway.Matrix;
using Causeway.Rooms;

namespace Causeway.Push;

/// <summary>Unread counts of one person in one room.</summary>
/// <param name="Notifications">Events that notify.</param>
/// <param name="Highlights">Those of them that highlight.</param>
/// <param name="Threads">The share of each thread, by its root; what is in no thread is not listed.</param>
public sealed record UnreadCounts(
    int Notifications, int Highlights, IReadOnlyDictionary<string, (int Notifications, int Highlights)> Threads)
{
    /// <summary>Writes unread_notifications and, where the client counts threads apart, unread_thread_notifications.</summary>
    public void WriteTo(Utf8JsonWriter json, bool byThread)
    {
        var inThreads = (Notifications: 0, Highlights: 0);
        if (byThread)
        {
            json.WriteStartObject("unread_thread_notifications"u8);
            foreach (var (root, counts) in Threads)
            {
                inThreads = (inThreads.Notifications + counts.Notifications, inThreads.Highlights + counts.Highlights);
                json.WriteStartObject(root);
                json.WriteNumber("highlight_count"u8, counts.Highlights);
                json.WriteNumber("notification_count"u8, counts.Notifications);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        json.WriteStartObject("unread_notifications"u8);
        json.WriteNumber("highlight_count"u8, Highlights - inThreads.Highlights);
        json.WriteNumber("notification_count"u8, Notifications - inThreads.Notifications);
        json.WriteEndObject();
    }
}

/// <summary>
/// Counts what is unread by evaluating push rules when somebody asks, not when somebody writes: a message to ten
/// thousand people costs its sender nothing, and those who are away cost nothing at all. A count is kept and carried on
/// with the new events only; a moved receipt drops what it covers. (Client-server API, "Receiving notifications".)
/// </summary>
public sealed class UnreadCounter
{
    private const int MaxKept = 100_000;

    /// <summary>
    /// Counting looks at this many of the newest events: nobody reads "2,000 unread" as a number, and each is kept in memory.
    /// </summary>
    private const int MaxScanned = 2_000;

    private readonly EventStore _store;
    private readonly ReceiptStore _receipts;
    private readonly PushRules _rules;
    private readonly Threads _threads;
    private readonly IgnoredUsers _ignored;
    private readonly ConcurrentDictionary<(long Room, string User), Kept> _kept = new();

    /// <summary>Subscribes to moved receipts.</summary>
    public UnreadCounter(
        EventStore store, ReceiptStore receipts, PushRules rules, Threads threads, IgnoredUsers ignored, Streams.LogTail tail)
    {
        _store = store;
        _receipts = receipts;
        _rules = rules;
        _threads = threads;
        _ignored = ignored;
        tail.Restarted += _kept.Clear;
        receipts.Moved += receipt =>
        {
            if (_kept.TryGetValue((receipt.Room, receipt.User), out var kept))
            {
                kept.ReceiptsMoved = true;
            }
        };
    }

    /// <summary>The counts up to the room's newest durable event.</summary>
    public async ValueTask<UnreadCounts> CountAsync(Room room, UserId user)
    {
        if (_kept.Count > MaxKept)
        {
            _kept.Clear();
        }

        var kept = _kept.GetOrAdd((room.Nid, user.Value), _ => new Kept());
        var rules = await _rules.GetAsync(user).ConfigureAwait(false);
        var ignored = await _ignored.OfAsync(user).ConfigureAwait(false);
        await kept.Lock.WaitAsync().ConfigureAwait(false);
        try
        {
            var state = room.Committed;
            var isSame = ReferenceEquals(kept.Rules, rules) && ReferenceEquals(kept.Ignored, ignored);
            if (kept.Counts is { } ready && kept.UpTo == state.Position && !kept.ReceiptsMoved && isSame)
            {
                return ready;
            }

            if (!isSame)
            {
                kept.StartOver(rules, ignored);
            }

            await RefreshAsync(kept, room, state, user, rules).ConfigureAwait(false);
            return kept.Counts!;
        }
        finally
        {
            kept.Lock.Release();
        }
    }

    /// <summary>Whether the person has read up to this event, in the room or in its thread.</summary>
    internal async ValueTask<bool> IsReadAsync(Room room, UserId user, TimelineEvent e)
    {
        await CountAsync(room, user).ConfigureAwait(false);
        return _kept.TryGetValue((room.Nid, user.Value), out var kept)
            && IsRead(kept, new Unread(e.Position, 0, await _threads.OfAsync(room, e.Event).ConfigureAwait(false), false));
    }

    private async ValueTask RefreshAsync(Kept kept, Room room, RoomSnapshot state, UserId user, PushRuleset rules)
    {
        if (kept.UpTo < 0 || kept.ReceiptsMoved)
        {
            // Cleared before reading: a receipt that moves meanwhile sets it again.
            kept.ReceiptsMoved = false;
            var own = await _receipts.OwnAsync(room, user.Value).ConfigureAwait(false);
            kept.ReadUpTo = own.Where(r => r.Thread.Length == 0).Select(r => r.EventPosition).DefaultIfEmpty(0).Max();
            kept.ReadThreads = own.Where(r => r.Thread.Length > 0).GroupBy(r => r.Thread, StringComparer.Ordinal)
                .ToDictionary(g => g.Key, g => g.Max(r => r.EventPosition), StringComparer.Ordinal);
            kept.Unread.RemoveAll(u => IsRead(kept, u));
        }

        if (kept.UpTo < 0)
        {
            kept.UpTo = Math.Max(kept.ReadUpTo, await JoinedAtAsync(room, user).ConfigureAwait(false));
        }

        await CountNewAsync(kept, room, state, user, rules).ConfigureAwait(false);
        kept.UpTo = Math.Max(kept.UpTo, state.Position);
        kept.Counts = new UnreadCounts(
            kept.Unread.Count,
            kept.Unread.Count(u => u.Highlight),
            kept.Unread.Where(u => u.Thread != Threads.Main).GroupBy(u => u.Thread, StringComparer.Ordinal)
                .ToDictionary(g => g.Key, g => (g.Count(), g.Count(u => u.Highlight)), StringComparer.Ordinal));
    }

    /// <summary>Where the present stay began; a changed name is a newer member event and no join.</summary>
    internal async ValueTask<long> JoinedAtAsync(Room room, UserId user)
    {
        var memberships = await _store.StateHistoryAsync(room, EventTypes.Member, user.Value).ConfigureAwait(false);
        var before = memberships.FindLastIndex(m => m.Event.Membership != Membership.Join);
        return before + 1 < memberships.Count ? memberships[before + 1].Position : 0;
    }

    private async ValueTask CountNewAsync(Kept kept, Room room, RoomSnapshot state, UserId user, PushRuleset rules)
    {
        var events = new List<TimelineEvent>();
        if (kept.UpTo < state.Position
            && (!room.TryReadTimeline(kept.UpTo, state.Position, int.MaxValue, events, out var more) || more))
        {
            events = await _store.ListForCountingAsync(room, kept.UpTo, state.Position, MaxScanned).ConfigureAwait(false);
        }

        var context = new PushContext(
            user, state.Members.GetValueOrDefault(user.Value)?.Event.ContentString("displayname"), state.Joined, state.Power);
        foreach (var e in events)
        {
            if (e.Event is { Type: EventTypes.Member, StateKey: { } member } && member == user.Value)
            {
                // What was said while the person was out is not unread.
                var isOut = e.Event.Membership != Membership.Join;
                if (isOut || kept.IsOut)
                {
                    kept.Unread.Clear();
                }

                kept.IsOut = isOut;
            }

            if (e.Event.Redacts is { } redacts)
            {
                var key = KeyOf(redacts);
                kept.Unread.RemoveAll(u => u.Key == key);
            }

            if (kept.IsOut || e.Event.Sender == user || e.RedactedBy is not null || kept.Ignored!.Contains(e.Event.Sender.Value))
            {
                continue;
            }

            var outcome = rules.Evaluate(e.Event, context);
            if (outcome.Notify)
            {
                var thread = await _threads.OfAsync(room, e.Event).ConfigureAwait(false);
                var unread = new Unread(e.Position, KeyOf(e.Event.Id), thread, outcome.Highlight);
                if (!IsRead(kept, unread))
                {
                    kept.Unread.Add(unread);
                }
            }
        }
    }

    /// <summary>Ten letters of an event id, which is a hash, as 60 bits: the text would take four times the memory.</summary>
    private static ulong KeyOf(EventId id)
    {
        var key = 0UL;
        foreach (var letter in id.Value.AsSpan(1, Math.Min(10, id.Value.Length - 1)))
        {
            key = (key << 6) | (letter & 63U);
        }

        return key;
    }

    private static bool IsRead(Kept kept, Unread unread) => unread.Position <= kept.ReadUpTo
        || (kept.ReadThreads.TryGetValue(unread.Thread, out var position) && unread.Position <= position);

    private readonly record struct Unread(long Position, ulong Key, string Thread, bool Highlight);

    private sealed class Kept
    {
        public readonly SemaphoreSlim Lock = new(1);
        public readonly List<Unread> Unread = [];
        public PushRuleset? Rules;
        public IReadOnlySet<string>? Ignored;
        public long UpTo = -1;
        public bool IsOut;
        public long ReadUpTo;
        public Dictionary<string, long> ReadThreads = [];
        public volatile bool ReceiptsMoved;
        public UnreadCounts? Counts;

        public void StartOver(PushRuleset rules, IReadOnlySet<string> ignored)
        {
            (Rules, Ignored) = (rules, ignored);
            Unread.Clear();
            IsOut = false;
            UpTo = -1;
        }
    }
}
