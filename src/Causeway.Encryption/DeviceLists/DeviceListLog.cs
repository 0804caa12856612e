using Causeway.Storage;

namespace Causeway.Encryption;

/// <summary>The newest change of each person's keys, for readers whom the tail in memory no longer reaches.</summary>
internal static class DeviceListLog
{
    public static async ValueTask WriteAsync(DbSession session, string user, string? viewer, long position) =>
        await session.ExecuteAsync(
            "INSERT INTO device_list_changes (user_id, viewer, position) VALUES ($1, $2, $3) "
            + "ON CONFLICT (user_id, viewer) DO UPDATE SET position = excluded.position",
            user, viewer ?? "", position).ConfigureAwait(false);

    /// <summary>Those whose keys changed in (since, upTo], as far as this viewer may know.</summary>
    public static ValueTask<List<string>> ListAsync(DbSession session, string viewer, long since, long upTo) =>
        session.QueryAsync(
            "SELECT DISTINCT user_id FROM device_list_changes WHERE position > $1 AND position <= $2 AND (viewer = '' OR viewer = $3)",
            r => r.GetString(0), since, upTo, viewer);
}
