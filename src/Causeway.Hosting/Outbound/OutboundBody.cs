using System.Net.Sockets;

namespace Causeway.Hosting.Outbound;

/// <summary>The time a request has, and what its faults are called.</summary>
internal sealed class OutboundLife : IDisposable
{
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _either;
    private readonly CancellationToken _caller;

    public OutboundLife(TimeSpan limit, TimeProvider clock, CancellationToken caller)
    {
        _caller = caller;
        _timer = new CancellationTokenSource(limit, clock);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, caller);
        Token = _either.Token;
    }

    /// <summary>Ends with the caller or with the time.</summary>
    public CancellationToken Token { get; }

    /// <summary>The same fault in this room's words; the caller's own cancellation stays what it is.</summary>
    public Exception Translate(Exception fault, Uri url) => fault switch
    {
        OutboundException => fault,
        OperationCanceledException when _caller.IsCancellationRequested => fault,
        OperationCanceledException => new OutboundException(OutboundFault.TimedOut, $"{url} took too long.", fault),
        HttpRequestException { InnerException: OutboundException own } => own,
        HttpRequestException { InnerException: OperationCanceledException } => new OutboundException(OutboundFault.TimedOut, $"{url} cannot be connected to.", fault),
        HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => new OutboundException(OutboundFault.TooMuch, $"{url} sends too many headers.", fault),
        HttpRequestException or IOException or SocketException or InvalidDataException or InvalidOperationException or UriFormatException =>
            new OutboundException(OutboundFault.Failed, $"{url}: {fault.Message}", fault),
        _ => fault,
    };

    public void Dispose()
    {
        _either.Dispose();
        _timer.Dispose();
    }
}

/// <summary>A body that ends in a fault when it is longer or slower than its request allows.</summary>
internal sealed class OutboundBody(Stream inner, long limit, Uri url, OutboundLife life) : Stream
{
    private long _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => _read; set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var both = cancellationToken.CanBeCanceled && cancellationToken != life.Token
            ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, life.Token)
            : null;
        int read;
        try
        {
            read = await inner.ReadAsync(buffer, both?.Token ?? life.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested || cancellationToken == life.Token)
        {
            var told = life.Translate(e, url);
            if (ReferenceEquals(told, e))
            {
                throw;
            }

            throw told;
        }

        return (_read += read) <= limit
            ? read
            : throw new OutboundException(OutboundFault.TooMuch, $"{url} sends more than {limit} bytes.");
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Await the body.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
