namespace Causeway.Operations.Tests;

/// <summary>The history checker against the real program: nothing acknowledged is lost, whatever happens to the process.</summary>
public sealed class ContractTests
{
    private static readonly string Checker = Path.Combine(
        Path.GetDirectoryName(ServerProcess.Program)!.Replace(
            Path.Combine("src", "Causeway.Server"), Path.Combine("tools", "Causeway.HistoryChecker"), StringComparison.Ordinal),
        "Causeway.HistoryChecker.dll");

    [DatabaseTheory]
    [Trait("Category", "Slow")]
    public async Task The_contract_holds_while_the_server_is_killed_at_random_moments(string database)
    {
        await using var place = await Place.CreateAsync(database);
        string[] store = place.Connection is null ? [] : ["--database", place.Connection];
        using var process = Cli.StartProgram(
            Checker,
            ["--seed", "21", "--seconds", "15", "--faults", "kill", "--server-command", $"dotnet {ServerProcess.Program} serve", .. store]);

        var result = await Cli.EndAsync(process, "", TimeSpan.FromMinutes(3));

        Assert.True(result.Code == 0, result.Output + result.Errors);
        Assert.Contains("The contract held.", result.Output);
        Assert.Contains("Kill: ", result.Output);
    }
}
