using System.Collections.Concurrent;
using System.Collections.Immutable;
using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Matrix;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Push;

/// <summary>
/// All pushers, in memory by person: the reader of the log asks about every event who is to be told. Changes reach memory
/// in commit order, before the head moves.
/// </summary>
internal sealed class PusherStore
{
    private const string Columns =
        "nid, organisation, user_id, app_id, pushkey, pushkey_ts, device, device_id, app_name, device_name, profile_tag, lang, data, enabled, own_gateway";

    private const string DropSql = "DELETE FROM pushers WHERE nid = $1";
    private const string DropQueueSql = "DELETE FROM push_queue WHERE pusher = $1";

    private readonly Database _database;
    private readonly LogWriter _log;
    private readonly TimeProvider _clock;
    private readonly AccountStore _accounts;
    private readonly ConcurrentDictionary<string, bool> _locked = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ImmutableArray<Pusher>> _byUser = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<long, Pusher> _byNid = new();
    private readonly SemaphoreSlim _loading = new(1);
    private long _changes;
    private long _restarts;
    private long _accountChanges;
    private long _loaded = -1;

    public PusherStore(Database database, LogWriter log, LogTail tail, TimeProvider clock, SessionStore sessions, AccountStore accounts)
    {
        _database = database;
        _log = log;
        _clock = clock;
        _accounts = accounts;
        tail.Restarted += () =>
        {
            Interlocked.Increment(ref _restarts);
            _locked.Clear();
        };
        sessions.DeviceEnding += DropOfDeviceAsync;
        sessions.DeviceRemoved += (user, _) => RefreshAsync(user.Value);
    }

    /// <summary>How many pushers one account may have.</summary>
    public const int MaxOfUser = 64;

    public bool IsEmpty => _byNid.IsEmpty;

    /// <summary>Those who have pushers.</summary>
    public ICollection<string> Users => _byUser.Keys;

    public int UserCount => _byUser.Count;

    /// <summary>A person's pushers.</summary>
    public ImmutableArray<Pusher> Of(string user) => _byUser.TryGetValue(user, out var own) ? own : [];

    /// <summary>Whether the account is locked: it is told nothing meanwhile.</summary>
    public async ValueTask<bool> IsLockedAsync(UserId user)
    {
        if (!_locked.TryGetValue(user.Value, out var isLocked))
        {
            var changes = Interlocked.Read(ref _accountChanges);
            isLocked = await _accounts.FindAsync(user).ConfigureAwait(false) is not { IsLocked: false };
            if (Interlocked.Read(ref _accountChanges) == changes)
            {
                _locked[user.Value] = isLocked;
            }
        }

        return isLocked;
    }

    /// <summary>An account was changed, which may mean that it was locked.</summary>
    public void AccountChanged(string user)
    {
        Interlocked.Increment(ref _accountChanges);
        _locked.TryRemove(user, out _);
    }

    /// <summary>The pusher as it is now, or null when it ended.</summary>
    public Pusher? Find(long nid) => _byNid.GetValueOrDefault(nid);

    /// <summary>Pushers of the server's own gateway with this key, whoever's.</summary>
    public async ValueTask<List<Pusher>> ListOwnAsync(string appId, string pushKey)
    {
        await using var session = await _database.ReadAsync().ConfigureAwait(false);
        return await session.QueryAsync(
            $"SELECT {Columns} FROM pushers WHERE app_id = $1 AND pushkey = $2 AND own_gateway = 1 ORDER BY nid", Map, appId, pushKey).ConfigureAwait(false);
    }

