using Causeway.HistoryChecker;
using Causeway.Wire;

try
{
    return await new CheckerRun(CheckerOptions.Read(args)).RunAsync();
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
