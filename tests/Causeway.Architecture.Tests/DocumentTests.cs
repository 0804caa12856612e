using System.Text.RegularExpressions;

namespace Causeway.Architecture.Tests;

public sealed partial class DocumentTests
{
    [Fact]
    public void Links_in_documents_lead_to_files_that_are_there() =>
        Assert.Empty(from file in Documents()
                     from match in Link().Matches(File.ReadAllText(file))
                     let target = match.Groups["target"].Value
                     where !Path.Exists(Path.Combine(Path.GetDirectoryName(file)!, target))
                     select $"{House.Relative(file)}: {target}");

    [Fact]
    public void Paths_named_in_documents_are_there() =>
        Assert.Empty(from file in Documents()
                     from match in NamedPath().Matches(File.ReadAllText(file))
                     let path = match.Groups["path"].Value
                     where !Path.Exists(Path.Combine(House.Root, path))
                     select $"{House.Relative(file)}: {path}");

    private static IEnumerable<string> Documents() =>
        Directory.GetFiles(House.Root, "*.md").Concat(House.Files(["src", "docs", "bench", "tools", "tests"], ".md"));

    [GeneratedRegex(@"\]\((?!https?:|#)(?<target>[^)#]+)[^)]*\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"`(?<path>(?:src|docs|tests|bench|tools)/[A-Za-z0-9_./-]+)`")]
    private static partial Regex NamedPath();
}
