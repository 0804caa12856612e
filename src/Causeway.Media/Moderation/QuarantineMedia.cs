using Causeway.Hosting;
using Causeway.Media.Catalogue;
using Causeway.Media.Upload;

namespace Causeway.Media.Moderation;

/// <summary>
/// POST /_synapse/admin/v1/media/quarantine/{serverName}/{mediaId}: the file is neither served nor taken in again in the
/// organisation, under whatever id. In the form that the tools of administrators know; not of the standard.
/// </summary>
internal sealed class QuarantineMedia(MediaLibrary library, IOrganisationResolver organisations) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var organisation = request.Requester.Organisation.Id;
        var id = DeleteMedia.Owned(request, organisations);
        var hash = await library.Catalogue.FindHashAsync(organisation, id).ConfigureAwait(false) ?? throw MediaNames.NotFound();
        await library.Catalogue.QuarantineAsync(organisation, hash, request.Requester.User.Value).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("num_quarantined"u8, 1);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}
