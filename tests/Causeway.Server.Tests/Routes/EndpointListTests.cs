using System.Text;
using System.Text.RegularExpressions;
using Causeway.Hosting;
using Causeway.TestKit;
using Xunit;

namespace Causeway.Server.Tests.Routes;

/// <summary>
/// docs/endpoints.md says which endpoints of the standard are there; it is made from the route table and must be as
/// committed. CAUSEWAY_UPDATE_LISTS=1 writes it anew.
/// </summary>
public sealed partial class EndpointListTests
{
    private static readonly string File = Repository.PathOf("docs", "endpoints.md");
    private static readonly string Standard = Repository.PathOf("tests", "Causeway.Server.Tests", "spec", "endpoints.csv");

    [Fact]
    public async Task The_committed_list_of_endpoints_is_that_of_the_route_table()
    {
        var server = await TestServer.SharedAsync(Databases.Sqlite);
        var made = Write(RouteTable.Of(server), [.. System.IO.File.ReadLines(Standard).Skip(1).Select(Row.Parse)]);
        if (Environment.GetEnvironmentVariable("CAUSEWAY_UPDATE_LISTS") == "1")
        {
            await System.IO.File.WriteAllTextAsync(File, made);
        }

        Assert.True(
            made == (System.IO.File.Exists(File) ? await System.IO.File.ReadAllTextAsync(File) : ""),
            "docs/endpoints.md is not what the route table says. If the change is meant: CAUSEWAY_UPDATE_LISTS=1 dotnet test tests/Causeway.Server.Tests --filter EndpointListTests");
    }

    private static string Write(List<MatrixRoute> routes, List<Row> standard)
    {
        var mapped = routes.Select(r => Key(r.Method, r.Path)).ToHashSet();
        var known = standard.Select(r => Key(r.Method, r.Path)).ToHashSet();
        var text = new StringBuilder();
        text.Append($"""
            # Endpoints

            Made from the route table by `EndpointListTests` against the endpoints of the Client-server API; do not edit.
            {standard.Count(r => mapped.Contains(Key(r.Method, r.Path)))} of {standard.Count} are there
            ({standard.Count(r => !r.Deprecated && mapped.Contains(Key(r.Method, r.Path)))} of the {standard.Count(r => !r.Deprecated)} that are not deprecated).
            Paths of the old version `r0` are answered as `v3`.


            """);
        foreach (var module in standard.GroupBy(r => r.Module).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            text.Append($"## {module.Key}\n\n| there | endpoint | |\n|---|---|---|\n");
            foreach (var row in module.OrderBy(r => r.Path, StringComparer.Ordinal).ThenBy(r => r.Method, StringComparer.Ordinal))
            {
                var mark = mapped.Contains(Key(row.Method, row.Path)) ? "yes" : "no";
                text.Append($"| {mark} | `{row.Method} {row.Path}` | {(row.Deprecated ? "deprecated" : "")} |\n");
            }

            text.Append('\n');
        }

        text.Append("## Beyond the Client-server API\n\n");
        foreach (var route in routes.Where(r => !known.Contains(Key(r.Method, r.Path))))
        {
            text.Append($"- `{route.Method} {route.Path}`\n");
        }

        return text.ToString();
    }

    private static string Key(string method, string path) =>
        $"{method} {Placeholder().Replace(path, "{}").TrimEnd('/')}";

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Placeholder();

    private sealed record Row(string Method, string Path, string Module, bool Deprecated)
    {
        public static Row Parse(string line)
        {
            var parts = line.Split(',');
            return new Row(parts[0], parts[1], string.Join(',', parts[2..^1]).Trim('"'), parts[^1] == "yes");
        }
    }
}