    /// <summary>Reads all pushers when that was not done yet, or memory may have missed something.</summary>
    public async ValueTask EnsureLoadedAsync()
    {
        if (IsLoaded)
        {
            return;
        }

        await _loading.WaitAsync().ConfigureAwait(false);
        try
        {
            while (!IsLoaded)
            {
                var (restarts, changes) = (Interlocked.Read(ref _restarts), Interlocked.Read(ref _changes));
                var rows = await ReadAsync($"SELECT {Columns} FROM pushers ORDER BY nid").ConfigureAwait(false);
                lock (_byUser)
                {
                    // What was committed while reading may not be in what was read.
                    if (Interlocked.Read(ref _changes) == changes)
                    {
                        _byUser.Clear();
                        _byNid.Clear();
                        rows.ForEach(Put);
                        Interlocked.Exchange(ref _loaded, restarts);
                    }
                }
            }
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>Sets a pusher: made, or changed where the person has one with this application and key.</summary>
    public async Task SetAsync(Requester requester, WantedPusher wanted)
    {
        var user = requester.User.Value;
        Pusher? set = null;
        var dropped = new List<Pusher>();
        var now = _clock.GetUtcNow().ToUnixTimeSeconds();
        await _log.AppendAsync(new WorkUnit(
            LogKind.Pusher,
            user,
            async (session, first) =>
            {
                await SessionStore.CheckDeviceAsync(session, requester).ConfigureAwait(false);
                var known = await session.FindAsync(
                    $"SELECT {Columns} FROM pushers WHERE user_id = $1 AND app_id = $2 AND pushkey = $3", Map, user, wanted.AppId, wanted.PushKey).ConfigureAwait(false);
                await CheckRoomAsync(session, user, known).ConfigureAwait(false);
                dropped.Clear();
                if (!wanted.Append)
                {
                    // The same application on the same device, signed in as somebody else before.
                    dropped.AddRange(await session.QueryAsync(
                        $"SELECT {Columns} FROM pushers WHERE app_id = $1 AND pushkey = $2 AND organisation = $3 AND user_id <> $4",
                        Map, wanted.AppId, wanted.PushKey, requester.Organisation.Id, user).ConfigureAwait(false));
                    foreach (var other in dropped)
                    {
                        await DropAsync(session, other.Nid).ConfigureAwait(false);
                    }
                }

                // Switched on or off from another device it stays with its own (MSC3881).
                var keepsDevice = known is not null && known.IsEnabled != wanted.IsEnabled;
                set = new Pusher(wanted.Data)
                {
                    Nid = known?.Nid ?? first,
                    Organisation = requester.Organisation.Id,
                    User = requester.User,
                    AppId = wanted.AppId,
                    PushKey = wanted.PushKey,
                    PushKeyTime = now,
                    Device = keepsDevice ? known!.Device : requester.Device,
                    DeviceId = keepsDevice ? known!.DeviceId : requester.DeviceId,
                    AppName = wanted.AppName,
                    DeviceName = wanted.DeviceName,
                    ProfileTag = wanted.ProfileTag,
                    Language = wanted.Language,
                    IsEnabled = wanted.IsEnabled,
                    IsOwnGateway = wanted.IsOwnGateway,
                };
                await StoreAsync(session, set).ConfigureAwait(false);
            })
        {
            Committed = () => Apply(dropped, set),
        }).ConfigureAwait(false);
    }

    /// <summary>Deletes a person's pusher; nothing happens when there is none.</summary>
    public async Task DeleteAsync(UserId user, string appId, string pushKey)
    {
        Pusher? known = null;
        await _log.AppendAsync(new WorkUnit(null, null, async (session, _) =>
        {
            known = await session.FindAsync(
                $"SELECT {Columns} FROM pushers WHERE user_id = $1 AND app_id = $2 AND pushkey = $3", Map, user.Value, appId, pushKey).ConfigureAwait(false);
            if (known is not null)
            {
                await DropAsync(session, known.Nid).ConfigureAwait(false);
            }
        })
        {
            Committed = () => Apply(known is null ? [] : [known], null),
        }).ConfigureAwait(false);
    }

    /// <summary>Removes a pusher whose key is said to be dead, unless it was set anew meanwhile.</summary>
    public async Task RemoveAsync(Pusher dead)
    {
        var isGone = false;
        await _log.AppendAsync(new WorkUnit(null, null, async (session, _) =>
        {
            isGone = await session.ExecuteAsync(
                "DELETE FROM pushers WHERE nid = $1 AND pushkey_ts = $2 AND data = $3", dead.Nid, dead.PushKeyTime, dead.Data).ConfigureAwait(false) > 0;
            if (isGone)
            {
                await session.ExecuteAsync(DropQueueSql, dead.Nid).ConfigureAwait(false);
            }
        })
        {
            Committed = () => Apply(isGone ? [dead] : [], null),
        }).ConfigureAwait(false);
    }

    private bool IsLoaded => Interlocked.Read(ref _loaded) == Interlocked.Read(ref _restarts);

    private static async ValueTask CheckRoomAsync(DbSession session, string user, Pusher? known)
    {
        if (known is null && await session.FindAsync(
            "SELECT count(*) FROM pushers WHERE user_id = $1", r => r.GetInt64(0), user).ConfigureAwait(false) >= MaxOfUser)
        {
            throw Refusal.InvalidParam($"You have {MaxOfUser} pushers. Delete one first.");
        }
    }

    private static async ValueTask StoreAsync(DbSession session, Pusher pusher)
    {
        await session.ExecuteAsync(DropSql, pusher.Nid).ConfigureAwait(false);
        await session.ExecuteAsync(
            $"INSERT INTO pushers ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
            pusher.Nid, pusher.Organisation, pusher.User.Value, pusher.AppId, pusher.PushKey, pusher.PushKeyTime, pusher.Device,
            pusher.DeviceId, pusher.AppName, pusher.DeviceName, pusher.ProfileTag, pusher.Language, pusher.Data,
            pusher.IsEnabled ? 1L : 0L, pusher.IsOwnGateway ? 1L : 0L).ConfigureAwait(false);
    }

    private static async ValueTask DropAsync(DbSession session, long nid)
    {
        await session.ExecuteAsync(DropSql, nid).ConfigureAwait(false);
        await session.ExecuteAsync(DropQueueSql, nid).ConfigureAwait(false);
    }

    private static async ValueTask<bool> DropOfDeviceAsync(DbSession session, Device device, long position)
    {
        await session.ExecuteAsync(
            "DELETE FROM push_queue WHERE pusher IN (SELECT nid FROM pushers WHERE device = $1)", device.Nid).ConfigureAwait(false);
        await session.ExecuteAsync("DELETE FROM pushers WHERE device = $1", device.Nid).ConfigureAwait(false);
        return false;
    }

    /// <summary>After a device ended: reads the person's pushers again, or has all read again when that fails.</summary>
    private async Task RefreshAsync(string user)
    {
        try
        {
            while (_byUser.ContainsKey(user))
            {
                var changes = Interlocked.Read(ref _changes);
                var rows = await ReadAsync($"SELECT {Columns} FROM pushers WHERE user_id = $1 ORDER BY nid", user).ConfigureAwait(false);
                lock (_byUser)
                {
                    if (Interlocked.Read(ref _changes) == changes)
                    {
                        Interlocked.Increment(ref _changes);
                        Of(user).ToList().ForEach(Take);
                        rows.ForEach(Put);
                        return;
                    }
                }
            }
        }
        catch (StorageException)
        {
            Interlocked.Increment(ref _restarts);
        }
    }

    private async ValueTask<List<Pusher>> ReadAsync(string sql, params object?[] args)
    {
        await using var session = await _database.ReadAsync().ConfigureAwait(false);
        return await session.QueryAsync(sql, Map, args).ConfigureAwait(false);
    }

    private void Apply(List<Pusher> dropped, Pusher? set)
    {
        lock (_byUser)
        {
            Interlocked.Increment(ref _changes);
            dropped.ForEach(Take);
            if (set is not null)
            {
                Put(set);
            }
        }
    }

    private void Put(Pusher pusher)
    {
        Take(pusher);
        _byNid[pusher.Nid] = pusher;
        _byUser[pusher.User.Value] = Of(pusher.User.Value).Add(pusher);
    }

    private void Take(Pusher pusher)
    {
        _byNid.TryRemove(pusher.Nid, out _);
        var rest = Of(pusher.User.Value).RemoveAll(p => p.Nid == pusher.Nid);
        if (rest.IsEmpty)
        {
            _byUser.TryRemove(pusher.User.Value, out _);
        }
        else
        {
            _byUser[pusher.User.Value] = rest;
        }
    }

    private static Pusher Map(System.Data.Common.DbDataReader r) => new(r.GetBytes(12))
    {
        Nid = r.GetInt64(0),
        Organisation = r.GetInt64(1),
        User = UserId.Parse(r.GetString(2)),
        AppId = r.GetString(3),
        PushKey = r.GetString(4),
        PushKeyTime = r.GetInt64(5),
        Device = r.GetInt64(6),
        DeviceId = r.GetString(7),
        AppName = r.GetString(8),
        DeviceName = r.GetString(9),
        ProfileTag = r.FindString(10),
        Language = r.GetString(11),
        IsEnabled = r.GetInt64(13) != 0,
        IsOwnGateway = r.GetInt64(14) != 0,
    };
}
