using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;

namespace Causeway.Wire;

/// <summary>
/// One keep-alive HTTP/1.1 connection over a raw socket; one request at a time. The load program shares its two cores
/// with the server it measures, so a request costs two system calls and a scan of the answer's head, nothing more.
/// </summary>
public sealed class HttpConnection(IPEndPoint server, string? accessToken = null, int receiveBuffer = 4096) : IDisposable
{
    // Kestrel closes after 130 s without a request; a connection older than this is replaced before use.
    private static readonly TimeSpan StaleAfter = TimeSpan.FromSeconds(90);

    private readonly byte[] _fixedHead = Encoding.ASCII.GetBytes(
        $" HTTP/1.1\r\nHost: {server}\r\n"
        + (accessToken is null ? string.Empty : $"Authorization: Bearer {accessToken}\r\n"));

    private Socket? _socket;
    private byte[] _send = new byte[1024];
    private byte[] _receive = new byte[receiveBuffer];
    private long _lastUse;

    /// <summary>
    /// Lets every continuation run on the one thread that polls the sockets: no hand-over to the thread pool per
    /// request. Call first thing in Main: the socket engine reads the switch once.
    /// </summary>
    public static void RunContinuationsInline()
    {
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");
        Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT", "1");
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<HttpReply> SendAsync(
        string method, string path, ReadOnlyMemory<byte> body = default, CancellationToken cancel = default)
    {
        try
        {
            var socket = await ConnectAsync(cancel).ConfigureAwait(false);
            var length = Format(method, path, body.Span);
            for (var sent = 0; sent < length;)
            {
                sent += await socket.SendAsync(_send.AsMemory(sent, length - sent), cancel).ConfigureAwait(false);
            }

            var parser = default(ReplyParser);
            var filled = 0;
            do
            {
                if (filled == _receive.Length || parser.ExpectedLength > _receive.Length)
                {
                    Array.Resize(ref _receive, Math.Max(_receive.Length * 2, parser.ExpectedLength));
                }

                var received = await socket.ReceiveAsync(_receive.AsMemory(filled), cancel).ConfigureAwait(false);
                if (received == 0)
                {
                    throw new ConnectionLostException("The server closed the connection before the answer was whole.");
                }

                filled += received;
            }
            while (!parser.TryComplete(_receive, filled));

            _lastUse = Stopwatch.GetTimestamp();
            if (parser.ServerCloses)
            {
                Dispose();
            }

            return new HttpReply(
                parser.Status, _receive.AsMemory(parser.BodyStart, parser.BodyLength), parser.RetryAfterMilliseconds);
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // What is left on the wire belongs to the broken request: the connection must not be used again.
            Dispose();
            throw e as ConnectionLostException ?? new ConnectionLostException(e.Message, e);
        }
    }

    /// <summary>Opens the socket before the first request, so that a measurement does not contain it.</summary>
    public async ValueTask<Socket> ConnectAsync(CancellationToken cancel = default)
    {
        if (_socket is not null && Stopwatch.GetElapsedTime(_lastUse) < StaleAfter)
        {
            return _socket;
        }

        Dispose();
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            throw new ConnectionLostException(e.Message, e);
        }

        _lastUse = Stopwatch.GetTimestamp();
        return _socket = socket;
    }

    public void Dispose()
    {
        Interlocked.Exchange(ref _socket, null)?.Dispose();
    }

    private int Format(string method, string path, ReadOnlySpan<byte> body)
    {
        var most = method.Length + (path.Length * 3) + _fixedHead.Length + body.Length + 96;
        if (_send.Length < most)
        {
            _send = new byte[most * 2];
        }

        var span = _send.AsSpan();
        var at = Encoding.ASCII.GetBytes(method, span);
        span[at++] = (byte)' ';
        at += Encoding.UTF8.GetBytes(path, span[at..]);
        at += Append(span[at..], _fixedHead);
        if (body.Length > 0 || method != "GET")
        {
            at += Append(span[at..], "Content-Type: application/json\r\nContent-Length: "u8);
            Utf8Formatter.TryFormat(body.Length, span[at..], out var digits);
            at += digits;
            at += Append(span[at..], "\r\n"u8);
        }

        at += Append(span[at..], "\r\n"u8);
        at += Append(span[at..], body);
        return at;
    }

    private static int Append(Span<byte> target, ReadOnlySpan<byte> part)
    {
        part.CopyTo(target);
        return part.Length;
    }
}
