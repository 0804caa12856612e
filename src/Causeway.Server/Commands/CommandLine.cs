using System.Reflection;

namespace Causeway.Server.Commands;

/// <summary>The command line: the first words choose the command, "serve" when there are none.</summary>
internal static class CommandLine
{
    private static readonly Command[] Commands =
    [
        Serve.Command, UserAdd.Command, UserPasswd.Command, UserList.Command, OrgAdd.Command, OrgList.Command,
        TokenAdd.Command, SearchRebuild.Command, Doctor.Command, Backup.Command, Restore.Command, Bench.Command,
    ];

    /// <summary>This build's version.</summary>
    public static string Version { get; } =
        typeof(CommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            return await ChooseAsync(args).ConfigureAwait(false);
        }
        catch (UsageException e)
        {
            await SayAsync(e.Message).ConfigureAwait(false);
            return 2;
        }
        catch (Exception e) when (e is CommandException or Storage.StorageException or Hosting.Refusal or IOException or UnauthorizedAccessException)
        {
            await SayAsync(e.Message).ConfigureAwait(false);
            return 1;
        }
    }

    /// <summary>A sentence on the error output.</summary>
    public static Task SayAsync(string sentence) => Console.Error.WriteLineAsync("causeway: " + sentence);

    private static async Task<int> ChooseAsync(string[] args)
    {
        if (args is ["--help" or "-h" or "help", ..])
        {
            WriteHelp(Commands);
            return 0;
        }

        if (args is ["--version" or "version"])
        {
            Console.Out.WriteLine("causeway " + Version);
            return 0;
        }

        var words = args.TakeWhile(a => !a.StartsWith('-')).ToList();
        var command = words.Count == 0 ? Serve.Command : Commands.FirstOrDefault(c => StartsWith(words, c.Name.Split(' ')));
        if (command is null)
        {
            var group = Commands.Where(c => c.Name.StartsWith(words[0] + " ", StringComparison.Ordinal)).ToArray();
            if (group.Length > 0 && words.Count == 1)
            {
                WriteHelp(group);
                return args.Contains("--help") ? 0 : 2;
            }

            throw new UsageException($"there is no command '{string.Join(' ', words.Take(2))}'. causeway --help lists them.");
        }

        var rest = args[(words.Count == 0 ? 0 : command.Name.Split(' ').Length)..];
        if (rest.Contains("--version"))
        {
            Console.Out.WriteLine("causeway " + Version);
            return 0;
        }

        if (rest.Contains("--help") || rest.Contains("-h"))
        {
            WriteHelp(command);
            return 0;
        }

        return await command.RunAsync(Arguments.Parse(command, rest)).ConfigureAwait(false);
    }

    private static bool StartsWith(List<string> words, string[] name) => words.Take(name.Length).SequenceEqual(name);

    private static void WriteHelp(Command[] commands)
    {
        Console.Out.WriteLine("Causeway: business communication that an organisation runs itself.\n\nUsage: causeway [command] [options]\n");
        foreach (var command in commands)
        {
            Console.Out.WriteLine($"  {$"{command.Name} {command.Operand}",-20} {command.Summary}");
        }

        Console.Out.WriteLine("\nWithout a command it serves. 'causeway COMMAND --help' tells more.");
    }

    private static void WriteHelp(Command command)
    {
        var operand = command.Operand.Length == 0 ? "" : command.Operand + " ";
        Console.Out.WriteLine($"Usage: causeway {command.Name} {operand}[options]\n\n{Sentence(command.Summary)} {command.Notes}".TrimEnd());
        Console.Out.WriteLine();
        foreach (var option in command.Options)
        {
            Console.Out.WriteLine($"  {$"--{option.Name} {option.Value}",-42} {option.Meaning}");
        }

        if (command != Serve.Command)
        {
            Console.Out.WriteLine("  Settings such as --data and --config are those of 'causeway serve'.");
            return;
        }

        foreach (var (name, value, meaning) in Settings.Known)
        {
            Console.Out.WriteLine($"  {$"--{name} {value}",-42} {meaning}");
        }
    }

    private static string Sentence(string summary) => char.ToUpperInvariant(summary[0]) + summary[1..] + ".";
}

/// <summary>The command line is wrong; the message is for the person who typed it.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>The command could not do its work; the message is for the person who typed it.</summary>
internal sealed class CommandException(string message) : Exception(message);
