using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Causeway.Hosting;

/// <summary>Services and middleware of the shared pipeline.</summary>
public static class HostingSetup
{
    /// <summary>Adds the pipeline's services.</summary>
    public static IServiceCollection AddHosting(this IServiceCollection services, HostingOptions options)
    {
        services.AddSingleton(options);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IdSource>();
        services.AddSingleton<RateLimiter>();
        services.AddSingleton(options.Outbound);
        services.AddSingleton<OutboundClient>();
        services.AddSingleton<MatrixPipeline>();
        return services;
    }

    /// <summary>
    /// CORS on every answer, errors too; OPTIONS answered without a token; unknown paths 404 and unknown methods 405
    /// with M_UNRECOGNIZED (Client-server API, "Web browser clients" and "API standards").
    /// </summary>
    public static void UseMatrixConventions(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        var headers = context.Response.Headers;
        headers.AccessControlAllowOrigin = "*";
        headers.AccessControlAllowMethods = "GET, POST, PUT, DELETE, OPTIONS, HEAD, PATCH";
        headers.AccessControlAllowHeaders = "X-Requested-With, Content-Type, Authorization, Date";
        headers.AccessControlExposeHeaders = "Retry-After, Content-Disposition, ETag";
        headers.XContentTypeOptions = "nosniff";
        if (HttpMethods.IsOptions(context.Request.Method))
        {
            context.Response.StatusCode = 204;
            return;
        }

        // Clients of before 2021 say r0 for what is v3 since; the wire is the same.
        if (context.Request.Path.Value is { } path && path.StartsWith("/_matrix/client/r0/", StringComparison.Ordinal))
        {
            context.Request.Path = "/_matrix/client/v3/" + path["/_matrix/client/r0/".Length..];
        }

        await next(context).ConfigureAwait(false);
        if (!context.Response.HasStarted && context.Response.StatusCode is 404 or 405 && context.Response.ContentLength is null)
        {
            await MatrixPipeline.WriteAsync(context, new Refusal(
                context.Response.StatusCode, "M_UNRECOGNIZED", "This server does not know this endpoint.")).ConfigureAwait(false);
        }
    });
}
