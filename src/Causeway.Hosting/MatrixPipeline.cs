using System.Diagnostics;
using System.Net.Sockets;
using Causeway.Storage;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Causeway.Hosting;

/// <summary>
/// What every endpoint goes through: organisation by host, token, guest rule, rate limit, then the handler; and the one
/// place where refusals and faults become answers.
/// </summary>
public sealed partial class MatrixPipeline(
    IAuthenticator authenticator,
    IOrganisationResolver organisations,
    RateLimiter limiter,
    HostingOptions options,
    ILogger<MatrixPipeline> logger)
{
    internal async Task RunAsync(HttpContext context, MatrixRoute route, IEndpoint endpoint)
    {
        var started = Stopwatch.GetTimestamp();
        try
        {
            var organisation = organisations.Resolve(context.Request.Host.Host is { Length: > 0 } h
                ? context.Request.Host.Port is { } port ? $"{h}:{port}" : h
                : null);
            var request = new MatrixRequest(context, organisation, options);
            await AuthenticateAsync(request, route.Access).ConfigureAwait(false);
            if (route.Rate != Rate.None)
            {
                limiter.Check(route.Rate, request);
            }

            await endpoint.HandleAsync(request).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await AnswerFaultAsync(context, e).ConfigureAwait(false);
        }

        // A slow operation is a defect to be seen (48 ms, as in EventStore); long-polls say themselves that they wait.
        if (Stopwatch.GetElapsedTime(started) is { TotalMilliseconds: > 48 } elapsed && !context.Items.ContainsKey(MatrixRequest.Waits))
        {
            LogSlow(route.Method, route.Path, elapsed.TotalMilliseconds);
        }
    }

    /// <summary>Writes the standard's error object; used for unknown paths and methods too.</summary>
    public static Task WriteAsync(HttpContext context, Refusal refusal)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return Task.CompletedTask;
        }

        context.Response.StatusCode = refusal.Status;
        if (refusal.RetryAfter is not null)
        {
            context.Response.Headers.RetryAfter = refusal.RetryAfterHeader;
        }

        return JsonReply.SendAsync(context, refusal.Status, refusal.WriteTo);
    }

    private async ValueTask AuthenticateAsync(MatrixRequest request, Access access)
    {
        if (access == Access.None)
        {
            return;
        }

        if (access == Access.Local)
        {
            if (!CameOverLocalSocket(request.Http))
            {
                throw Refusal.Unrecognized();
            }

            return;
        }

        if (request.Token is not { } token)
        {
            if (access != Access.Optional)
            {
                throw Refusal.MissingToken();
            }

            return;
        }

        var requester = await authenticator.AuthenticateAsync(token, request).ConfigureAwait(false);
        if (requester.Organisation.Id != request.Organisation.Id)
        {
            // Another organisation's token opens nothing here (D4: deny by default between organisations).
            throw Refusal.UnknownToken();
        }

        // A locked account can only sign out; its tokens stay good for the day the lock is lifted.
        if (requester.IsLocked && !request.Http.Request.Path.StartsWithSegments("/_matrix/client/v3/logout", StringComparison.Ordinal))
        {
            throw Refusal.Locked();
        }

        if (requester.IsGuest && access is Access.User or Access.Admin)
        {
            throw new Refusal(403, "M_GUEST_ACCESS_FORBIDDEN", "Guests cannot do this.");
        }

        if (access == Access.Admin && !requester.IsAdmin)
        {
            throw Refusal.Forbidden("Only administrators can do this.");
        }

        request.Authenticated(requester);
    }

    /// <summary>The kernel says on which socket the connection was accepted; nothing a client sends can change it.</summary>
    private bool CameOverLocalSocket(HttpContext context) =>
        context.Features.Get<IConnectionSocketFeature>()?.Socket.LocalEndPoint is UnixDomainSocketEndPoint end
        && options.LocalSocket is { } path && end.ToString() == path;

    private Task AnswerFaultAsync(HttpContext context, Exception fault)
    {
        switch (fault)
        {
            case Refusal refusal:
                return WriteAsync(context, refusal);
            case BadHttpRequestException { StatusCode: 413 }:
                return WriteAsync(context, Refusal.TooLarge("The request body is too large."));
            case BadHttpRequestException bad:
                return WriteAsync(context, new Refusal(bad.StatusCode, "M_UNKNOWN", "The request could not be read."));
            case OperationCanceledException when context.RequestAborted.IsCancellationRequested:
                return Task.CompletedTask;
            case UnstorableTextException:
                return WriteAsync(context, Refusal.InvalidParam(fault.Message));
            case StorageException:
                // Nothing was acknowledged; the client tries again with the same transaction id.
                LogFault(fault, context.Request.Path);
                return WriteAsync(context, new Refusal(503, "M_UNKNOWN", "The server cannot store this now. Try again."));
            default:
                LogFault(fault, context.Request.Path);
                return WriteAsync(context, new Refusal(500, "M_UNKNOWN", "An internal fault; it was logged."));
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Fault in {Path}")]
    private partial void LogFault(Exception fault, string path);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Slow: {Method} {Path} took {Milliseconds:0} ms")]
    private partial void LogSlow(string method, string path, double milliseconds);
}
