using System.Collections.Concurrent;
using Causeway.Hosting;
using Causeway.Matrix;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Accounts;

/// <summary>The organisations of this deployment, all in memory: each is a server name with its signing key (D4).</summary>
public sealed class OrganisationStore(Database database, LogWriter log, IdSource ids) : IOrganisationResolver
{
    private readonly ConcurrentDictionary<string, Organisation> _byName = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<long, Organisation> _byId = new();
    private Organisation? _default;

    /// <summary>Every organisation, the first made first.</summary>
    public IReadOnlyList<Organisation> All => [.. _byId.Values.OrderBy(o => o.Id)];

    /// <summary>The first one, which answers where no host name chooses another.</summary>
    public Organisation Default => _default ?? throw new InvalidOperationException("The organisations are not loaded.");

    /// <summary>Loads them; makes the first one, "localhost" where no name is given, when there is none.</summary>
    /// <exception cref="StorageException">The configured server name is not the one the data was made with.</exception>
    public async Task LoadAsync(string? serverName)
    {
        await using (var session = await database.ReadAsync().ConfigureAwait(false))
        {
            foreach (var organisation in await session.QueryAsync(
                "SELECT id, server_name, display_name, key_id, key_seed FROM organisations ORDER BY id",
                r => Make(r.GetInt64(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetBytes(4))).ConfigureAwait(false))
            {
                Keep(organisation);
            }
        }

        if (_default is null)
        {
            await AddAsync(serverName ?? "localhost", serverName ?? "localhost").ConfigureAwait(false);
        }
        else if (serverName is not null && !_byName.ContainsKey(serverName))
        {
            throw new StorageException(
                $"This data belongs to '{_default.ServerName}', not to '{serverName}'. A server name cannot be changed: start with --server-name {_default.ServerName}.", null);
        }
    }

    /// <summary>Makes an organisation.</summary>
    public async Task<Organisation> AddAsync(string serverName, string displayName)
    {
        if (!ServerName.TryParse(serverName, out var name))
        {
            throw Refusal.InvalidParam($"'{serverName}' is not a server name.");
        }

        var seed = ids.Bytes(32);
        var keyId = "ed25519:" + ids.Letters(6);
        long id = 0;
        await log.AppendAsync(new WorkUnit(LogKind.Organisation, null, async (session, _) =>
        {
            if (await session.FindAsync<long?>("SELECT id FROM organisations WHERE server_name = $1", r => r.GetInt64(0), name.Value).ConfigureAwait(false) is not null)
            {
                throw new Refusal(409, "M_UNKNOWN", $"There is an organisation '{name}' already.");
            }

            id = 1 + await session.FindAsync("SELECT COALESCE(max(id), 0) FROM organisations", r => r.GetInt64(0)).ConfigureAwait(false);
            await session.ExecuteAsync(
                "INSERT INTO organisations (id, server_name, display_name, key_id, key_seed) VALUES ($1, $2, $3, $4, $5)",
                id, name.Value, displayName, keyId, seed).ConfigureAwait(false);
        })).ConfigureAwait(false);
        var organisation = Make(id, name.Value, displayName, keyId, seed);
        Keep(organisation);
        return organisation;
    }

    /// <inheritdoc/>
    public Organisation Resolve(string? host)
    {
        if (host is not null && _byId.Count > 1)
        {
            if (_byName.TryGetValue(host, out var exact) || _byName.TryGetValue(host.Split(':')[0], out exact))
            {
                return exact;
            }
        }

        return Default;
    }

    /// <inheritdoc/>
    public Organisation? Find(ServerName server) => _byName.GetValueOrDefault(server.Value);

    /// <summary>By its number.</summary>
    public Organisation Get(long id) => _byId[id];

    private static Organisation Make(long id, string name, string display, string keyId, byte[] seed) => new(
        id, ServerName.Parse(name), display, new EventSigner(ServerName.Parse(name), SigningKey.FromSeed(keyId, seed)));

    private void Keep(Organisation organisation)
    {
        _byName[organisation.ServerName.Value] = organisation;
        _byId[organisation.Id] = organisation;
        _default ??= organisation;
    }
}
