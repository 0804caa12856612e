namespace Causeway.Hosting;

/// <summary>One request to somewhere else, with its limits.</summary>
/// <param name="Method">Only GET and HEAD follow redirects.</param>
/// <param name="Url">http or https, without user or password.</param>
public sealed record OutboundRequest(HttpMethod Method, Uri Url)
{
    /// <summary>Headers of the request.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>The body; it belongs to the request and is disposed with it.</summary>
    public HttpContent? Content { get; init; }

    /// <summary>Redirects followed, each checked like the first address; beyond them it fails.</summary>
    public int MaxRedirects { get; init; }

    /// <summary>Bytes of the answer's body, as sent and after decompression.</summary>
    public long MaxBodyBytes { get; init; } = 1 << 20;

    /// <summary>From the first look-up to the last byte of the body.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Accepts gzip and Brotli; otherwise a compressed answer fails.</summary>
    public bool AcceptCompressed { get; init; }
}

/// <summary>Why a request to somewhere else did not succeed.</summary>
public enum OutboundFault
{
    /// <summary>The address may not be reached from here.</summary>
    Refused,

    /// <summary>More bytes or redirects than allowed.</summary>
    TooMuch,

    /// <summary>It took too long.</summary>
    TimedOut,

    /// <summary>No answer, or not one of HTTP.</summary>
    Failed,
}

/// <summary>A request to somewhere else that did not succeed. The message is for logs: it may tell of the inner network.</summary>
public sealed class OutboundException(OutboundFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Why.</summary>
    public OutboundFault Fault { get; } = fault;
}
