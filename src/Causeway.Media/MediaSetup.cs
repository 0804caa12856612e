using Causeway.Hosting;
using Causeway.Media.Blobs;
using Causeway.Media.Catalogue;
using Causeway.Media.Download;
using Causeway.Media.Moderation;
using Causeway.Media.Previews;
using Causeway.Media.Thumbnails;
using Causeway.Media.Upload;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Causeway.Media;

/// <summary>The two entry points of Media.</summary>
public static class MediaSetup
{
    /// <summary>Adds the services of Media.</summary>
    public static IServiceCollection AddMedia(this IServiceCollection services, MediaOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton<IBlobStore>(s => options.ObjectStorage is { } storage
            ? new S3Blobs(storage, s.GetRequiredService<OutboundOptions>(), s.GetRequiredService<TimeProvider>())
            : new FolderBlobs(Path.Combine(options.Folder, "files")));
        services.AddSingleton<MediaCatalogue>();
        services.AddSingleton<MediaLibrary>();
        services.AddSingleton<MediaIntake>();
        services.AddSingleton<MediaArrivals>();
        services.AddSingleton<MediaReply>();
        services.AddSingleton<Thumbnailer>();
        services.AddSingleton<ThumbnailMaker>();
        services.AddSingleton<PreviewStore>();
        services.AddSingleton<PreviewMaker>();
        services.AddSingleton<MediaSweep>();
        services.AddHostedService(s => s.GetRequiredService<MediaSweep>());
        return services;
    }

    /// <summary>Maps the endpoints of Media.</summary>
    public static void MapMedia(this IEndpointRouteBuilder routes)
    {
        const string client = "/_matrix/client/v1/media";
        const string old = "/_matrix/media/v3";
        const string media = "{serverName}/{mediaId}";
        routes.MapMatrix<UploadMedia>($"POST {old}/upload", Access.User, Rate.Upload);
        routes.MapMatrix<CreateMedia>("POST /_matrix/media/v1/create", Access.User, Rate.Upload);
        routes.MapMatrix<UploadToId>($"PUT {old}/upload/{media}", Access.User, Rate.Upload);
        routes.MapMatrix<DownloadMedia>([$"GET {client}/download/{media}", $"GET {client}/download/{media}/{{fileName}}"], Access.Guest, Rate.Download);
        routes.MapMatrix<DownloadMedia>([$"GET {old}/download/{media}", $"GET {old}/download/{media}/{{fileName}}"], Access.None, Rate.Download);
        routes.MapMatrix<GetThumbnail>($"GET {client}/thumbnail/{media}", Access.Guest, Rate.Download);
        routes.MapMatrix<GetThumbnail>($"GET {old}/thumbnail/{media}", Access.None, Rate.Download);
        routes.MapMatrix<GetMediaConfig>([$"GET {client}/config", $"GET {old}/config"], Access.User, Rate.Other);
        routes.MapMatrix<GetPreview>([$"GET {client}/preview_url", $"GET {old}/preview_url"], Access.User, Rate.Other);
        routes.MapMatrix<DeleteMedia>($"DELETE /_synapse/admin/v1/media/{media}", Access.Admin);
        routes.MapMatrix<QuarantineMedia>($"POST /_synapse/admin/v1/media/quarantine/{media}", Access.Admin);
    }

    /// <summary>The thumbnail program, or null where it is not installed.</summary>
    public static string? FindThumbnailer() => Thumbnailer.FindProgram();
}
