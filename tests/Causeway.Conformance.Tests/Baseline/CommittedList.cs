using Causeway.TestKit;

namespace Causeway.Conformance.Tests.Baseline;

/// <summary>A list beside the tests that may only become shorter; CAUSEWAY_UPDATE_LISTS=1 writes it anew, to be looked at.</summary>
internal static class CommittedList
{
    public const string HowToUpdate = "If this is meant: CAUSEWAY_UPDATE_LISTS=1 dotnet test tests/Causeway.Conformance.Tests -c Release";

    public static bool Updates { get; } = Environment.GetEnvironmentVariable("CAUSEWAY_UPDATE_LISTS") is { Length: > 0 };

    public static string PathOf(string name) => Repository.PathOf("tests", "Causeway.Conformance.Tests", name);

    /// <summary>Says every line of a list that should be empty.</summary>
    public static void Empty(IEnumerable<object> found) => Assert.True(!found.Any(), string.Join('\n', found));

    public static void Compare(string name, IReadOnlyList<string> actual)
    {
        var file = PathOf(name);
        if (Updates)
        {
            File.WriteAllLines(file, actual);
            return;
        }

        var committed = File.Exists(file) ? File.ReadAllLines(file) : [];
        List<string> differences = [.. actual.Except(committed).Select(l => $"+ {l}"), .. committed.Except(actual).Select(l => $"- {l}")];
        Assert.True(differences.Count == 0, $"{name} differs:\n{string.Join('\n', differences)}\n{HowToUpdate}");
    }
}
