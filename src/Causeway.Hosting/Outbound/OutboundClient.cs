using System.Net;
using System.Net.Sockets;
using Causeway.Hosting.Outbound;

namespace Causeway.Hosting;

/// <summary>
/// The one way out (family (d) of faults: whatever is fetched for somebody). It looks names up itself, refuses addresses
/// that are not of the public internet and connects to the very address it judged, so that a name that changes its
/// meaning in between gains nothing. Redirects are judged like the first address. No cookies, no proxy, no credentials.
/// </summary>
public sealed class OutboundClient : IDisposable
{
    private readonly OutboundOptions _options;
    private readonly TimeProvider _clock;
    private readonly AddressRules _rules;
    private readonly HttpMessageInvoker _http;

    /// <param name="options">What may be reached.</param>
    /// <param name="clock">Measures the time limits.</param>
    /// <exception cref="ArgumentException">An entry of <see cref="OutboundOptions.Allow"/> cannot be read.</exception>
    public OutboundClient(OutboundOptions options, TimeProvider clock)
    {
        _options = options;
        _clock = clock;
        _rules = new AddressRules(options.Allow);
#pragma warning disable RS0030 // This is the one place.
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = ConnectAsync,
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxConnectionsPerServer = options.MaxPerHost,
            MaxResponseHeadersLength = options.MaxHeaderKilobytes,
            MaxResponseDrainSize = 0,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            ActivityHeadersPropagator = null,
        });
#pragma warning restore RS0030
    }

    /// <summary>Sends a request; the answer's body is still to be read. Dispose the answer.</summary>
    /// <exception cref="OutboundException">It did not succeed.</exception>
    public async Task<OutboundResponse> SendAsync(OutboundRequest request, CancellationToken cancellation = default)
    {
        var life = new OutboundLife(request.Timeout, _clock, cancellation);
        try
        {
            var url = request.Url;
            for (var redirects = 0; ; redirects++)
            {
                Check(url);
                var answer = await SendOnceAsync(request, url, redirects == 0, life).ConfigureAwait(false);
                if (FindRedirect(request.Method, url, answer) is not { } next)
                {
                    return new OutboundResponse(answer, url, request, life);
                }

                url = redirects < request.MaxRedirects
                    ? next
                    : throw new OutboundException(OutboundFault.TooMuch, $"{request.Url} redirects more than {request.MaxRedirects} times.");
            }
        }
        catch (Exception e)
        {
            var told = life.Translate(e, request.Url);
            life.Dispose();
            if (ReferenceEquals(told, e))
            {
                throw;
            }

            throw told;
        }
    }

    /// <summary>
    /// Whether an address can be refused as it stands, before its name is looked up; what passes here may still be
    /// refused when it is connected to.
    /// </summary>
    public bool IsRefused(Uri url)
    {
        try
        {
            Check(url);
            return false;
        }
        catch (OutboundException)
        {
            return true;
        }
    }

    /// <summary>Whether the operator allowed this very name or address, private or not.</summary>
    public bool IsAllowedByOperator(Uri url) => _rules.IsAllowedName(url.IdnHost, url.Port)
        || (IPAddress.TryParse(url.IdnHost, out var address) && _rules.IsInAllowedRange(address, url.Port));

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendOnceAsync(OutboundRequest request, Uri url, bool isFirst, OutboundLife life)
    {
        using var message = new HttpRequestMessage(request.Method, url)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = request.Content,
        };
        foreach (var (name, value) in request.Headers)
        {
            // A secret is meant for who was asked first, not for where they point.
            if (isFirst || !name.Equals("Authorization", StringComparison.OrdinalIgnoreCase))
            {
                _ = message.Headers.TryAddWithoutValidation(name, value)
                    || (message.Content?.Headers.TryAddWithoutValidation(name, value) ?? false);
            }
        }

        if (request.AcceptCompressed)
        {
            message.Headers.AcceptEncoding.ParseAdd("gzip, br");
        }

        return await _http.SendAsync(message, life.Token).ConfigureAwait(false);
    }

    /// <summary>Where the answer points, with the answer disposed; null when it is the answer.</summary>
    internal static Uri? FindRedirect(HttpMethod method, Uri url, HttpResponseMessage answer)
    {
        if ((method != HttpMethod.Get && method != HttpMethod.Head)
            || (int)answer.StatusCode is not (301 or 302 or 303 or 307 or 308)
            || !answer.Headers.NonValidated.TryGetValues("Location", out var locations))
        {
            return null;
        }

        using (answer)
        {
            return !Uri.TryCreate(url, locations.First(), out var next)
                ? throw new OutboundException(OutboundFault.Failed, $"{url} redirects to something that is no address.")
                : url.Scheme == Uri.UriSchemeHttps && next.Scheme != Uri.UriSchemeHttps
                    ? throw new OutboundException(OutboundFault.Refused, $"{url} redirects from https to {next.Scheme}.")
                    : next;
        }
    }

    /// <summary>What can be judged before a name is looked up; a pooled connection passes here and not by the connect.</summary>
    private void Check(Uri url)
    {
        if (!url.IsAbsoluteUri || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
        {
            throw new OutboundException(OutboundFault.Refused, $"{url} is not http or https.");
        }

        if (url.UserInfo.Length > 0)
        {
            throw new OutboundException(OutboundFault.Refused, $"The address of {url.IdnHost} names a user.");
        }

        if (url.IdnHost.Length == 0 || _rules.IsAllowedName(url.IdnHost, url.Port))
        {
            return;
        }

        // The port of a name is judged with its addresses, which may be in an allowed range.
        if (IPAddress.TryParse(url.IdnHost, out var address) && !_rules.IsAllowed(address, url.Port))
        {
            throw new OutboundException(OutboundFault.Refused, $"{url.IdnHost}:{url.Port} may not be reached from here.");
        }
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        using var limit = new CancellationTokenSource(_options.ConnectTimeout * 3, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        IPAddress[] addresses = IPAddress.TryParse(host, out var literal)
            ? [literal]
            : await _options.Resolve(host, either.Token).ConfigureAwait(false);
        var isAllowedName = _rules.IsAllowedName(host, port);
        var allowed = addresses.Where(a => isAllowedName || _rules.IsAllowed(a, port)).Take(4).ToList();
        if (allowed.Count == 0)
        {
            throw addresses.Length == 0
                ? new OutboundException(OutboundFault.Failed, $"{host} has no address.")
                : new OutboundException(OutboundFault.Refused, $"{host}:{port} ({addresses[0]}) may not be reached from here.");
        }

        for (var i = 0; ; i++)
        {
            var socket = new Socket(allowed[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            using var one = CancellationTokenSource.CreateLinkedTokenSource(either.Token);
            using var timer = _clock.CreateTimer(static source => ((CancellationTokenSource)source!).Cancel(), one, _options.ConnectTimeout, Timeout.InfiniteTimeSpan);
            try
            {
                await socket.ConnectAsync(new IPEndPoint(allowed[i], port), one.Token).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (Exception e)
            {
                socket.Dispose();
                if (i + 1 < allowed.Count && e is SocketException or OperationCanceledException && !either.IsCancellationRequested)
                {
                    continue;
                }

                throw;
            }
        }
    }
}
