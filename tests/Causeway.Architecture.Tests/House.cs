namespace Causeway.Architecture.Tests;

/// <summary>A project under src/, a room of the house.</summary>
internal sealed record Room(string Name, string Folder)
{
    public string ProjectFile => Path.Combine(Folder, Name + ".csproj");

    /// <summary>The assembly that was built together with these tests.</summary>
    public string Assembly => Path.Combine(Folder, "bin", BuiltAs, "net10.0", Name + ".dll");

#if DEBUG
    private const string BuiltAs = "Debug";
#else
    private const string BuiltAs = "Release";
#endif
}

/// <summary>The clone as the tests see it.</summary>
internal static class House
{
    private static readonly HashSet<string> NotOurs =
        ["bin", "obj", "node_modules", ".git", ".cache", ".vs", "artifacts", "dist", "data", "TestResults"];

    public static string Root { get; } = FindRoot();

    /// <summary>Committed lists are written anew instead of compared: look at the difference before you commit it.</summary>
    public static bool Rewrites { get; } =
        Environment.GetEnvironmentVariable("CAUSEWAY_UPDATE_LISTS") is { Length: > 0 };

    public static string HowToRewrite =>
        "If this is meant, run: CAUSEWAY_UPDATE_LISTS=1 dotnet test tests/Causeway.Architecture.Tests -c Release";

    public static IReadOnlyList<Room> Rooms { get; } =
    [
        .. from file in Directory.GetFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories)
           let name = Path.GetFileNameWithoutExtension(file)
           orderby name
           select new Room(name, Path.GetDirectoryName(file)!),
    ];

    /// <summary>Files under the folders that exist, by extension, without what is built or fetched.</summary>
    public static IEnumerable<string> Files(IEnumerable<string> folders, params string[] extensions) =>
        from folder in folders
        let path = Path.Combine(Root, folder)
        where Directory.Exists(path)
        from file in Walk(path)
        where extensions.Contains(Path.GetExtension(file))
        select file;

    public static IEnumerable<string> Folders(params string[] folders) =>
        from folder in folders
        let path = Path.Combine(Root, folder)
        where Directory.Exists(path)
        from inner in WalkFolders(path)
        select inner;

    /// <summary>A path as it is written in this repository.</summary>
    public static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    /// <summary>Compares a committed list with what is there; says each line that is too many or too few.</summary>
    public static void CompareList(string file, IReadOnlyList<string> actual, string heading)
    {
        if (Rewrites)
        {
            File.WriteAllText(file, heading + string.Concat(actual.Select(line => line + "\n")));
            return;
        }
        Assert.True(File.Exists(file), $"{Relative(file)} is missing. {HowToRewrite}");
        var committed = File.ReadAllLines(file).Where(l => l.Length > 0 && !l.StartsWith('#')).ToList();
        List<string> differences =
        [
            .. actual.Except(committed).Select(l => "+ " + l),
            .. committed.Except(actual).Select(l => "- " + l),
        ];
        Assert.True(differences.Count == 0,
            $"{Relative(file)} differs from what is there:\n{string.Join('\n', differences)}\n{HowToRewrite}");
    }

    private static IEnumerable<string> Walk(string folder) =>
        Directory.GetFiles(folder).Concat(Inner(folder).SelectMany(Walk));

    private static IEnumerable<string> WalkFolders(string folder) =>
        Inner(folder).SelectMany(inner => WalkFolders(inner).Prepend(inner));

    private static IEnumerable<string> Inner(string folder) =>
        Directory.GetDirectories(folder).Where(d => !NotOurs.Contains(Path.GetFileName(d)));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder != null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Causeway.slnx")))
            {
                return folder.FullName;
            }
        }
        throw new InvalidOperationException("The tests run from a folder that is not inside a clone of Causeway.");
    }
}
