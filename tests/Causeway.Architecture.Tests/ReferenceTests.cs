using System.Xml.Linq;

namespace Causeway.Architecture.Tests;

public sealed class ReferenceTests
{
    private const string Heading = """
        # Which room of the house may reference which: project, then the projects its .csproj names.
        # A new arrow is a decision. Rooms know no reader; who reacts depends on who acts (docs/adr).

        """;

    [Fact]
    public void Projects_reference_only_what_the_committed_list_allows()
    {
        var graph = House.Rooms.Select(room => $"{room.Name}: {string.Join(' ', References(room))}".TrimEnd()).ToList();

        House.CompareList(Path.Combine(House.Root, "docs", "rooms.txt"), graph, Heading);
    }

    [Fact]
    public void The_kernel_references_nothing()
    {
        var kernel = House.Rooms.Single(r => r.Name == "Causeway.Matrix");
        var packages = XDocument.Load(kernel.ProjectFile).Descendants("PackageReference").Select(e => e.ToString());

        Assert.Empty(References(kernel));
        Assert.Empty(packages);
    }

    [Fact]
    public void Every_project_is_part_of_the_solution()
    {
        var solution = XDocument.Load(Path.Combine(House.Root, "Causeway.slnx"));
        var named = solution.Descendants("Project").Select(p => p.Attribute("Path")!.Value.Replace('\\', '/'));
        var present = House.Files(["src", "tests", "bench", "tools"], ".csproj").Select(House.Relative);

        Assert.Empty(present.Except(named));
    }

    private static IEnumerable<string> References(Room room) =>
        from reference in XDocument.Load(room.ProjectFile).Descendants("ProjectReference")
        let path = reference.Attribute("Include")!.Value.Replace('\\', '/')
        orderby path
        select Path.GetFileNameWithoutExtension(path);
}
