using System.Text.RegularExpressions;

namespace Causeway.Architecture.Tests;

public sealed partial class SizeTests
{
    private static readonly string[] BannedFolders =
        ["Services", "Models", "Helpers", "Utils", "Interfaces", "Dtos", "Managers", "Common"];

    [Theory]
    [InlineData("src", 600)]
    [InlineData("web", 600)]
    [InlineData("tests", 900)]
    [InlineData("bench", 600)]
    [InlineData("tools", 600)]
    public void No_file_is_longer_than_the_budget(string folder, int budget)
    {
        var tooLong = from file in House.Files([folder], ".cs", ".ts", ".tsx", ".mjs", ".py")
                      let lines = File.ReadLines(file).Count()
                      where lines > budget
                      select $"{House.Relative(file)}: {lines} lines";

        Assert.Empty(tooLong);
    }

    [Fact]
    public void Constructors_take_at_most_seven_parameters() =>
        Assert.Empty(House.Rooms.SelectMany(room => Metadata.LongConstructors(room.Assembly, 7)));

    [Fact]
    public void Folders_are_named_for_what_they_do_not_for_their_layer() =>
        Assert.Empty(House.Folders("src", "tests", "web", "bench", "tools")
            .Where(folder => BannedFolders.Contains(Path.GetFileName(folder), StringComparer.OrdinalIgnoreCase))
            .Select(House.Relative));

    [Fact]
    public void Source_names_no_path_of_somebodys_machine()
    {
        var found = from file in House.Files(["src", "tests", "bench", "tools", "web", "docs", ".ci"],
                        ".cs", ".csproj", ".props", ".json", ".mjs", ".ts", ".tsx", ".py", ".sh", ".md", "")
                    from line in File.ReadLines(file).Index()
                    where MachinePath().IsMatch(line.Item)
                    select $"{House.Relative(file)}:{line.Index + 1}: {line.Item.Trim()}";

        Assert.Empty(found);
    }

    [Fact]
    public void Source_has_no_regions() =>
        Assert.Empty(House.Files(["src", "tests", "bench", "tools"], ".cs")
            .Where(file => File.ReadLines(file).Any(l => l.TrimStart().StartsWith("#region", StringComparison.Ordinal)))
            .Select(House.Relative));

    [GeneratedRegex("(?<![\\w.])/(wor[k]|roo[t]|hom[e]/[a-z]+|User[s]/[A-Za-z]+)/|[A-Z]:\\\\User[s]\\\\")]
    private static partial Regex MachinePath();
}
