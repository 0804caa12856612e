using Causeway.Load;
using Causeway.Load.Standard;
using Causeway.Wire;

HttpConnection.RunContinuationsInline();
try
{
    return args is ["standard", ..] ? await StandardSet.RunAsync(args[1..]) : await RunScenariosAsync(args);
}
catch (UsageException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
catch (InvalidOperationException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}

static async Task<int> RunScenariosAsync(string[] arguments)
{
    var line = new CommandLine(arguments, LoadOptions.Names);
    var processId = line.GetNumber("--server-pid", 0);
    var options = LoadOptions.Read(
        line,
        CommandLine.LoopbackEndpoint(line.Get("--server", "http://127.0.0.1:8008")),
        processId == 0 ? null : new ProcessFigures(processId));
    var runner = new ScenarioRunner(options, new AccountPool(options));
    List<ScenarioResult> results = [];
    foreach (var name in ScenarioRunner.Select(line.Get("--scenario", "send")))
    {
        var result = await runner.RunAsync(name);
        results.Add(result);
        Console.Out.WriteLine(JsonReport.Text(result.Write));
    }

    if (line.Find("--json") is { } path)
    {
        File.WriteAllText(path, JsonReport.Text(json => JsonReport.WriteAll(json, results)));
    }

    return results.Any(result => result.Failure is not null) ? 1 : 0;
}
