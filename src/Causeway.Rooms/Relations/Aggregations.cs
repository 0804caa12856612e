using System.Text.Json;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>What is known of the children of one event.</summary>
/// <param name="Edit">Its newest valid edit.</param>
/// <param name="References">Those that reference it.</param>
/// <param name="Thread">The thread it is the root of.</param>
internal sealed record Bundle(TimelineEvent? Edit, IReadOnlyList<string> References, ThreadBundle? Thread)
{
    public bool IsEmpty => Edit is null && References.Count == 0 && Thread is null;
}

/// <summary>A thread as its root shows it.</summary>
internal sealed record ThreadBundle(TimelineEvent Latest, long Count, bool Participated);

/// <summary>The bundled aggregations of an answer's events, and of the newest events of their threads.</summary>
public sealed class Bundles
{
    private readonly Dictionary<EventId, Bundle> _byEvent = [];

    internal Bundle? Find(EventId id) => _byEvent.GetValueOrDefault(id);

    internal void Take(Bundles others)
    {
        foreach (var (id, bundle) in others._byEvent)
        {
            _byEvent[id] = bundle;
        }
    }

    internal void Add(EventId id, Bundle bundle)
    {
        if (!bundle.IsEmpty)
        {
            _byEvent[id] = bundle;
        }
    }
}

/// <summary>
/// Bundled aggregations: <c>m.relations</c> of an event, made of those children that the asking person may see.
/// Client-server API, "Aggregations of child events".
/// </summary>
public sealed class Aggregations
{
    private const int MaxReferences = 1000;
    private const int MaxThread = 10_000;

    private readonly RelationIndex _index;
    private readonly EventStore _store;

    internal Aggregations(RelationIndex index, EventStore store)
    {
        _index = index;
        _store = store;
    }

    /// <summary>The aggregations of these events; null when there are none.</summary>
    /// <param name="room">The room.</param>
    /// <param name="view">What the person may see of it.</param>
    /// <param name="user">The person.</param>
    /// <param name="events">The events that are shown.</param>
    /// <param name="upTo">The newest position that counts.</param>
    public async ValueTask<Bundles?> OfAsync(Room room, RoomView view, UserId user, IEnumerable<TimelineEvent> events, long upTo)
    {
        Bundles? bundles = null;

        // State events get no aggregations (yet). The second round is for the newest events of the threads of the first.
        var round = events.Where(e => !e.Event.IsState).ToDictionary(e => e.Event.Id.Value, StringComparer.Ordinal);
        while (round.Count > 0)
        {
            var latest = new Dictionary<string, TimelineEvent>(StringComparer.Ordinal);
            var counts = await _index.CountAsync(room, user, [.. round.Keys], upTo).ConfigureAwait(false);
            foreach (var kinds in counts.GroupBy(c => c.Target, StringComparer.Ordinal))
            {
                var e = round[kinds.Key];
                var bundle = await BundleAsync(room, view, user, e, [.. kinds], upTo).ConfigureAwait(false);
                (bundles ??= new Bundles()).Add(e.Event.Id, bundle);
                if (bundle.Thread is { } thread && !round.ContainsKey(thread.Latest.Event.Id.Value))
                {
                    latest[thread.Latest.Event.Id.Value] = thread.Latest;
                }
            }

            round = latest;
        }

        return bundles;
    }

    /// <summary>The newest valid edit of an event, whoever may see it; null when there is none.</summary>
    public ValueTask<TimelineEvent?> FindEditAsync(Room room, TimelineEvent e) => EditAsync(room, null, e, long.MaxValue);

    private async ValueTask<Bundle> BundleAsync(
        Room room, RoomView view, UserId user, TimelineEvent e, List<RelationCount> kinds, long upTo)
    {
        TimelineEvent? edit = null;
        List<string> references = [];
        ThreadBundle? thread = null;
        foreach (var kind in kinds)
        {
            switch (kind.Type)
            {
                case Relation.Replace:
                    edit = await EditAsync(room, view, e, upTo).ConfigureAwait(false);
                    break;
                case Relation.Reference:
                    var found = await _index.ListReferencesAsync(room, kind.Target, upTo, MaxReferences).ConfigureAwait(false);
                    references = [.. found.Where(r => view.MaySeeMessage(r.Position, r.Sender)).Select(r => r.EventId)];
                    break;
                default:
                    thread = await ThreadAsync(room, view, user, e, kind, upTo).ConfigureAwait(false);
                    break;
            }
        }

        return new Bundle(edit, references, thread);
    }

    /// <summary>The newest valid edit ("Validity of replacement events"); none of a redacted event.</summary>
    private async ValueTask<TimelineEvent?> EditAsync(Room room, RoomView? view, TimelineEvent e, long upTo)
    {
        const int looked = 16;
        if (e.RedactedBy is not null || Relation.Of(e.Event) is { Type: Relation.Replace })
        {
            return null;
        }

        TimelineEvent? newest = null;
        foreach (var position in await _index.ListOfSenderAsync(
            room, e.Event.Id.Value, Relation.Replace, e.Event.Sender, e.Event.Type, upTo, looked).ConfigureAwait(false))
        {
            if (await _store.FindAtAsync(room, position).ConfigureAwait(false) is not { } edit
                || view?.MaySee(edit) == false || !HasNewContent(edit.Event))
            {
                continue;
            }

            if (newest is not null && edit.Event.OriginServerTs < newest.Event.OriginServerTs)
            {
                break;
            }

            if (newest is null || string.CompareOrdinal(edit.Event.Id.Value, newest.Event.Id.Value) > 0)
            {
                newest = edit;
            }
        }

        return newest;
    }

    /// <summary>That of an encrypted event only its readers see.</summary>
    private static bool HasNewContent(RoomEvent edit)
    {
        if (edit.Type == "m.room.encrypted")
        {
            return true;
        }

        using var content = JsonDocument.Parse(edit.Content);
        return content.RootElement.TryGetProperty("m.new_content", out var replacement) && replacement.ValueKind == JsonValueKind.Object;
    }

    private async ValueTask<ThreadBundle?> ThreadAsync(
        Room room, RoomView view, UserId user, TimelineEvent root, RelationCount kind, long upTo)
    {
        var (newest, count) = (kind.Newest, kind.Count);
        if (!view.SeesAllMessages)
        {
            var replies = await _index.ListAsync(room, kind.Target, Relation.Thread, upTo, MaxThread).ConfigureAwait(false);
            replies.RemoveAll(r => !view.MaySeeMessage(r.Position, r.Sender));
            if (replies.Count == 0)
            {
                return null;
            }

            (newest, count) = (replies[0].Position, replies.Count);
        }

        // It may have been redacted since the count.
        return await _store.FindAtAsync(room, newest).ConfigureAwait(false) is { } latest
            ? new ThreadBundle(latest, count, kind.Participated || root.Event.Sender == user)
            : null;
    }
}
