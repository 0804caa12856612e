using System.Runtime.InteropServices;
using Causeway.Accounts;
using Causeway.Server.Endpoints;

namespace Causeway.Server.Commands;

/// <summary><c>causeway serve</c>: runs the server until SIGTERM or Ctrl+C, then drains.</summary>
internal static class Serve
{
    /// <summary>Draining takes at most this long; what is not acknowledged by then never will be.</summary>
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(4.5);

    public static readonly Command Command = new("serve", "", "start the server (the default)", RunAsync)
    {
        Notes = "Each option is also a CAUSEWAY_* variable (CAUSEWAY_SERVER_NAME) and a member of the JSON file named by\n--config; the command line wins over variables, variables over the file.",
    };

    private static async Task<int> RunAsync(Arguments arguments)
    {
        var options = arguments.Settings;
        using var stop = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        var app = await CausewayApp.BuildAsync(options).ConfigureAwait(false);
        try
        {
            using var link = stop.Token.Register(app.Lifetime.StopApplication);
            if (!stop.IsCancellationRequested)
            {
                await StartAsync(app, options).ConfigureAwait(false);
                await app.WaitForShutdownAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Told to stop while it was starting.
        }
        finally
        {
            await CausewayApp.CloseAsync(app).ConfigureAwait(false);
        }

        return 0;

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            _ = ExitLaterAsync();
            stop.Cancel();
        }
    }

    private static async Task StartAsync(WebApplication app, ServerOptions options)
    {
        await app.StartAsync().ConfigureAwait(false);
        var address = (options.PublicUrl ?? app.Urls.First()).TrimEnd('/');
        Console.Out.WriteLine($"Causeway serves {app.Services.GetRequiredService<OrganisationStore>().Default.ServerName} at {address}");
        if (await app.Services.GetRequiredService<SetupLink>().OpenAsync().ConfigureAwait(false) is { } token)
        {
            Console.Out.WriteLine($"Open this link once to make the first administrator: {address}/_causeway/setup/{token}");
        }
    }

    /// <summary>A store that no longer answers must not keep the process from ending.</summary>
    private static async Task ExitLaterAsync()
    {
        await Task.Delay(DrainLimit).ConfigureAwait(false);
        await CommandLine.SayAsync("not everything could be drained in time; nothing acknowledged is lost.").ConfigureAwait(false);
        Environment.Exit(1);
    }
}
