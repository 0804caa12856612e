using Causeway.Hosting;
using Causeway.Media.Catalogue;

namespace Causeway.Media.Upload;

/// <summary>POST /_matrix/media/v3/upload. Client-server API, "Content repository".</summary>
internal sealed class UploadMedia(MediaLibrary library, MediaIntake intake) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var (user, organisation) = (request.Requester.User, request.Requester.Organisation);
        var id = library.NewId();
        using (var file = await intake.ReceiveAsync(request).ConfigureAwait(false))
        {
            await intake.StoreAsync(request, file, media => library.Catalogue.AddAsync(organisation.Id, id, user.Value, media)).ConfigureAwait(false);
        }

        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("content_uri"u8, $"mxc://{organisation.ServerName}/{id}");
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}
