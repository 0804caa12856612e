using Causeway.Hosting;

namespace Causeway.Media.Previews;

/// <summary>GET /_matrix/client/v1/media/preview_url and /_matrix/media/v3/preview_url. Client-server API, "Content repository".</summary>
internal sealed class GetPreview(PreviewMaker maker, MediaOptions options) : IEndpoint
{
    private const int MaxUrlLength = 2048;

    public async Task HandleAsync(MatrixRequest request)
    {
        if (!options.UrlPreviews)
        {
            throw Refusal.Unrecognized();
        }

        var text = request.Query("url") ?? throw Refusal.MissingParam("url");
        _ = request.QueryInteger("ts");
        if (text.Length > MaxUrlLength || !Uri.TryCreate(text, UriKind.Absolute, out var url)
            || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
        {
            throw Refusal.InvalidParam("'url' is not an http or https address.");
        }

        request.SaysItWaits();
        await request.ReplyAsync(await maker.GetAsync(request.Requester.Organisation, url).ConfigureAwait(false)).ConfigureAwait(false);
    }
}
