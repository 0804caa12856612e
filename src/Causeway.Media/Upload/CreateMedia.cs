using Causeway.Hosting;
using Causeway.Media.Catalogue;

namespace Causeway.Media.Upload;

/// <summary>POST /_matrix/media/v1/create: an id for a later upload. Client-server API, "Content repository".</summary>
internal sealed class CreateMedia(MediaLibrary library) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var (user, organisation) = (request.Requester.User, request.Requester.Organisation);
        var id = library.NewId();
        var expires = await library.Catalogue.CreateAsync(organisation.Id, id, user.Value).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("content_uri"u8, $"mxc://{organisation.ServerName}/{id}");
            json.WriteNumber("unused_expires_at"u8, expires);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}
