using System.Collections.Concurrent;
using System.Globalization;
using Causeway.Matrix;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Accounts;

/// <summary>Stored filters. The same filter stored again has the same id.</summary>
public sealed class FilterStore(Database database, LogWriter log)
{
    private readonly ConcurrentDictionary<(string User, long Id), byte[]> _cache = new();

    /// <summary>A person's filter as JSON, or null when there is none with this id.</summary>
    public async ValueTask<byte[]?> FindAsync(UserId user, string id)
    {
        if (!long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return null;
        }

        if (_cache.TryGetValue((user.Value, number), out var known))
        {
            return known;
        }

        await using var session = await database.ReadAsync().ConfigureAwait(false);
        var json = await session.FindAsync(
            "SELECT json FROM filters WHERE user_id = $1 AND id = $2", r => r.GetBytes(0), user.Value, number).ConfigureAwait(false);
        if (json is not null)
        {
            if (_cache.Count > 20_000)
            {
                _cache.Clear();
            }

            _cache[(user.Value, number)] = json;
        }

        return json;
    }

    /// <summary>Stores a filter; its id.</summary>
    public async Task<string> AddAsync(UserId user, byte[] json)
    {
        var unit = new FilterUnit(user, json);
        await log.AppendAsync(unit).ConfigureAwait(false);
        return unit.Id.ToString(CultureInfo.InvariantCulture);
    }

    private sealed class FilterUnit(UserId user, byte[] json) : LogUnit
    {
        public long Id { get; private set; }

        public override int EntryCount => 0;

        public override bool HasWork => true;

        public override async ValueTask WorkAsync(DbSession session, long first)
        {
            var same = await session.FindAsync<long?>(
                "SELECT id FROM filters WHERE user_id = $1 AND json = $2", r => r.GetInt64(0), user.Value, json).ConfigureAwait(false);
            Id = same ?? 1 + await session.FindAsync(
                "SELECT COALESCE(max(id), 0) FROM filters WHERE user_id = $1", r => r.GetInt64(0), user.Value).ConfigureAwait(false);
            if (same is null)
            {
                await session.ExecuteAsync(
                    "INSERT INTO filters (user_id, id, json) VALUES ($1, $2, $3)", user.Value, Id, json).ConfigureAwait(false);
            }
        }

        public override void Write(WriteBatch batch, long first) { }

        public override void AddEntries(List<LogEntry> entries, long first) { }
    }
}
