using Causeway.Hosting;
using Causeway.Media.Blobs;
using Causeway.Media.Catalogue;
using Microsoft.AspNetCore.Http.Features;

namespace Causeway.Media.Upload;

/// <summary>Takes a request's body in: limits first, then the bytes, never more than a buffer of them in memory.</summary>
internal sealed class MediaIntake(MediaLibrary library, MediaOptions options)
{
    public async Task<SpooledFile> ReceiveAsync(MatrixRequest request)
    {
        var length = request.Http.Request.ContentLength;
        if (length > options.MaxUploadBytes)
        {
            throw Refusal.TooLarge($"A file may have at most {options.MaxUploadBytes} bytes.");
        }

        await library.Catalogue.CheckQuotaAsync(request.Requester.User.Value, length ?? 0).ConfigureAwait(false);
        if (request.Http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } kestrel)
        {
            // The spooled file counts the bytes itself.
            kestrel.MaxRequestBodySize = null;
        }

        request.SaysItWaits();
        return await library.ReceiveAsync(request.Http.Request.Body, request.Aborted).ConfigureAwait(false);
    }

    public Task StoreAsync(MatrixRequest request, SpooledFile file, Func<NewMedia, Task> enter) => library.StoreAsync(
        file, MediaNames.ReadType(request.Http.Request.ContentType), MediaNames.CleanName(request.Query("filename")), enter);
}
