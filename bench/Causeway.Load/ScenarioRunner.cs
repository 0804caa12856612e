using Causeway.Load.Scenarios;
using Causeway.Wire;

namespace Causeway.Load;

/// <summary>The scenarios by name; runs one and always comes back with a result.</summary>
internal sealed class ScenarioRunner(LoadOptions options, AccountPool accounts)
{
    private static readonly Dictionary<string, Func<LoadContext, Task>> Scenarios = new()
    {
        ["send"] = load => SendScenario.RunAsync(load, load.Options.Senders, load.Options.Rooms),
        ["hotroom"] = load => SendScenario.RunAsync(load, load.Options.Senders, 1),
        ["fanout"] = FanoutScenario.RunAsync,
        ["initialsync"] = InitialSyncScenario.RunAsync,
        ["incrementalsync"] = IncrementalSyncScenario.RunAsync,
        ["sliding"] = SlidingScenario.RunAsync,
        ["messages"] = MessagesScenario.RunAsync,
        ["login"] = LoginScenario.RunAsync,
        ["join"] = JoinScenario.RunAsync,
        ["idle"] = IdleScenario.RunAsync,
    };

    public static IEnumerable<string> Names => Scenarios.Keys;

    public static IReadOnlyList<string> Select(string list)
    {
        string[] names = list == "all" ? [.. Scenarios.Keys] : list.Split(',');
        return names.FirstOrDefault(name => !Scenarios.ContainsKey(name)) is { } unknown
            ? throw new UsageException($"Unknown scenario {unknown}. Known: all {string.Join(' ', Scenarios.Keys)}")
            : names;
    }

    public async Task<ScenarioResult> RunAsync(string name)
    {
        var result = new ScenarioResult(name);
        try
        {
            await Scenarios[name](new LoadContext(options, accounts, result));
        }
        catch (Exception e) when (e is SetupFailedException or IOException or InvalidOperationException)
        {
            result.Failure = e.Message;
        }

        return result;
    }
}
