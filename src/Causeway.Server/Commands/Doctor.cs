using Causeway.Server.Diagnosis;

namespace Causeway.Server.Commands;

/// <summary><c>causeway doctor</c>: looks at a deployment, changes nothing.</summary>
internal static class Doctor
{
    public static readonly Command Command = new("doctor", "", "check a deployment and say how to mend each fault", RunAsync)
    {
        Notes = "Give it the settings that the server has. A line for each check; the exit code is 1 when there is a fault.",
    };

    private static async Task<int> RunAsync(Arguments arguments)
    {
        ServerOptions options;
        try
        {
            options = arguments.Settings;
        }
        catch (UsageException e)
        {
            Write(Finding.Fault("settings", e.Message, "correct this setting; 'causeway serve --help' lists all of them"));
            return 1;
        }

        Write(Finding.Ok("settings", "readable"));
        var faults = 0;
        foreach (var check in (Func<ServerOptions, IAsyncEnumerable<Finding>>[])
            [MachineChecks.RunAsync, FolderChecks.RunAsync, StoreChecks.RunAsync, NetworkChecks.RunAsync])
        {
            await foreach (var finding in check(options).ConfigureAwait(false))
            {
                Write(finding);
                faults += finding.Level == Level.Fault ? 1 : 0;
            }
        }

        Console.Out.WriteLine(faults switch
        {
            0 => "No fault found.",
            1 => "One fault found.",
            _ => $"{faults} faults found.",
        });
        return faults == 0 ? 0 : 1;
    }

    private static void Write(Finding finding)
    {
        var mark = finding.Level switch { Level.Ok => "ok   ", Level.Notice => "note ", Level.Fault => "FAULT" };
        Console.Out.WriteLine($"{mark} {finding.What}: {finding.Says}");
        if (finding.Fix is { } fix)
        {
            Console.Out.WriteLine($"      fix: {fix}");
        }
    }
}
