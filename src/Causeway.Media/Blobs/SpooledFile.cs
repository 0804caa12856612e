using System.Buffers;
using System.Security.Cryptography;
using Causeway.Hosting;
using Causeway.Storage;

namespace Causeway.Media.Blobs;

/// <summary>Bytes that came in, in a temporary file, with their hash. Disposing removes the file, unless it was moved.</summary>
internal sealed class SpooledFile(string path) : IDisposable
{
    private const int BufferBytes = 128 << 10;

    public string Path { get; } = path;

    public string Hash { get; private set; } = "";

    public long Size { get; private set; }

    /// <summary>Reads a stream to its end, hashing on the way, and forces the file to the disk.</summary>
    /// <exception cref="Refusal">M_TOO_LARGE beyond the limit.</exception>
    /// <exception cref="StorageException">The disk is full or broken.</exception>
    public static async Task<SpooledFile> ReceiveAsync(Stream from, string folder, IdSource ids, long limit, CancellationToken cancellation)
    {
        var file = new SpooledFile(System.IO.Path.Combine(folder, ids.Letters(16)));
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await using var to = Guard(() => new FileStream(file.Path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0));
            int read;
            while ((read = await from.ReadAsync(buffer.AsMemory(0, BufferBytes), cancellation).ConfigureAwait(false)) > 0)
            {
                if ((file.Size += read) > limit)
                {
                    throw Refusal.TooLarge($"A file may have at most {limit} bytes.");
                }

                hash.AppendData(buffer, 0, read);
                Guard(() => to.Write(buffer, 0, read));
            }

            Guard(() => to.Flush(flushToDisk: true));
            file.Hash = Convert.ToHexStringLower(hash.GetHashAndReset());
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public void Dispose() => File.Delete(Path);

    private static void Guard(Action write) => Guard(() =>
    {
        write();
        return true;
    });

    /// <summary>The disk's faults are the store's, to be told apart from those of the connection that is read.</summary>
    private static T Guard<T>(Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"A file cannot be written: {e.Message}", e);
        }
    }
}
