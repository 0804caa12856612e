using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>Which thread an event belongs to. Client-server API, "Threaded read receipts".</summary>
public sealed class Threads(EventStore store)
{
    /// <summary>The thread of what is in no thread.</summary>
    public const string Main = "main";

    private const int MaxHops = 3;

    /// <summary>The thread's root, or <see cref="Main"/>; a reaction to a reply is in the reply's thread.</summary>
    public async ValueTask<string> OfAsync(Room room, RoomEvent e)
    {
        var relation = Relation.Of(e);
        for (var hop = 1; relation is { } to; hop++)
        {
            if (to.Type == Relation.Thread)
            {
                return to.Target;
            }

            if (hop > MaxHops || await store.FindAsync(room, EventId.Parse(to.Target)).ConfigureAwait(false) is not { } parent)
            {
                break;
            }

            relation = Relation.Of(parent.Event);
        }

        return Main;
    }
}
