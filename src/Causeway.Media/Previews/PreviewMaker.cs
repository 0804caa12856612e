using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Causeway.Hosting;
using Causeway.Media.Catalogue;
using Causeway.Media.Thumbnails;
using Causeway.Media.Upload;
using Microsoft.Extensions.Logging;

namespace Causeway.Media.Previews;

/// <summary>
/// Fetches a page and its picture through the one way out, with limits on time and bytes, and keeps what it found. Those
/// who ask for the same page at the same time wait for one fetch.
/// </summary>
internal sealed partial class PreviewMaker(
    PreviewStore store, MediaLibrary library, OutboundClient outbound, MediaOptions options, TimeProvider clock, ILogger<PreviewMaker> logger)
{
    private const int PageBytes = 512 << 10;
    private const int ImageBytes = 10 << 20;
    private const long ImagePixels = 100_000_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Fresh = TimeSpan.FromHours(12);
    private static readonly TimeSpan FreshFailure = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<(long, string), Lazy<Task<StoredPreview>>> _making = new();
    private readonly SemaphoreSlim _fetches = new(16);

    /// <summary>The preview's JSON.</summary>
    /// <exception cref="Refusal">None can be made: one answer for every reason, since the reason may tell of the inner network.</exception>
    public async Task<byte[]> GetAsync(Organisation organisation, Uri url)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(url.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped))));
        var preview = await store.FindAsync(organisation.Id, hash).ConfigureAwait(false);
        if (preview is null || !IsFresh(preview))
        {
            var key = (organisation.Id, hash);
            try
            {
                preview = await _making.GetOrAdd(key, _ => new Lazy<Task<StoredPreview>>(() => MakeAsync(organisation, hash, url))).Value.ConfigureAwait(false);
            }
            finally
            {
                _making.TryRemove(key, out _);
            }
        }

        return preview.Json.Length > 0 ? preview.Json : throw new Refusal(502, "M_UNKNOWN", "No preview can be made of this address.");
    }

    private bool IsFresh(StoredPreview preview) =>
        clock.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(preview.Fetched) < (preview.Json.Length > 0 ? Fresh : FreshFailure);

    private async Task<StoredPreview> MakeAsync(Organisation organisation, string hash, Uri url)
    {
        await _fetches.WaitAsync().ConfigureAwait(false);
        try
        {
            var earlier = await store.FindAsync(organisation.Id, hash).ConfigureAwait(false);
            if (earlier is not null && IsFresh(earlier))
            {
                return earlier;
            }

            var made = await FetchAsync(organisation, url, earlier?.MediaId).ConfigureAwait(false);
            await store.SetAsync(organisation.Id, hash, made).ConfigureAwait(false);
            if (earlier?.MediaId is { } old && old != made.MediaId)
            {
                await library.DeleteAsync(organisation.Id, old).ConfigureAwait(false);
            }

            return made;
        }
        finally
        {
            _fetches.Release();
        }
    }

    private async Task<StoredPreview> FetchAsync(Organisation organisation, Uri url, string? earlierImage)
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds();
        try
        {
            var (page, imageUrl) = await ReadPageAsync(url).ConfigureAwait(false);
            var image = imageUrl is null ? null : await StoreImageAsync(organisation, imageUrl, earlierImage).ConfigureAwait(false);
            return new StoredPreview(PreviewJson.Write(page, organisation, image), image?.Id, now);
        }
        catch (OutboundException e)
        {
            LogFailed(e.Fault, e.Message);
            return new StoredPreview([], null, now);
        }
    }

    /// <summary>What the page says and where its picture is; an image is its own picture, anything else is not read.</summary>
    private async Task<(PageFacts? Page, Uri? Image)> ReadPageAsync(Uri url)
    {
        using var answer = await outbound.SendAsync(Request(url, "text/html,application/xhtml+xml,image/*;q=0.8", long.MaxValue)).ConfigureAwait(false);
        if (answer.Status != 200)
        {
            throw new OutboundException(OutboundFault.Failed, $"{url} answers {answer.Status}.");
        }

        var type = MediaNames.Essence(answer.Find("Content-Type") ?? "");
        if (type.StartsWith("image/", StringComparison.Ordinal))
        {
            return (null, answer.Url);
        }

        if (type is not ("text/html" or "application/xhtml+xml"))
        {
            return (null, null);
        }

        await using var body = await answer.OpenBodyAsync().ConfigureAwait(false);
        var bytes = new byte[PageBytes];
        var length = await body.ReadAtLeastAsync(bytes, PageBytes, throwOnEndOfStream: false).ConfigureAwait(false);
        var page = PageReader.Read(PageReader.Decode(bytes.AsSpan(0, length), answer.Find("Content-Type")));
        var picture = page.Find("og:image:secure_url") ?? page.Find("og:image") ?? page.Find("og:image:url") ?? page.Find("twitter:image");
        return (page, Uri.TryCreate(answer.Url, picture, out var image) ? image : null);
    }

    /// <summary>The picture as a media; null when it cannot be had, which spoils no preview.</summary>
    private async Task<PreviewImage?> StoreImageAsync(Organisation organisation, Uri url, string? earlier)
    {
        try
        {
            using var answer = await outbound.SendAsync(Request(url, "image/*", ImageBytes)).ConfigureAwait(false);
            if (answer.Status != 200)
            {
                return null;
            }

            await using var body = await answer.OpenBodyAsync().ConfigureAwait(false);
            using var file = await library.ReceiveAsync(body, default, ImageBytes).ConfigureAwait(false);
            if (await ReadHeaderAsync(file.Path).ConfigureAwait(false) is not { Pixels: < ImagePixels } image)
            {
                return null;
            }

            if (earlier is not null && await library.Catalogue.FindHashAsync(organisation.Id, earlier).ConfigureAwait(false) == file.Hash)
            {
                return new PreviewImage(earlier, image, file.Size);
            }

            var id = library.NewId();
            await library.StoreAsync(file, image.Type, null, media => library.Catalogue.AddAsync(organisation.Id, id, "", media)).ConfigureAwait(false);
            return new PreviewImage(id, image, file.Size);
        }
        catch (Exception e) when (e is OutboundException or Refusal)
        {
            LogFailed((e as OutboundException)?.Fault ?? OutboundFault.Failed, e.Message);
            return null;
        }
    }

    private static async Task<ImageHeader?> ReadHeaderAsync(string path)
    {
        await using var file = File.OpenRead(path);
        var start = new byte[Math.Min(file.Length, ImageHeader.BytesNeeded)];
        await file.ReadExactlyAsync(start).ConfigureAwait(false);
        return ImageHeader.Read(start);
    }

    private OutboundRequest Request(Uri url, string accept, long maxBytes) => new(HttpMethod.Get, url)
    {
        Headers = [("Accept", accept), ("Accept-Language", options.PreviewLanguages), ("User-Agent", "Mozilla/5.0 (compatible; Causeway; URL preview bot)")],
        MaxRedirects = 5,
        MaxBodyBytes = maxBytes,
        Timeout = Patience,
        AcceptCompressed = true,
    };

    [LoggerMessage(Level = LogLevel.Debug, Message = "No preview ({Fault}): {Reason}")]
    private partial void LogFailed(OutboundFault fault, string reason);
}
