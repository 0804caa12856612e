using System.Text;

namespace Causeway.Wire;

/// <summary>One answer of the server. <see cref="Body"/> points into the connection's buffer: it is valid until the
/// next request on the same connection.</summary>
public readonly record struct HttpReply(int Status, ReadOnlyMemory<byte> Body, int RetryAfterMilliseconds)
{
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>The body as text, cut for people to read.</summary>
    public string Snippet(int limit = 300) =>
        Encoding.UTF8.GetString(Body.Span[..Math.Min(limit, Body.Length)]);
}

/// <summary>The connection broke before the whole answer had come: the outcome of the request is unknown.</summary>
public sealed class ConnectionLostException(string message, Exception? inner = null) : IOException(message, inner);
