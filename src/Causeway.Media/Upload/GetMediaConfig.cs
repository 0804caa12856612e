using Causeway.Hosting;

namespace Causeway.Media.Upload;

/// <summary>GET /_matrix/client/v1/media/config and /_matrix/media/v3/config. Client-server API, "Content repository".</summary>
internal sealed class GetMediaConfig(MediaOptions options) : IEndpoint
{
    public Task HandleAsync(MatrixRequest request) => request.ReplyAsync(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("m.upload.size"u8, options.MaxUploadBytes);
        json.WriteEndObject();
    });
}
