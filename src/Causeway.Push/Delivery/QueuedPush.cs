namespace Causeway.Push;

/// <summary>A notification that waits for its pusher; durable until it was delivered or given up.</summary>
/// <param name="Pusher">The pusher's number.</param>
/// <param name="Position">The event's position.</param>
/// <param name="RoomId">The event's room.</param>
/// <param name="EventId">The event.</param>
/// <param name="Sound">The sound the rules chose, or null.</param>
/// <param name="Highlight">Whether it highlights.</param>
/// <param name="Queued">When it was queued, in ms.</param>
internal sealed record QueuedPush(
    long Pusher, long Position, string RoomId, string EventId, string? Sound, bool Highlight, long Queued);
