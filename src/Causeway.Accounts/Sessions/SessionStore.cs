using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Causeway.Hosting;
using Causeway.Matrix;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Accounts;

/// <summary>A device: one login of an account.</summary>
public sealed record Device(long Nid, UserId User, string DeviceId, string? DisplayName, long LastSeen, string? LastAddress);

/// <summary>What a login gives the client.</summary>
public sealed record IssuedTokens(string DeviceId, string AccessToken, string? RefreshToken, TimeSpan? ExpiresIn);

/// <summary>
/// Devices and their tokens. Tokens are random and stored hashed. A refresh makes a pair of the next generation; the
/// older pair ends when one of the new is used, so that an answer lost on the way locks nobody out
/// (Client-server API, "Refreshing access tokens").
/// </summary>
public sealed class SessionStore : IAuthenticator
{
    private const int MaxCached = 100_000;
    private const string DeviceColumns = "nid, user_id, device_id, display_name, last_seen, last_address";

    private readonly Database _database;
    private readonly LogWriter _log;
    private readonly IdSource _ids;
    private readonly TimeProvider _clock;
    private readonly AccountsOptions _options;
    private readonly OrganisationStore _organisations;
    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);
    private long _drops;

    /// <summary>Creates the store.</summary>
    public SessionStore(
        Database database, LogWriter log, LogTail tail, IdSource ids, TimeProvider clock, AccountsOptions options, OrganisationStore organisations)
    {
        _database = database;
        _log = log;
        _ids = ids;
        _clock = clock;
        _options = options;
        _organisations = organisations;
        tail.Restarted += _known.Clear;
    }

    /// <summary>
    /// Runs inside the transaction in which a device ends, at the position given: Encryption drops its keys with it, so
    /// that no crash leaves keys without a device. True when the device had keys that others know.
    /// </summary>
    public event Func<DbSession, Device, long, ValueTask<bool>>? DeviceEnding;

    /// <summary>Awaited after devices ended, before the client is answered.</summary>
    public event Func<UserId, string, Task>? DeviceRemoved;

    /// <inheritdoc/>
    public async ValueTask<Requester> AuthenticateAsync(string token, MatrixRequest request)
    {
        var key = Convert.ToBase64String(Hash(token));
        if (!_known.TryGetValue(key, out var known))
        {
            var drops = Interlocked.Read(ref _drops);
            known = await LoadAsync(token).ConfigureAwait(false) ?? throw Refusal.UnknownToken();
            if (_known.Count > MaxCached)
            {
                _known.Clear();
            }

            // A device that ended between the read and here must not live on in the cache.
            _known[key] = known;
            if (Interlocked.Read(ref _drops) != drops)
            {
                _known.TryRemove(key, out _);
            }
        }

        var now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        if (known.Expires is { } end && now >= end)
        {
            throw Refusal.UnknownToken(softLogout: true);
        }

        // Written at most every few minutes: it is for the person's list of devices, not a log.
        if (now - Interlocked.Read(ref known.SeenAt) > 300_000)
        {
            Interlocked.Exchange(ref known.SeenAt, now);
            _log.Enqueue(new WorkUnit(null, null, async (session, _) => await session.ExecuteAsync(
                "UPDATE devices SET last_seen = $1, last_address = $2 WHERE nid = $3", now, request.RemoteAddress, known.Requester.Device).ConfigureAwait(false)));
        }

        return known.Requester;
    }

    /// <summary>
    /// Signs in: makes the device, or takes over the one with this id, whose older tokens end.
    /// </summary>
    public async Task<IssuedTokens> SignInAsync(UserId user, string? deviceId, string? displayName, bool withRefresh)
    {
        deviceId ??= _ids.Letters(10);
        if (deviceId.Length is 0 or > 255)
        {
            throw Refusal.InvalidParam("'device_id' must have 1 to 255 characters.");
        }

        var pair = NewPair(withRefresh);
        long? existing = null;
        await _log.AppendAsync(new WorkUnit(LogKind.Device, user.Value, async (session, first) =>
        {
            existing = await session.FindAsync<long?>(
                "SELECT nid FROM devices WHERE user_id = $1 AND device_id = $2", r => r.GetInt64(0), user.Value, deviceId).ConfigureAwait(false);
            if (existing is { } old)
            {
                await session.ExecuteAsync("DELETE FROM tokens WHERE device = $1", old).ConfigureAwait(false);
            }
            else
            {
                await session.ExecuteAsync(
                    "INSERT INTO devices (nid, user_id, device_id, display_name, last_seen) VALUES ($1, $2, $3, $4, 0)",
                    first, user.Value, deviceId, displayName).ConfigureAwait(false);
            }

            await StoreAsync(session, existing ?? first, 1, pair).ConfigureAwait(false);
        })
        {
            Committed = () =>
            {
                if (existing is { } taken)
                {
                    Drop(k => k.Requester.Device == taken);
                }
            },
        }).ConfigureAwait(false);
        return new IssuedTokens(deviceId, pair.Access, pair.Refresh, pair.ExpiresIn);
    }

    /// <summary>Trades a refresh token for a new pair.</summary>
    public async Task<IssuedTokens> RefreshAsync(string refreshToken)
    {
        var pair = NewPair(withRefresh: true);
        var deviceId = "";
        await _log.AppendAsync(new WorkUnit(null, null, async (session, _) =>
        {
            var found = await session.FindAsync<(long Device, long Generation, string DeviceId)?>(
                "SELECT t.device, t.generation, d.device_id FROM tokens t JOIN devices d ON d.nid = t.device WHERE t.hash = $1 AND t.kind = 'refresh'",
                r => (r.GetInt64(0), r.GetInt64(1), r.GetString(2)), Hash(refreshToken)).ConfigureAwait(false) ?? throw Refusal.UnknownToken();
            deviceId = found.DeviceId;

            // A pair that was issued and never used is replaced; one older than this token is done with.
            await session.ExecuteAsync(
                "DELETE FROM tokens WHERE device = $1 AND generation <> $2", found.Device, found.Generation).ConfigureAwait(false);
            await StoreAsync(session, found.Device, found.Generation + 1, pair).ConfigureAwait(false);
        })
        {
            Committed = () => Drop(k => k.Requester.DeviceId == deviceId),
        }).ConfigureAwait(false);
        return new IssuedTokens(deviceId, pair.Access, pair.Refresh, pair.ExpiresIn);
    }

    /// <summary>A person's devices.</summary>
    public async ValueTask<List<Device>> ListAsync(UserId user)
    {
        await using var session = await _database.ReadAsync().ConfigureAwait(false);
        return await session.QueryAsync(
            $"SELECT {DeviceColumns} FROM devices WHERE user_id = $1 ORDER BY nid", Map, user.Value).ConfigureAwait(false);
    }

    /// <summary>One device of a person, or null.</summary>
    public async ValueTask<Device?> FindAsync(UserId user, string deviceId)
    {
        await using var session = await _database.ReadAsync().ConfigureAwait(false);
        return await session.FindAsync(
            $"SELECT {DeviceColumns} FROM devices WHERE user_id = $1 AND device_id = $2", Map, user.Value, deviceId).ConfigureAwait(false);
    }

    /// <summary>Names a device.</summary>
    public Task RenameAsync(Device device, string? name) => _log.AppendAsync(new WorkUnit(LogKind.Device, device.User.Value, async (session, _) =>
        await session.ExecuteAsync("UPDATE devices SET display_name = $1 WHERE nid = $2", name, device.Nid).ConfigureAwait(false)));

    /// <summary>Ends devices and their tokens.</summary>
    public async Task RemoveAsync(UserId user, IReadOnlyCollection<string> deviceIds)
    {
        if (deviceIds.Count == 0)
        {
            return;
        }

        WorkUnit unit = null!;
        unit = new WorkUnit(LogKind.Device, user.Value, async (session, first) =>
        {
            unit.Kind = LogKind.Device;
            foreach (var id in deviceIds.Distinct())
            {
                if (await RemoveAsync(session, user, id, first).ConfigureAwait(false))
                {
                    unit.Kind = LogKind.DeviceList;
                }
            }
        })
        {
            Committed = () => Drop(k => k.Requester.User == user && deviceIds.Contains(k.Requester.DeviceId)),
        };
        await _log.AppendAsync(unit).ConfigureAwait(false);
        foreach (var observer in DeviceRemoved?.GetInvocationList().Cast<Func<UserId, string, Task>>() ?? [])
        {
            foreach (var id in deviceIds)
            {
                await observer(user, id).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Ends all devices of a person, but one where given.</summary>
    public async Task RemoveAllAsync(UserId user, string? except = null) => await RemoveAsync(
        user, [.. (await ListAsync(user).ConfigureAwait(false)).Select(d => d.DeviceId).Where(d => d != except)]).ConfigureAwait(false);

    /// <summary>Inside a transaction: makes a device that nobody is signed in with; its number is a position of the log.</summary>
    /// <exception cref="Refusal">M_INVALID_PARAM when there is a device with this id.</exception>
    public static async ValueTask AddDeviceAsync(DbSession session, long nid, UserId user, string deviceId, string? displayName)
    {
        if (deviceId.Length is 0 or > 255 || await session.ExecuteAsync(
            "INSERT INTO devices (nid, user_id, device_id, display_name, last_seen) VALUES ($1, $2, $3, $4, 0) "
            + "ON CONFLICT (user_id, device_id) DO NOTHING",
            nid, user.Value, deviceId, displayName).ConfigureAwait(false) == 0)
        {
            throw Refusal.InvalidParam("This device id cannot be had.");
        }
    }

    /// <summary>Inside a transaction: refuses (M_UNKNOWN_TOKEN) when the requester's device ended since the token was checked.</summary>
    public static async ValueTask CheckDeviceAsync(DbSession session, Requester requester)
    {
        _ = await session.FindAsync<long?>("SELECT nid FROM devices WHERE nid = $1", r => r.GetInt64(0), requester.Device).ConfigureAwait(false)
            ?? throw Refusal.UnknownToken();
    }

    /// <summary>Forgets what is cached of an account whose rights changed.</summary>
    public void Forget(UserId user) => Drop(k => k.Requester.User == user);

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private static Device Map(System.Data.Common.DbDataReader r) => new(
        r.GetInt64(0), UserId.Parse(r.GetString(1)), r.GetString(2), r.FindString(3), r.GetInt64(4), r.FindString(5));

    private async ValueTask<Known?> LoadAsync(string token)
    {
        (Known Known, long Generation)? found;
        await using (var session = await _database.ReadAsync().ConfigureAwait(false))
        {
            found = await session.FindAsync<(Known, long)?>(
                "SELECT a.user_id, d.device_id, d.nid, a.organisation, a.is_guest, a.is_admin, t.expires, t.generation, a.locked, a.suspended "
                + "FROM tokens t JOIN devices d ON d.nid = t.device JOIN accounts a ON a.user_id = d.user_id "
                + "WHERE t.hash = $1 AND t.kind = 'access' AND a.deactivated = 0",
                r => (new Known(
                    new Requester(
                        UserId.Parse(r.GetString(0)), r.GetString(1), r.GetInt64(2), _organisations.Get(r.GetInt64(3)),
                        r.GetInt64(4) != 0, r.GetInt64(5) != 0)
                    {
                        IsLocked = r.GetInt64(8) != 0,
                        IsSuspended = r.GetInt64(9) != 0,
                    },
                    r.FindInt64(6)), r.GetInt64(7)),
                Hash(token)).ConfigureAwait(false);
        }

        if (found is { Generation: > 1 } newer)
        {
            // First use of a refreshed token: the generation before it ends.
            var device = newer.Known.Requester.Device;
            await _log.AppendAsync(new WorkUnit(null, null, async (session, _) => await session.ExecuteAsync(
                "DELETE FROM tokens WHERE device = $1 AND generation < $2", device, newer.Generation).ConfigureAwait(false))
            {
                Committed = () => Drop(k => k.Requester.Device == device),
            }).ConfigureAwait(false);
        }

        return found?.Known;
    }

    private async ValueTask<bool> RemoveAsync(DbSession session, UserId user, string deviceId, long position)
    {
        if (await session.FindAsync(
            $"SELECT {DeviceColumns} FROM devices WHERE user_id = $1 AND device_id = $2", Map, user.Value, deviceId).ConfigureAwait(false) is not { } device)
        {
            return false;
        }

        await session.ExecuteAsync("DELETE FROM tokens WHERE device = $1", device.Nid).ConfigureAwait(false);
        await session.ExecuteAsync("DELETE FROM devices WHERE nid = $1", device.Nid).ConfigureAwait(false);
        var hadKeys = false;
        foreach (var observer in DeviceEnding?.GetInvocationList().Cast<Func<DbSession, Device, long, ValueTask<bool>>>() ?? [])
        {
            hadKeys |= await observer(session, device, position).ConfigureAwait(false);
        }

        return hadKeys;
    }

    private Pair NewPair(bool withRefresh) => new(
        "cwa_" + _ids.Letters(43), withRefresh ? "cwr_" + _ids.Letters(43) : null, withRefresh ? _options.AccessTokenLifetime : null);

    private async ValueTask StoreAsync(DbSession session, long device, long generation, Pair pair)
    {
        const string insert = "INSERT INTO tokens (hash, device, kind, generation, expires) VALUES ($1, $2, $3, $4, $5)";
        var expires = pair.ExpiresIn is { } life ? (_clock.GetUtcNow() + life).ToUnixTimeMilliseconds() : (long?)null;
        await session.ExecuteAsync(insert, Hash(pair.Access), device, "access", generation, expires).ConfigureAwait(false);
        if (pair.Refresh is { } refresh)
        {
            await session.ExecuteAsync(insert, Hash(refresh), device, "refresh", generation, null).ConfigureAwait(false);
        }
    }

    private void Drop(Predicate<Known> which)
    {
        Interlocked.Increment(ref _drops);
        foreach (var (key, known) in _known)
        {
            if (which(known))
            {
                _known.TryRemove(key, out _);
            }
        }
    }

    private sealed record Pair(string Access, string? Refresh, TimeSpan? ExpiresIn);

    private sealed class Known(Requester requester, long? expires)
    {
        public readonly Requester Requester = requester;
        public readonly long? Expires = expires;
        public long SeenAt;
    }
}
