namespace Causeway.Hosting;

/// <summary>Limits on what comes in; every one is a named setting with a safe default.</summary>
public sealed record HostingOptions
{
    /// <summary>Bytes of a JSON body.</summary>
    public int MaxBodyBytes { get; init; } = 1 << 20;

    /// <summary>Nesting of a JSON body.</summary>
    public int MaxJsonDepth { get; init; } = 64;

    /// <summary>Whether the rate limiter works.</summary>
    public bool RateLimits { get; init; } = true;

    /// <summary>Accepts <c>?access_token=</c> from old bridges; off, since v1.20 of the standard drops it.</summary>
    public bool AllowQueryTokens { get; init; }

    /// <summary>The Unix domain socket of <see cref="Access.Local"/>; null = there is none.</summary>
    public string? LocalSocket { get; init; }

    /// <summary>What the server may reach.</summary>
    public OutboundOptions Outbound { get; init; } = new();
}
