using Causeway.Hosting;
using Causeway.Media.Upload;

namespace Causeway.Media.Download;

/// <summary>
/// GET /_matrix/client/v1/media/download/{serverName}/{mediaId} and .../{fileName}; the deprecated /_matrix/media/v3 form
/// where the setting allows it. Client-server API, "Content repository".
/// </summary>
internal sealed class DownloadMedia(MediaArrivals arrivals, MediaReply reply, IOrganisationResolver organisations, MediaOptions options) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        MediaReply.Protect(request.Http);
        if ((request.FindRequester is null && !options.Unauthenticated) || MediaNames.FindTarget(request, organisations) is not { } target)
        {
            throw MediaNames.NotFound();
        }

        var entry = await arrivals.GetAsync(request, target.Organisation.Id, target.Id).ConfigureAwait(false);
        await reply.SendAsync(
            request, new Served(entry.Hash!, entry.Size, entry.Type, MediaNames.CleanName(request.Path("fileName")) ?? entry.Name)).ConfigureAwait(false);
    }
}
