using Causeway.Hosting;
using Causeway.Media.Catalogue;
using Causeway.Media.Download;

namespace Causeway.Media.Upload;

/// <summary>PUT /_matrix/media/v3/upload/{serverName}/{mediaId}: the bytes of an id made earlier. Client-server API, "Content repository".</summary>
internal sealed class UploadToId(MediaLibrary library, MediaIntake intake, MediaArrivals arrivals, IOrganisationResolver organisations) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var user = request.Requester.User.Value;
        if (MediaNames.FindTarget(request, organisations) is not { } target || target.Organisation.Id != request.Requester.Organisation.Id)
        {
            throw MediaNames.NotFound();
        }

        await library.Catalogue.CheckAwaitedAsync(target.Organisation.Id, target.Id, user).ConfigureAwait(false);
        using (var file = await intake.ReceiveAsync(request).ConfigureAwait(false))
        {
            await intake.StoreAsync(request, file, media => library.Catalogue.FillAsync(target.Organisation.Id, target.Id, user, media)).ConfigureAwait(false);
        }

        arrivals.Announce(target.Organisation.Id, target.Id);
        await request.ReplyEmptyAsync().ConfigureAwait(false);
    }
}
