namespace Causeway.Storage;

/// <summary>Where the data lives.</summary>
public sealed record StorageOptions
{
    /// <summary>The folder of the embedded database and of files.</summary>
    public required string DataFolder { get; init; }

    /// <summary>A PostgreSQL connection string; null = the embedded SQLite database in <see cref="DataFolder"/>.</summary>
    public string? PostgresConnection { get; init; }

    /// <summary>Most reading connections kept open at once.</summary>
    public int MaxReaders { get; init; } = 16;

    /// <summary>A test's means to make the Nth storage call fail; null in production.</summary>
    public StorageFaults? Faults { get; init; }
}
