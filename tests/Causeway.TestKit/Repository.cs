namespace Causeway.TestKit;

/// <summary>Where things lie in the clone the tests were built from.</summary>
public static class Repository
{
    /// <summary>The folder that holds Causeway.slnx.</summary>
    public static string Root { get; } = FindRoot();

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

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
