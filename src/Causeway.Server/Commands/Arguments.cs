namespace Causeway.Server.Commands;

/// <summary>An option of one command; a switch has no value.</summary>
internal sealed record Option(string Name, string? Value, string Meaning);

/// <summary>A command: its words, what it takes and what it does.</summary>
internal sealed record Command(string Name, string Operand, string Summary, Func<Arguments, Task<int>> RunAsync)
{
    public IReadOnlyList<Option> Options { get; init; } = [];

    /// <summary>More to say in --help.</summary>
    public string Notes { get; init; } = "";
}

/// <summary>What was typed after the command's words, sorted into its operand, its own options and settings.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, string> _own = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _settings = new(StringComparer.Ordinal);
    private string? _operand;

    private Arguments()
    {
    }

    /// <summary>The settings, from here, the environment and the file.</summary>
    public ServerOptions Settings => Commands.Settings.Gather(_settings);

    /// <summary>The word that is no option; every command that has one demands it.</summary>
    public string Operand => _operand ?? throw new InvalidOperationException("This command has no operand.");

    public bool Has(string option) => _own.ContainsKey(option);

    public string? Find(string option) => _own.GetValueOrDefault(option);

    public static Arguments Parse(Command command, IReadOnlyList<string> words)
    {
        var parsed = new Arguments();
        for (var i = 0; i < words.Count; i++)
        {
            if (!words[i].StartsWith("--", StringComparison.Ordinal))
            {
                if (command.Operand.Length == 0 || parsed._operand is not null)
                {
                    throw new UsageException($"'{words[i]}' is one word too many for 'causeway {command.Name}'.");
                }

                parsed._operand = words[i];
                continue;
            }

            var parts = words[i][2..].Split('=', 2);
            var own = command.Options.FirstOrDefault(o => o.Name == parts[0]);
            var isSetting = own is null && Commands.Settings.Known.Any(k => k.Name == parts[0]);
            if (own is null && !isSetting)
            {
                throw new UsageException($"there is no option '--{parts[0]}' of 'causeway {command.Name}'; --help lists them.");
            }

            if (own is { Value: null })
            {
                parsed._own[own.Name] = parts.Length == 1 ? "" : throw new UsageException($"--{own.Name} takes no value.");
                continue;
            }

            var value = parts.Length == 2 ? parts[1]
                : i + 1 < words.Count ? words[++i]
                : throw new UsageException($"--{parts[0]} needs a value.");
            (isSetting ? parsed._settings : parsed._own)[parts[0]] = value;
        }

        return command.Operand.Length == 0 || parsed._operand is not null
            ? parsed
            : throw new UsageException($"'causeway {command.Name}' needs {command.Operand}.");
    }
}
