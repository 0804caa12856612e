using System.Globalization;

namespace Causeway.Wire;

/// <summary>CPU time and memory of a process and its children, from /proc (Linux only).</summary>
public sealed class ProcessFigures(int processId)
{
    // USER_HZ: what the kernel shows to programs has been 100 on every Linux platform .NET runs on.
    private const double TicksPerSecond = 100;

    public int ProcessId => processId;

    /// <summary>User and system time used until now.</summary>
    public TimeSpan CpuTime() =>
        TimeSpan.FromSeconds(Family().Sum(id => (Stat(id, 13) ?? 0) + (Stat(id, 14) ?? 0)) / TicksPerSecond);

    /// <summary>Resident memory in bytes.</summary>
    public long ResidentBytes() => Family().Sum(id => StatusKilobytes(id, "VmRSS:")) * 1024;

    /// <summary>Highest resident memory so far in bytes.</summary>
    public long PeakResidentBytes() => Family().Sum(id => StatusKilobytes(id, "VmHWM:")) * 1024;

    /// <summary>How many files and sockets a process may have open; 0 means this process.</summary>
    public static int OpenFileLimit(int id)
    {
        foreach (var line in File.ReadLines($"/proc/{(id == 0 ? "self" : id.ToString(CultureInfo.InvariantCulture))}/limits"))
        {
            if (line.StartsWith("Max open files", StringComparison.Ordinal))
            {
                var soft = line["Max open files".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
                return int.TryParse(soft, CultureInfo.InvariantCulture, out var limit) ? limit : int.MaxValue;
            }
        }

        return int.MaxValue;
    }

    /// <summary>The process and, where it is only a wrapper that started the server, its children.</summary>
    private List<int> Family()
    {
        List<int> family = [processId];
        for (var i = 0; i < family.Count; i++)
        {
            var children = $"/proc/{family[i]}/task/{family[i]}/children";
            if (TryRead(children) is { } text)
            {
                family.AddRange(text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                    .Select(id => int.Parse(id, CultureInfo.InvariantCulture)));
            }
        }

        return family;
    }

    private static long? Stat(int id, int field)
    {
        // The name of the program may contain spaces and brackets: count the fields from the last bracket.
        var text = TryRead($"/proc/{id}/stat");
        return text is null
            ? null
            : long.Parse(text[(text.LastIndexOf(')') + 2)..].Split(' ')[field - 2], CultureInfo.InvariantCulture);
    }

    private static long StatusKilobytes(int id, string name)
    {
        foreach (var line in (TryRead($"/proc/{id}/status") ?? string.Empty).Split('\n'))
        {
            if (line.StartsWith(name, StringComparison.Ordinal))
            {
                return long.Parse(line[name.Length..].Replace("kB", string.Empty, StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
            }
        }

        return 0;
    }

    private static string? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return null; // The process has ended.
        }
    }
}
