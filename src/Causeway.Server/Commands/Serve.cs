using Causeway.Server.Endpoints;

namespace Causeway.Server.Commands;

/// <summary><c>causeway serve</c>: runs the server until SIGTERM or Ctrl+C, then drains.</summary>
internal static class Serve
{
    public static async Task<int> RunAsync(string[] args)
    {
        if (args.Contains("--help"))
        {
            Settings.WriteHelp("Usage: causeway serve [options]");
            return 0;
        }

        var options = Settings.Parse(args);
        var app = await CausewayApp.BuildAsync(options).ConfigureAwait(false);
        try
        {
            await app.StartAsync().ConfigureAwait(false);
            var address = app.Urls.First();
            Console.Out.WriteLine($"Causeway serves {options.ServerName} at {address}");
            if (await app.Services.GetRequiredService<SetupLink>().OpenAsync().ConfigureAwait(false) is { } token)
            {
                Console.Out.WriteLine($"Open this link once to make the first administrator: {address.TrimEnd('/')}/_causeway/setup/{token}");
            }

            await app.WaitForShutdownAsync().ConfigureAwait(false);
        }
        finally
        {
            await CausewayApp.CloseAsync(app).ConfigureAwait(false);
        }

        return 0;
    }
}
