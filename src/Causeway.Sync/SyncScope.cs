using Causeway.Hosting;

namespace Causeway.Sync;

/// <summary>What one /sync is asked for: who, from where to where, and how.</summary>
public sealed record SyncScope
{
    /// <summary>Who asks.</summary>
    public required Requester Requester { get; init; }

    /// <summary>The filter.</summary>
    public required SyncFilter Filter { get; init; }

    /// <summary>Where the client is; null for an initial sync.</summary>
    public required SyncToken? Since { get; init; }

    /// <summary>Where this answer ends: nothing newer is shown.</summary>
    public required SyncToken Until { get; init; }

    /// <summary>All state, whatever the client has.</summary>
    public required bool FullState { get; init; }

    /// <summary>State after the timeline instead of before it (MSC4222, v1.16).</summary>
    public required StateAfter StateAfter { get; init; }

    /// <summary>The position the client has; 0 for an initial sync.</summary>
    public long SincePosition => Since?.Position ?? 0;
}

/// <summary>Whether and under which name a client wants <c>state_after</c>.</summary>
public enum StateAfter
{
    /// <summary>State before the timeline, as <c>state</c>.</summary>
    No,

    /// <summary><c>state_after</c>.</summary>
    Stable,

    /// <summary><c>org.matrix.msc4222.state_after</c>, the only name matrix-js-sdk reads.</summary>
    Unstable,
}
