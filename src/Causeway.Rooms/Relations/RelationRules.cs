using System.Text.Json;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>What the standard refuses of people's own relations: threads of threads, and the same reaction twice.</summary>
internal sealed class RelationRules(RelationIndex index, EventStore store)
{
    private const int MaxCompared = 500;

    // A person's reactions are checked and written one after the other, so that two at once cannot both be the first.
    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, 64).Select(_ => new SemaphoreSlim(1))];

    /// <summary>Writes a message event after checking its relation, if it has one.</summary>
    public async Task<EventId> SendAsync(Room room, Writer by, string type, JsonElement content, Func<Task<EventId>> send)
    {
        switch (Relation.Of(content))
        {
            case { Type: Relation.Thread } relation:
                await CheckThreadAsync(room, relation).ConfigureAwait(false);
                return await send().ConfigureAwait(false);
            case { Type: Relation.Annotation, Key: not null } relation:
                var turn = _turns[(uint)by.User.Value.GetHashCode(StringComparison.Ordinal) % _turns.Length];
                await turn.WaitAsync().ConfigureAwait(false);
                try
                {
                    await CheckAnnotationAsync(room, by, type, relation).ConfigureAwait(false);
                    return await send().ConfigureAwait(false);
                }
                finally
                {
                    turn.Release();
                }

            default:
                return await send().ConfigureAwait(false);
        }
    }

    /// <summary>Client-server API, "Validation of m.thread relationships".</summary>
    private async ValueTask CheckThreadAsync(Room room, Relation relation)
    {
        var root = await store.FindAsync(room, EventId.Parse(relation.Target)).ConfigureAwait(false);
        if (root is not null && Relation.Of(root.Event) is not null)
        {
            throw new Refusal(400, "M_UNKNOWN", "A thread cannot start from an event that itself relates to another.");
        }
    }

    /// <summary>Client-server API, "Avoiding duplicate annotations". The same transaction again is no second one.</summary>
    private async ValueTask CheckAnnotationAsync(Room room, Writer by, string type, Relation relation)
    {
        foreach (var position in await index.ListOfSenderAsync(
            room, relation.Target, Relation.Annotation, by.User, type, long.MaxValue, MaxCompared).ConfigureAwait(false))
        {
            if (await store.FindAtAsync(room, position).ConfigureAwait(false) is { } earlier
                && Relation.Of(earlier.Event)?.Key == relation.Key
                && (by.Transaction is null || earlier.Device != by.Device || earlier.Transaction != by.Transaction))
            {
                throw new Refusal(400, "M_DUPLICATE_ANNOTATION", "You have reacted with this already.");
            }
        }
    }
}
