namespace Causeway.Search;

/// <summary>Whom the user directory shows beside those one shares a room with and those in public rooms.</summary>
public enum DirectoryScope
{
    /// <summary>Everybody of the same organisation.</summary>
    Organisation,

    /// <summary>Nobody else.</summary>
    SharedRooms,
}

/// <summary>Settings of Search.</summary>
public sealed record SearchOptions
{
    /// <summary>Whom the user directory shows.</summary>
    public DirectoryScope UserDirectory { get; init; } = DirectoryScope.Organisation;
}
