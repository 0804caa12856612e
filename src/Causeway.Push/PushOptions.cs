namespace Causeway.Push;

/// <summary>What Push must be told of the deployment.</summary>
public sealed record PushOptions
{
    /// <summary>The public base URL; a pusher that names it as its gateway means this server's own. Null = only the host a client asks at.</summary>
    public Uri? PublicUrl { get; init; }
}
