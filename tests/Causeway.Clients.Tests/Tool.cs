using System.Diagnostics;

namespace Causeway.Clients.Tests;

/// <summary>The programs these tests run beside the server, and whether they are here.</summary>
internal static class Tool
{
    public static string? WhyNoBrowser { get; } =
        !Works("node", "--version") ? "Node.js is not installed"
        : !File.Exists(Chromium) ? "Chromium is not installed (apt-get install chromium)"
        : null;

    /// <summary>The Python that has nio: Debian's own, even where another comes first on the path.</summary>
    public static string? Python { get; } =
        new[] { "/usr/bin/python3", "python3" }.FirstOrDefault(python => Works(python, "-c", "import nio"));

    private static string Chromium => Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium";

    public static Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} could not be started.");
    }

    /// <summary>Runs a program to its end; when it takes longer than the limit it and its children are ended.</summary>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(
        TimeSpan limit, string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(limit);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} took longer than {limit.TotalSeconds:0} s: {await output} {await errors}");
        }
        return (process.ExitCode, await output, await errors);
    }

    private static bool Works(string program, params string[] arguments)
    {
        try
        {
            using var process = Start(program, arguments);
            return process.WaitForExit(TimeSpan.FromSeconds(20)) && process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}

/// <summary>A test that needs Node.js and Chromium.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute() => Skip = Tool.WhyNoBrowser;
}

/// <summary>A test that needs Python with matrix-nio.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NioFactAttribute : FactAttribute
{
    public NioFactAttribute() =>
        Skip = Tool.Python == null ? "python3-matrix-nio is not installed (apt-get install python3-matrix-nio)" : null;
}
