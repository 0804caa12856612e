using System.Diagnostics;
using System.Globalization;

namespace Causeway.Operations.Tests;

/// <summary>What a command printed and how it ended.</summary>
internal sealed record CliResult(int Code, string Output, string Errors)
{
    public CliResult Ok() => Code == 0 ? this : throw new InvalidOperationException($"Exit code {Code}: {Output}{Errors}");
}

/// <summary>The server's program run as a command, as a person at a shell does.</summary>
internal static class Cli
{
    public static Task<CliResult> RunAsync(params string[] arguments) => RunAsync("", arguments);

    public static async Task<CliResult> RunAsync(string input, string[] arguments, (string Name, string Value)[]? environment = null)
    {
        using var process = Start(arguments, environment);
        return await EndAsync(process, input, TimeSpan.FromSeconds(60));
    }

    /// <summary>Writes the input, reads what it prints, waits for the end and kills it when that does not come.</summary>
    public static async Task<CliResult> EndAsync(Process process, string input, TimeSpan limit)
    {
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
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
            throw new TimeoutException($"{string.Join(' ', process.StartInfo.ArgumentList)} did not end: {await output} {await errors}");
        }
        return new CliResult(process.ExitCode, await output, await errors);
    }

    public static Process Start(string[] arguments, (string Name, string Value)[]? environment = null) =>
        StartProgram(ServerProcess.Program, arguments, environment);

    public static Process StartProgram(string program, string[] arguments, (string Name, string Value)[]? environment = null)
    {
        var start = new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? [])
        {
            start.Environment[name] = value;
        }
        return Process.Start(start) ?? throw new InvalidOperationException("dotnet could not be started.");
    }

    public static string FreeAddress() => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Ports.FindFree()}");
}

/// <summary>A folder of its own under the system's, gone when disposed.</summary>
internal sealed class Folder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("causeway-operations-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
