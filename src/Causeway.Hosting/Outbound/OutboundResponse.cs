using System.Buffers;
using System.IO.Compression;
using Causeway.Hosting.Outbound;

namespace Causeway.Hosting;

/// <summary>An answer from somewhere else; its body is read under the request's limits. Dispose it.</summary>
public sealed class OutboundResponse : IDisposable
{
    private readonly HttpResponseMessage _answer;
    private readonly OutboundRequest _request;
    private readonly OutboundLife _life;

    internal OutboundResponse(HttpResponseMessage answer, Uri url, OutboundRequest request, OutboundLife life)
    {
        _answer = answer;
        _request = request;
        _life = life;
        Url = url;
    }

    /// <summary>HTTP status.</summary>
    public int Status => (int)_answer.StatusCode;

    /// <summary>Where the answer came from, after redirects.</summary>
    public Uri Url { get; }

    /// <summary>The length the sender states for the body as sent; it may lie.</summary>
    public long? Length => _answer.Content.Headers.ContentLength;

    /// <summary>A header, as sent; null when it is not there.</summary>
    public string? Find(string header) =>
        _answer.Headers.NonValidated.TryGetValues(header, out var values)
        || _answer.Content.Headers.NonValidated.TryGetValues(header, out values)
            ? values.ToString()
            : null;

    /// <summary>The body; a read throws <see cref="OutboundException"/> at a limit.</summary>
    public async Task<Stream> OpenBodyAsync()
    {
        if (Length > _request.MaxBodyBytes)
        {
            throw new OutboundException(OutboundFault.TooMuch, $"{Url} states {Length} bytes.");
        }

        var sent = new OutboundBody(await _answer.Content.ReadAsStreamAsync(_life.Token).ConfigureAwait(false), _request.MaxBodyBytes, Url, _life);
        var encoding = Find("Content-Encoding");
        return encoding?.Trim().ToLowerInvariant() switch
        {
            null or "" or "identity" => sent,
            "gzip" or "x-gzip" when _request.AcceptCompressed => new OutboundBody(new GZipStream(sent, CompressionMode.Decompress), _request.MaxBodyBytes, Url, _life),
            "br" when _request.AcceptCompressed => new OutboundBody(new BrotliStream(sent, CompressionMode.Decompress), _request.MaxBodyBytes, Url, _life),
            _ => throw new OutboundException(OutboundFault.Failed, $"{Url} answers in the encoding {encoding}."),
        };
    }

    /// <summary>All of the body.</summary>
    public async Task<byte[]> ReadBodyAsync()
    {
        await using var body = await OpenBodyAsync().ConfigureAwait(false);
        var buffer = new ArrayBufferWriter<byte>(4096);
        for (int read; (read = await body.ReadAsync(buffer.GetMemory(4096), _life.Token).ConfigureAwait(false)) > 0;)
        {
            buffer.Advance(read);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _answer.Dispose();
        _life.Dispose();
    }
}
