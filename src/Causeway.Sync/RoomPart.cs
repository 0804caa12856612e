using Causeway.Accounts;
using Causeway.Matrix;
using Causeway.Push;
using Causeway.Rooms;

namespace Causeway.Sync;

/// <summary>One joined or left room of an answer, ready to be written.</summary>
internal sealed class RoomPart
{
    public required Room Room { get; init; }

    public required RoomView View { get; init; }

    public required TimelinePart Timeline { get; init; }

    public Bundles? Bundles { get; init; }

    public List<TimelineEvent> State { get; init; } = [];

    public List<Receipt> Receipts { get; set; } = [];

    public IReadOnlyList<string>? Typing { get; set; }

    public List<AccountDataItem> AccountData { get; set; } = [];

    public UnreadCounts? Unread { get; set; }

    public RoomSummaryPart? Summary { get; init; }

    /// <summary>Whether the client learns anything from it.</summary>
    public bool HasNews => Timeline.Events.Count > 0 || Timeline.Limited || State.Count > 0 || Receipts.Count > 0
        || Typing is not null || AccountData.Count > 0 || Unread is not null;
}

/// <summary>The <c>summary</c> of a room.</summary>
internal sealed record RoomSummaryPart(int Joined, int Invited, List<string> Heroes)
{
    /// <summary>Heroes: the first five others, joined or invited, else those who left (Client-server API, "Calculating the display name").</summary>
    public static RoomSummaryPart Of(RoomSnapshot state, UserId asking)
    {
        var hasName = state.Text("m.room.name", "name") is { Length: > 0 } || state.Text("m.room.canonical_alias", "alias") is { Length: > 0 };
        var heroes = new List<string>();
        if (!hasName)
        {
            heroes.AddRange(Others(state, asking, active: true));
            if (heroes.Count == 0)
            {
                heroes.AddRange(Others(state, asking, active: false));
            }
        }

        return new RoomSummaryPart(state.Joined, state.Invited, heroes);
    }

    private static IEnumerable<string> Others(RoomSnapshot state, UserId asking, bool active) => state.Members
        .Where(m => m.Key != asking.Value && (m.Value.Event.Membership is Membership.Join or Membership.Invite) == active)
        .OrderBy(m => m.Value.Position).Take(5).Select(m => m.Key);
}
