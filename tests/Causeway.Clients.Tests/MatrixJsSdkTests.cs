using System.Text.Json;
using Causeway.TestKit;

namespace Causeway.Clients.Tests;

[Trait("Category", "Slow")]
public sealed class MatrixJsSdkTests
{
    private static readonly string Folder = Repository.PathOf("tests", "Causeway.Clients.Tests", "browser");

    [BrowserFact]
    public Task Two_people_in_Chromium_talk_through_matrix_js_sdk() => TellAsync("talk", steps: 12);

    [BrowserFact]
    public Task Two_people_in_Chromium_encrypt_verify_each_other_and_restore_a_key_backup() => TellAsync("secret", steps: 7);

    private static async Task TellAsync(string story, int steps)
    {
        var prepared = await Tool.RunAsync(TimeSpan.FromMinutes(5), Path.Combine(Folder, "prepare"));
        Assert.True(prepared.Code == 0, $"The page could not be built: {prepared.Output}{prepared.Errors}");
        await using var server = await ServerProcess.StartAsync();

        var script = Path.Combine(Folder, "two-people.mjs");
        var address = server.Address.GetLeftPart(UriPartial.Authority);
        var (_, output, errors) = await Tool.RunAsync(TimeSpan.FromMinutes(6), "node", script, "--server", address, "--story", story);

        Assert.True(output.StartsWith('{'), $"The script did not report: {output}{errors}");
        var report = JsonSerializer.Deserialize<JsonElement>(output);
        Assert.True(report.GetProperty("ok").GetBoolean(), $"{output}\nThe server said:\n{Tail(server.ReadLog())}");
        Assert.Equal(steps, report.GetProperty("steps").GetArrayLength());
    }

    private static string Tail(string log) => log.Length > 6000 ? log[^6000..] : log;
}
