namespace Causeway.Storage;

/// <summary>The store refused or lost a call: a full disk, a lost connection, an injected fault.</summary>
public sealed class StorageException(string message, Exception? inner) : Exception(message, inner)
{
    /// <summary>True when another process holds the store.</summary>
    public bool IsHeld { get; init; }
}

/// <summary>A text that no store can hold: PostgreSQL knows no NUL. Its sender is told, nothing is wrong with the store.</summary>
public sealed class UnstorableTextException() : Exception("A text must not hold a NUL.");
