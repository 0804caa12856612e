namespace Causeway.Media.Blobs;

/// <summary>
/// Where the bytes lie: a folder or object storage. A key is a file's SHA-256 in hexadecimal, for a thumbnail with its
/// variant behind it.
/// </summary>
internal interface IBlobStore
{
    /// <summary>Makes the bytes of a temporary file durable under a key; the same key always means the same bytes.</summary>
    Task PutAsync(string key, SpooledFile file);

    /// <summary>A part of the bytes, or null when the key is not there.</summary>
    Task<Stream?> OpenAsync(string key, long from, long count, CancellationToken cancellation);

    /// <summary>Removes a key, if it is there.</summary>
    Task DeleteAsync(string key);
}
