namespace Causeway.Calls;

/// <summary>Where calls find their servers.</summary>
public sealed record CallsOptions
{
    /// <summary>The relays, such as <c>turn:turn.example.org?transport=udp</c>; empty = none.</summary>
    public IReadOnlyList<string> TurnUris { get; init; } = [];

    /// <summary>The secret shared with them (coturn's <c>static-auth-secret</c>).</summary>
    public string TurnSecret { get; init; } = "";

    /// <summary>How long their credentials are good.</summary>
    public TimeSpan TurnLifetime { get; init; } = TimeSpan.FromDays(1);

    /// <summary>The service that admits people to a LiveKit server for group calls, or null.</summary>
    public Uri? LiveKitService { get; init; }
}
