using System.Buffers;
using System.Text;
using Causeway.Hosting;
using Causeway.Media.Blobs;
using Causeway.Media.Upload;
using Microsoft.AspNetCore.Http;

namespace Causeway.Media.Download;

/// <summary>What is served: bytes under a key, and what the uploader called them.</summary>
internal sealed record Served(string Key, long Size, string Type, string? Name);

/// <summary>
/// The one way in which media bytes leave: with the headers that keep a browser from running them, whatever they are and
/// whatever type the uploader gave (Client-server API, "Serving inline content").
/// </summary>
internal sealed class MediaReply(IBlobStore blobs)
{
    private const int BufferBytes = 128 << 10;

    /// <summary>The types that the standard calls safe to be shown; all others are downloaded.</summary>
    private static readonly HashSet<string> Inline =
    [
        "text/css", "text/plain", "text/csv", "application/json", "application/ld+json", "image/jpeg", "image/gif", "image/png", "image/apng",
        "image/webp", "image/avif", "video/mp4", "video/webm", "video/ogg", "video/quicktime", "audio/mp4", "audio/webm", "audio/aac", "audio/mpeg",
        "audio/ogg", "audio/wave", "audio/wav", "audio/x-wav", "audio/x-pn-wav", "audio/flac", "audio/x-flac",
    ];

    /// <summary>The headers of every answer of these endpoints, errors too; set before anything can go wrong.</summary>
    public static void Protect(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = "sandbox; default-src 'none'; script-src 'none'; plugin-types application/pdf; style-src 'unsafe-inline'; object-src 'self';";
        headers["Cross-Origin-Resource-Policy"] = "cross-origin";
        headers["Referrer-Policy"] = "no-referrer";
        headers["X-Robots-Tag"] = "noindex, nofollow, noarchive, noimageindex";
        headers.XFrameOptions = "DENY";
    }

    /// <summary>Sends all of it, a part, or that the client has it already.</summary>
    public async Task SendAsync(MatrixRequest request, Served served)
    {
        var (http, headers) = (request.Http, request.Http.Response.Headers);
        var etag = $"\"{served.Key}\"";
        headers.ETag = etag;
        headers.AcceptRanges = "bytes";
        headers.CacheControl = "private, max-age=31536000, immutable";
        if (Matches(http.Request.Headers.IfNoneMatch.ToString(), etag))
        {
            http.Response.StatusCode = 304;
            return;
        }

        var asked = http.Request.Headers.IfRange.ToString() is { Length: > 0 } condition && condition != etag ? null : http.Request.Headers.Range.ToString();
        var range = ByteRange.Parse(asked, served.Size);
        if (range is { Count: 0 })
        {
            headers.ContentRange = $"bytes */{served.Size}";
            headers.CacheControl = "no-store";
            throw new Refusal(416, "M_INVALID_PARAM", "The file has no such part.");
        }

        var (from, count) = range is { } r ? (r.From, r.Count) : (0, served.Size);
        await using var bytes = await OpenAsync(served.Key, from, count, headers, request.Aborted).ConfigureAwait(false);
        if (range is not null)
        {
            http.Response.StatusCode = 206;
            headers.ContentRange = $"bytes {from}-{from + count - 1}/{served.Size}";
        }

        headers.ContentType = served.Type;
        headers.ContentDisposition = Disposition(served.Type, served.Name);
        headers.ContentLength = count;
        request.SaysItWaits();
        await CopyAsync(bytes, http, count).ConfigureAwait(false);
    }

    private async Task<Stream> OpenAsync(string key, long from, long count, IHeaderDictionary headers, CancellationToken aborted)
    {
        try
        {
            if (await blobs.OpenAsync(key, from, count, aborted).ConfigureAwait(false) is { } stream)
            {
                return stream;
            }
        }
        catch
        {
            NotCached();
            throw;
        }

        NotCached();
        throw MediaNames.NotFound();

        void NotCached()
        {
            headers.CacheControl = "no-store";
            headers.ETag = default;
        }
    }

    private static async Task CopyAsync(Stream from, HttpContext to, long count)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (count > 0)
            {
                var read = await from.ReadAsync(buffer.AsMemory(0, (int)Math.Min(count, BufferBytes)), to.RequestAborted).ConfigureAwait(false);
                if (read == 0)
                {
                    // Less than was promised: the client must not take it for the whole.
                    to.Abort();
                    return;
                }

                await to.Response.Body.WriteAsync(buffer.AsMemory(0, read), to.RequestAborted).ConfigureAwait(false);
                count -= read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static bool Matches(string ifNoneMatch, string etag) =>
        ifNoneMatch == "*" || ifNoneMatch.Split(',').Any(t => t.Trim() is var tag && (tag == etag || tag == "W/" + etag));

    /// <summary>RFC 6266: a plain name where it is ASCII, else one in RFC 5987's form; never anything that ends the header.</summary>
    private static string Disposition(string type, string? name)
    {
        var kind = Inline.Contains(MediaNames.Essence(type)) ? "inline" : "attachment";
        if (name is null)
        {
            return kind;
        }

        return name.All(c => c is >= ' ' and < '\x7f' and not ('"' or '\\' or '%'))
            ? $"{kind}; filename=\"{name}\""
            : $"{kind}; filename*=utf-8''{Escape(name)}";
    }

    private static string Escape(string name)
    {
        var escaped = new StringBuilder();
        foreach (var b in Encoding.UTF8.GetBytes(name))
        {
            _ = char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~'
                ? escaped.Append((char)b)
                : escaped.Append('%').Append(b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }

        return escaped.ToString();
    }
}
