using Causeway.Hosting;
using Causeway.Media.Catalogue;
using Causeway.Media.Upload;

namespace Causeway.Media.Moderation;

/// <summary>
/// DELETE /_synapse/admin/v1/media/{serverName}/{mediaId}: an administrator deletes a media of the organisation, its bytes
/// with the last use of them. In the form that the tools of administrators know; not of the standard.
/// </summary>
internal sealed class DeleteMedia(MediaLibrary library, IOrganisationResolver organisations) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var id = Owned(request, organisations);
        if (!await library.DeleteAsync(request.Requester.Organisation.Id, id).ConfigureAwait(false))
        {
            throw MediaNames.NotFound();
        }

        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("deleted_media"u8);
            json.WriteStringValue(id);
            json.WriteEndArray();
            json.WriteNumber("total"u8, 1);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }

    /// <summary>The id of a media of the administrator's own organisation.</summary>
    public static string Owned(MatrixRequest request, IOrganisationResolver organisations) =>
        MediaNames.FindTarget(request, organisations) is { } target && target.Organisation.Id == request.Requester.Organisation.Id
            ? target.Id
            : throw MediaNames.NotFound();
}
