using System.Reflection;

namespace Causeway.Server.Commands;

/// <summary>The command line: the first word chooses the command, "serve" when there is none.</summary>
internal static class CommandLine
{
    private const string Help = """
        Causeway: business communication that an organisation runs itself.

        Usage: causeway [command] [options]

          serve      start the server (the default)

        causeway COMMAND --help tells more.
        """;

    public static async Task<int> RunAsync(string[] args)
    {
        var name = args is [var first, ..] && !first.StartsWith('-') ? first : "serve";
        var rest = args.Length > 0 && args[0] == name ? args[1..] : args;
        if (rest.Contains("--version"))
        {
            Console.Out.WriteLine("causeway " + typeof(CommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion);
            return 0;
        }

        if (args is ["--help" or "-h" or "help"])
        {
            Console.Out.WriteLine(Help);
            return 0;
        }

        try
        {
            switch (name)
            {
                case "serve":
                    return await Serve.RunAsync(rest).ConfigureAwait(false);
                default:
                    await Console.Error.WriteLineAsync($"causeway: there is no command '{name}'. causeway --help lists them.").ConfigureAwait(false);
                    return 2;
            }
        }
        catch (Exception e) when (e is UsageException or Storage.StorageException or Hosting.Refusal or IOException)
        {
            await Console.Error.WriteLineAsync("causeway: " + e.Message).ConfigureAwait(false);
            return e is UsageException ? 2 : 1;
        }
    }
}

/// <summary>The command line is wrong; the message is for the person who typed it.</summary>
internal sealed class UsageException(string message) : Exception(message);
