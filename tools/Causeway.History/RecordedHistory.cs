namespace Causeway.History;

/// <summary>How a request ended, as far as the one who made it can know.</summary>
public enum Outcome
{
    /// <summary>Answered with success: what was asked is durable.</summary>
    Acknowledged,

    /// <summary>Answered with a refusal: nothing may have changed.</summary>
    Refused,

    /// <summary>No answer, or one that leaves open what happened: both may be true.</summary>
    Unknown,
}

public enum HistoryVisibility
{
    /// <summary>Members see everything since the room began.</summary>
    Shared,

    /// <summary>Members see what was sent while they were joined.</summary>
    Joined,
}

/// <summary>A room of the run. Its creator never leaves, so the creator's view is the whole room.</summary>
public sealed record CheckedRoom(string RoomId, string Creator, HistoryVisibility Visibility);

/// <summary>One try to write an event. <see cref="Marker"/> is in the content and belongs to this transaction alone;
/// tries with the same transaction id are retries. State events have no transaction id.</summary>
public sealed record SendAttempt(
    string User, string RoomId, string? TransactionId, string Marker, long Start, long End, Outcome Outcome, string? EventId);

/// <summary>One try to join or to leave.</summary>
public sealed record MembershipAttempt(string User, string RoomId, bool Joins, long Start, long End, Outcome Outcome);

public enum ValueKind
{
    State,
    Receipt,
    AccountData,
}

/// <summary>A value with one owner, who alone sets it, one try after the other.</summary>
public sealed record ValueKey(ValueKind Kind, string Owner, string RoomId, string Name);

public sealed record ValueAttempt(ValueKey Key, string Value, long Start, Outcome Outcome);

/// <summary>What a reader found at the end; null where it found nothing.</summary>
public sealed record FinalValue(ValueKey Key, string Reader, string Source, string? Value);

/// <summary>An event as a client saw it, with the marker of its content if it has one.</summary>
public sealed record SeenEvent(string EventId, string? Marker);

/// <summary>The events one answer of /sync (with its gap filled by /messages) brought for one room, oldest first.
/// <see cref="Restarts"/>: the user has newly joined, so the server may tell again what it told before they left.</summary>
public sealed record SyncBatch(string User, string RoomId, bool Restarts, IReadOnlyList<SeenEvent> Events);

/// <summary>A whole room as /messages gave it at the end, oldest first.</summary>
public sealed record RoomReading(string User, string RoomId, string Source, bool IsMember, IReadOnlyList<SeenEvent> Events);

/// <summary>Everything the clients of one run recorded. Times are ticks of one monotonic clock.</summary>
public sealed class RecordedHistory
{
    private readonly Lock _lock = new();

    public List<CheckedRoom> Rooms { get; } = [];

    public List<SendAttempt> Sends { get; } = [];

    public List<MembershipAttempt> Memberships { get; } = [];

    public List<ValueAttempt> Values { get; } = [];

    public List<FinalValue> FinalValues { get; } = [];

    public List<SyncBatch> Batches { get; } = [];

    public List<RoomReading> Readings { get; } = [];

    /// <summary>The tokens each sync loop was given, in order.</summary>
    public List<(string User, string Token)> Tokens { get; } = [];

    public int CountAcknowledged()
    {
        lock (_lock)
        {
            return Sends.Count(attempt => attempt.Outcome == Outcome.Acknowledged);
        }
    }

    /// <summary>Adds to one of the lists; clients run at the same time.</summary>
    public void Add<T>(Func<RecordedHistory, List<T>> list, T item)
    {
        lock (_lock)
        {
            list(this).Add(item);
        }
    }
}
