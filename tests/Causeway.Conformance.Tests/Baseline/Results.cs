using System.Reflection;

namespace Causeway.Conformance.Tests.Baseline;

/// <summary>results.txt: every behaviour and whether it holds.</summary>
internal static class Results
{
    public const string File = "results.txt";

    private static readonly Lock Gate = new();
    private static readonly SortedDictionary<string, bool> Recorded = Read();

    /// <summary>Area and sentence: the folder, and the test's name in words.</summary>
    public static string NameOf(string type, string method) =>
        $"{type.Split('.')[^2]}: {method.Replace('_', ' ')}";

    /// <summary>Why this is not as recorded, or null; when lists are updated everything is, and is written down.</summary>
    public static string? Judge(string name, bool holds)
    {
        lock (Gate)
        {
            if (CommittedList.Updates)
            {
                Recorded[name] = holds;
                Write();
                return null;
            }

            return !Recorded.TryGetValue(name, out var recorded) ? $"\"{name}\" is not recorded in {File}. {CommittedList.HowToUpdate}"
                : recorded == holds ? null
                : holds ? $"This holds now: record it in {File}. {CommittedList.HowToUpdate}" : "This held before.";
        }
    }

    /// <summary>The behaviours that the test classes have.</summary>
    public static IEnumerable<string> Present() =>
        from type in typeof(Results).Assembly.GetTypes()
        from method in type.GetMethods()
        where method.GetCustomAttribute<BehaviourAttribute>() is not null
        select NameOf(type.FullName!, method.Name);

    public static IEnumerable<string> Names()
    {
        lock (Gate)
        {
            return [.. Recorded.Keys];
        }
    }

    private static SortedDictionary<string, bool> Read()
    {
        var file = CommittedList.PathOf(File);
        var lines = System.IO.File.Exists(file) ? System.IO.File.ReadAllLines(file) : [];
        var present = Present().ToHashSet();
        return new SortedDictionary<string, bool>(
            lines.Select(l => (Name: l[5..], Holds: l.StartsWith("pass ", StringComparison.Ordinal))).Where(l => !CommittedList.Updates || present.Contains(l.Name))
                .ToDictionary(l => l.Name, l => l.Holds),
            StringComparer.Ordinal);
    }

    private static void Write() =>
        System.IO.File.WriteAllLines(CommittedList.PathOf(File), Recorded.Select(r => $"{(r.Value ? "pass" : "fail")} {r.Key}"));
}

public sealed class ResultsTests
{
    [Fact]
    public void The_baseline_names_the_behaviours_that_are_there_and_no_others()
    {
        Assert.True(CommittedList.Updates || !Results.Names().Except(Results.Present()).Any(), string.Join('\n', Results.Names().Except(Results.Present())));
        Assert.Equal(Results.Present().Count(), Results.Present().Distinct().Count());
    }
}
