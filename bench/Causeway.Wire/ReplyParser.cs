using System.Buffers.Text;
using System.Globalization;

namespace Causeway.Wire;

/// <summary>Parses an HTTP/1.1 answer that arrives in pieces in one growing buffer. Knows only what a load program
/// needs: the status, the length of the body (Content-Length or chunked), Connection: close and Retry-After.</summary>
internal struct ReplyParser
{
    private int _headerEnd;
    private int _contentLength;
    private bool _chunked;
    private int _chunkRead;
    private int _chunkWritten;

    public int Status { get; private set; }

    public int RetryAfterMilliseconds { get; private set; }

    public bool ServerCloses { get; private set; }

    public int BodyStart { get; private set; }

    public int BodyLength { get; private set; }

    /// <summary>How many bytes the whole answer will take, where that is already known; 0 otherwise.</summary>
    public readonly int ExpectedLength => _headerEnd > 0 && !_chunked ? BodyStart + _contentLength : 0;

    /// <summary>True when the answer is complete in the first <paramref name="filled"/> bytes of the buffer.</summary>
    public bool TryComplete(byte[] buffer, int filled)
    {
        if (_headerEnd == 0 && !TryParseHead(buffer, filled))
        {
            return false;
        }

        if (_chunked)
        {
            return TryDechunk(buffer, filled);
        }

        BodyLength = _contentLength;
        return filled >= BodyStart + _contentLength;
    }

    private bool TryParseHead(byte[] buffer, int filled)
    {
        var span = buffer.AsSpan(0, filled);
        var end = span.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return false;
        }

        var head = span[..(end + 2)];
        if (head.Length < 12 || !head.StartsWith("HTTP/1."u8) || !Utf8Parser.TryParse(head[9..12], out int status, out _))
        {
            throw new ConnectionLostException("The answer is not HTTP/1.1.");
        }

        Status = status;
        _headerEnd = end;
        BodyStart = end + 4;
        _chunkRead = BodyStart;
        _chunkWritten = BodyStart;
        head = head[(head.IndexOf((byte)'\n') + 1)..];
        while (head.Length > 0)
        {
            var lineEnd = head.IndexOf((byte)'\r');
            ParseHeader(head[..lineEnd]);
            head = head[(lineEnd + 2)..];
        }

        if (status == 204 || status == 304)
        {
            _contentLength = 0;
            _chunked = false;
        }

        return true;
    }

    private void ParseHeader(ReadOnlySpan<byte> line)
    {
        // The length of the name decides first, so most headers cost one comparison.
        var colon = line.IndexOf((byte)':');
        switch (colon)
        {
            case 14 when NameIs(line, "content-length"u8):
                Utf8Parser.TryParse(Value(line, colon), out _contentLength, out _);
                break;
            case 17 when NameIs(line, "transfer-encoding"u8):
                _chunked = Value(line, colon).IndexOf("chunked"u8) >= 0;
                break;
            case 11 when NameIs(line, "retry-after"u8):
                RetryAfterMilliseconds = Utf8Parser.TryParse(Value(line, colon), out int seconds, out _) ? seconds * 1000 : 0;
                break;
            case 10 when NameIs(line, "connection"u8):
                ServerCloses = Value(line, colon).IndexOf("close"u8) >= 0;
                break;
        }
    }

    private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> line, int colon) => line[(colon + 1)..].Trim((byte)' ');

    private static bool NameIs(ReadOnlySpan<byte> line, ReadOnlySpan<byte> lowerName)
    {
        for (var i = 0; i < lowerName.Length; i++)
        {
            if ((line[i] | 0x20) != lowerName[i] && line[i] != lowerName[i])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Moves the chunks' data together in place, from where the last call stopped.</summary>
    private bool TryDechunk(byte[] buffer, int filled)
    {
        while (true)
        {
            var rest = buffer.AsSpan(_chunkRead, filled - _chunkRead);
            var lineEnd = rest.IndexOf("\r\n"u8);
            if (lineEnd < 0)
            {
                return false;
            }

            if (!Utf8Parser.TryParse(rest[..lineEnd], out int size, out _, 'x'))
            {
                throw new ConnectionLostException("A chunk has no size.");
            }

            if (rest.Length < lineEnd + 2 + size + 2)
            {
                return false;
            }

            rest.Slice(lineEnd + 2, size).CopyTo(buffer.AsSpan(_chunkWritten));
            _chunkWritten += size;
            _chunkRead += lineEnd + 2 + size + 2;
            if (size == 0)
            {
                BodyLength = _chunkWritten - BodyStart;
                return true;
            }
        }
    }

    public override readonly string ToString() => Status.ToString(CultureInfo.InvariantCulture);
}
