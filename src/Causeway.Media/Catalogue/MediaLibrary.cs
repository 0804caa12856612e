using Causeway.Hosting;
using Causeway.Media.Blobs;

namespace Causeway.Media.Catalogue;

/// <summary>
/// Files and catalogue together. A lock per hash keeps the order: an upload holds it from before the bytes are in their
/// place until they are entered, a removal from before the entry goes until the bytes are gone. So an entry never points
/// at bytes that a removal took away.
/// </summary>
internal sealed class MediaLibrary
{
    private readonly SemaphoreSlim[] _locks = [.. Enumerable.Range(0, 256).Select(_ => new SemaphoreSlim(1))];
    private readonly IdSource _ids;
    private readonly MediaOptions _options;
    private readonly TimeProvider _clock;

    public MediaLibrary(MediaCatalogue catalogue, IBlobStore blobs, IdSource ids, MediaOptions options, TimeProvider clock)
    {
        Catalogue = catalogue;
        Blobs = blobs;
        _ids = ids;
        _options = options;
        _clock = clock;
        TemporaryFolder = Path.Combine(options.Folder, "tmp");
        Storage.DataFolder.Create(TemporaryFolder);
    }

    public MediaCatalogue Catalogue { get; }

    public IBlobStore Blobs { get; }

    /// <summary>Files on their way in.</summary>
    public string TemporaryFolder { get; }

    /// <summary>143 bits from the secure source: knowing an id is half of being allowed to see the file.</summary>
    public string NewId() => _ids.Letters(24);

    /// <summary>Takes bytes in, to a temporary file.</summary>
    public Task<SpooledFile> ReceiveAsync(Stream from, CancellationToken cancellation, long? limit = null) =>
        SpooledFile.ReceiveAsync(from, TemporaryFolder, _ids, limit ?? _options.MaxUploadBytes, cancellation);

    /// <summary>Puts a file in its place, then enters it; nothing stays behind when the entry is refused.</summary>
    public async Task StoreAsync(SpooledFile file, string type, string? name, Func<NewMedia, Task> enter)
    {
        using var held = await LockAsync(file.Hash).ConfigureAwait(false);
        // Says after a crash that these bytes may be in their place without an entry.
        var mark = Path.Combine(TemporaryFolder, file.Hash + MarkEnding);
        try
        {
            await File.WriteAllBytesAsync(mark, []).ConfigureAwait(false);
            await Blobs.PutAsync(file.Hash, file).ConfigureAwait(false);
            await enter(new NewMedia(file.Hash, file.Size, type, name)).ConfigureAwait(false);
        }
        catch (Refusal)
        {
            // After any other fault the outcome may be open: who tidies up later can know it.
            await DiscardUnusedAsync(file.Hash).ConfigureAwait(false);
            throw;
        }
        catch (IOException e)
        {
            throw new Storage.StorageException($"A file cannot be stored: {e.Message}", e);
        }

        File.Delete(mark);
    }

    /// <summary>Removes a media and, with its last user, its bytes and thumbnails.</summary>
    /// <returns>False when there is none.</returns>
    public async Task<bool> DeleteAsync(long organisation, string id)
    {
        var hash = await Catalogue.FindHashAsync(organisation, id).ConfigureAwait(false);
        using var held = hash is null ? null : await LockAsync(hash).ConfigureAwait(false);
        if (!await Catalogue.DeleteAsync(organisation, id).ConfigureAwait(false))
        {
            return false;
        }

        if (hash is not null && !await Catalogue.IsUsedAsync(hash).ConfigureAwait(false))
        {
            await RemoveBytesAsync(hash).ConfigureAwait(false);
            await Catalogue.ForgetGarbageAsync(hash).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Puts a made thumbnail in its place, unless its original is gone.</summary>
    public async Task StoreThumbnailAsync(string hash, string variant, SpooledFile? file, string type)
    {
        using var held = await LockAsync(hash).ConfigureAwait(false);
        if (file is not null)
        {
            await Blobs.PutAsync(ThumbnailKey(hash, variant), file).ConfigureAwait(false);
        }

        if (!await Catalogue.AddThumbnailAsync(hash, variant, file?.Size ?? 0, type).ConfigureAwait(false) && file is not null)
        {
            await Blobs.DeleteAsync(ThumbnailKey(hash, variant)).ConfigureAwait(false);
        }
    }

    public static string ThumbnailKey(string hash, string variant) => $"{hash}-{variant}";

    /// <summary>What processes and faults left: temporary files of this age, bytes without an entry, and garbage.</summary>
    public async Task TidyAsync(TimeSpan age)
    {
        var before = _clock.GetUtcNow() - age;
        foreach (var path in Directory.GetFiles(TemporaryFolder))
        {
            if (File.GetLastWriteTimeUtc(path) > before)
            {
                continue;
            }

            if (path.EndsWith(MarkEnding, StringComparison.Ordinal))
            {
                var hash = Path.GetFileName(path)[..^MarkEnding.Length];
                using var held = await LockAsync(hash).ConfigureAwait(false);
                await DiscardUnusedAsync(hash).ConfigureAwait(false);
            }

            File.Delete(path);
        }

        await RemoveGarbageAsync().ConfigureAwait(false);
    }

    /// <summary>Removes the bytes of files whose last user is gone.</summary>
    private async Task RemoveGarbageAsync()
    {
        foreach (var hash in await Catalogue.ListGarbageAsync().ConfigureAwait(false))
        {
            using var held = await LockAsync(hash).ConfigureAwait(false);
            if (!await Catalogue.IsUsedAsync(hash).ConfigureAwait(false))
            {
                await RemoveBytesAsync(hash).ConfigureAwait(false);
                await Catalogue.ForgetGarbageAsync(hash).ConfigureAwait(false);
            }
        }
    }

    private const string MarkEnding = ".put";

    private async Task DiscardUnusedAsync(string hash)
    {
        if (!await Catalogue.IsUsedAsync(hash).ConfigureAwait(false))
        {
            await Blobs.DeleteAsync(hash).ConfigureAwait(false);
        }

        File.Delete(Path.Combine(TemporaryFolder, hash + MarkEnding));
    }

    private async Task RemoveBytesAsync(string hash)
    {
        foreach (var variant in await Catalogue.ListThumbnailsAsync(hash).ConfigureAwait(false))
        {
            await Blobs.DeleteAsync(ThumbnailKey(hash, variant)).ConfigureAwait(false);
        }

        await Blobs.DeleteAsync(hash).ConfigureAwait(false);
    }

    private async Task<IDisposable> LockAsync(string hash)
    {
        var gate = _locks[Convert.ToInt32(hash[..2], 16)];
        await gate.WaitAsync().ConfigureAwait(false);
        return new Release(gate);
    }

    private sealed class Release(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
