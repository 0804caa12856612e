using Causeway.Media.Catalogue;
using Causeway.Storage;

namespace Causeway.Media.Previews;

/// <summary>A preview made earlier; without bytes it is the memory that none can be made.</summary>
internal sealed record StoredPreview(byte[] Json, string? MediaId, long Fetched);

/// <summary>Previews by organisation and address.</summary>
internal sealed class PreviewStore(Database database, MediaCatalogue catalogue)
{
    public async Task<StoredPreview?> FindAsync(long organisation, string urlHash)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.FindAsync(
            "SELECT json, media_id, fetched FROM url_previews WHERE organisation = $1 AND url_hash = $2",
            r => new StoredPreview(r.GetBytes(0), r.FindString(1), r.GetInt64(2)), organisation, urlHash).ConfigureAwait(false);
    }

    public Task SetAsync(long organisation, string urlHash, StoredPreview preview) => catalogue.WorkAsync(async session =>
        await session.ExecuteAsync(
            """
            INSERT INTO url_previews (organisation, url_hash, json, media_id, fetched) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (organisation, url_hash) DO UPDATE SET json = excluded.json, media_id = excluded.media_id, fetched = excluded.fetched
            """,
            organisation, urlHash, preview.Json, preview.MediaId, preview.Fetched).ConfigureAwait(false));

    /// <summary>Previews from before a time.</summary>
    public async Task<List<(long Organisation, string UrlHash, string? MediaId)>> ListOlderAsync(long than)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.QueryAsync(
            "SELECT organisation, url_hash, media_id FROM url_previews WHERE fetched < $1 LIMIT 1000",
            r => (r.GetInt64(0), r.GetString(1), r.FindString(2)), than).ConfigureAwait(false);
    }

    public Task ForgetAsync(long organisation, string urlHash) => catalogue.WorkAsync(async session =>
        await session.ExecuteAsync("DELETE FROM url_previews WHERE organisation = $1 AND url_hash = $2", organisation, urlHash).ConfigureAwait(false));
}
