using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Causeway.Media.Tests;

/// <summary>Somebody else's web server, on 127.0.0.1.</summary>
internal sealed class FakePages : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakePages(WebApplication app) => _app = app;

    public int Port { get; private set; }

    /// <summary>The paths that were asked for, with the host.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public static async Task<FakePages> StartAsync(Func<HttpContext, Task> answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(k => k.Limits.MaxRequestBodySize = null);
        var app = builder.Build();
        var pages = new FakePages(app);
        app.Run(context =>
        {
            pages.Asked.Enqueue($"{context.Request.Host.Host}{context.Request.Path}");
            return answer(context);
        });
        await app.StartAsync();
        pages.Port = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
        return pages;
    }

    /// <summary>A site whose pages are these, with a type before a bar.</summary>
    public static Task<FakePages> StartAsync(Dictionary<string, string> pages) => StartAsync(async context =>
    {
        if (!pages.TryGetValue(context.Request.Path, out var page))
        {
            context.Response.StatusCode = 404;
            return;
        }

        var (type, body) = (page.Split('|', 2)[0], page.Split('|', 2)[1]);
        if (type == "redirect")
        {
            context.Response.Redirect(body);
            return;
        }

        context.Response.ContentType = type;
        await context.Response.Body.WriteAsync(body == "{picture}" ? Pictures.Png(40, 30, seed: 9) : System.Text.Encoding.UTF8.GetBytes(body));
    });

    public string Url(string path, string host = "www.page.example") => $"http://{host}:{Port}{path}";

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
