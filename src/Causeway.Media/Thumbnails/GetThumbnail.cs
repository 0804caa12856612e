using System.Collections.Concurrent;
using Causeway.Hosting;
using Causeway.Media.Catalogue;
using Causeway.Media.Download;
using Causeway.Media.Upload;

namespace Causeway.Media.Thumbnails;

/// <summary>
/// GET /_matrix/client/v1/media/thumbnail/{serverName}/{mediaId}; the deprecated /_matrix/media/v3 form where the setting
/// allows it. Client-server API, "Thumbnails".
/// </summary>
internal sealed class GetThumbnail(
    MediaArrivals arrivals, ThumbnailMaker maker, MediaReply reply, IOrganisationResolver organisations, MediaOptions options) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        MediaReply.Protect(request.Http);
        if ((request.FindRequester is null && !options.Unauthenticated) || MediaNames.FindTarget(request, organisations) is not { } target)
        {
            throw MediaNames.NotFound();
        }

        var size = ThumbnailSize.Read(request);
        var entry = await arrivals.GetAsync(request, target.Organisation.Id, target.Id).ConfigureAwait(false);
        request.SaysItWaits();
        await reply.SendAsync(request, await maker.GetAsync(entry, size).ConfigureAwait(false)).ConfigureAwait(false);
    }
}

/// <summary>Finds or makes thumbnails; those who ask for the same one at the same time wait for one making.</summary>
internal sealed class ThumbnailMaker(MediaLibrary library, Thumbnailer thumbnailer, IdSource ids)
{
    /// <summary>Larger ones are answered M_TOO_LARGE: they do not fit into the child's memory.</summary>
    private const long MaxPixels = 50_000_000;
    private const long MaxBytes = 50L << 20;

    private readonly ConcurrentDictionary<string, Lazy<Task>> _making = new();

    /// <summary>What to serve: a thumbnail, or the original where it is small enough or nothing can be made of it.</summary>
    /// <exception cref="Refusal">It is no image, or too large a one.</exception>
    public async Task<Served> GetAsync(MediaEntry entry, ThumbnailSize? size)
    {
        var hash = entry.Hash!;
        var original = new Served(hash, entry.Size, entry.Type, entry.Name);
        if (size is { } wanted && await FindAsync(hash, wanted).ConfigureAwait(false) is { } known)
        {
            return known.Size > 0 ? known : original;
        }

        var image = await ReadHeaderAsync(entry).ConfigureAwait(false)
            ?? throw new Refusal(400, "M_UNKNOWN", "No thumbnail can be made of this file.");
        if (image.Pixels > MaxPixels || entry.Size > MaxBytes)
        {
            throw Refusal.TooLarge("The image is too large for a thumbnail.");
        }

        if (size is not { } making || making.IsLargerThan(image) || !thumbnailer.IsThere)
        {
            return original;
        }

        var key = MediaLibrary.ThumbnailKey(hash, making.Variant);
        try
        {
            // Who goes away does not stop it: others may wait for the same one.
            await _making.GetOrAdd(key, _ => new Lazy<Task>(() => MakeAsync(entry, image, making))).Value.ConfigureAwait(false);
        }
        finally
        {
            _making.TryRemove(key, out _);
        }

        return await FindAsync(hash, making).ConfigureAwait(false) is { Size: > 0 } made ? made : original;
    }

    private async Task<Served?> FindAsync(string hash, ThumbnailSize size) =>
        await library.Catalogue.FindThumbnailAsync(hash, size.Variant).ConfigureAwait(false) is { } found
            ? new Served(MediaLibrary.ThumbnailKey(hash, size.Variant), found.Size, found.Type, "thumbnail" + (found.Type == "image/png" ? ".png" : ".jpg"))
            : null;

    private async Task<ImageHeader?> ReadHeaderAsync(MediaEntry entry)
    {
        var count = (int)Math.Min(entry.Size, ImageHeader.BytesNeeded);
        await using var stream = await library.Blobs.OpenAsync(entry.Hash!, 0, count, default).ConfigureAwait(false) ?? throw MediaNames.NotFound();
        var start = new byte[count];
        return ImageHeader.Read(start.AsSpan(0, await stream.ReadAtLeastAsync(start, count, throwOnEndOfStream: false).ConfigureAwait(false)));
    }

    private async Task MakeAsync(MediaEntry entry, ImageHeader image, ThumbnailSize size)
    {
        // A JPEG has no transparency to lose.
        var (ending, type) = image.Type == "image/jpeg" ? ("jpg", "image/jpeg") : ("png", "image/png");
        var output = $"{ids.Letters(16)}.{ending}";
        var folder = library.TemporaryFolder;
        try
        {
            await using var from = await library.Blobs.OpenAsync(entry.Hash!, 0, entry.Size, default).ConfigureAwait(false) ?? throw MediaNames.NotFound();
            using var input = await library.ReceiveAsync(from, default, MaxBytes).ConfigureAwait(false);
            if (!await thumbnailer.MakeAsync(folder, Path.GetFileName(input.Path), output, size, default).ConfigureAwait(false))
            {
                // Remembered, so that a file that breaks the decoder is not given to it at every request.
                await library.StoreThumbnailAsync(entry.Hash!, size.Variant, null, type).ConfigureAwait(false);
                return;
            }

            await using var made = File.OpenRead(Path.Combine(folder, output));
            using var file = await library.ReceiveAsync(made, default, MaxBytes).ConfigureAwait(false);
            await library.StoreThumbnailAsync(entry.Hash!, size.Variant, file, type).ConfigureAwait(false);
        }
        finally
        {
            File.Delete(Path.Combine(folder, output));
        }
    }
}
