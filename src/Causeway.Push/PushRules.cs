using System.Collections.Concurrent;
using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Matrix;
using Causeway.Streams;

namespace Causeway.Push;

/// <summary>
/// People's push rules: the defaults with what they changed. Kept as account data m.push_rules, whose content holds the
/// rules as clients read them and, under <c>causeway</c>, only the changes, so that new defaults reach everybody.
/// </summary>
public sealed class PushRules
{
    /// <summary>The account data type.</summary>
    public const string Type = "m.push_rules";

    private const int MaxCached = 20_000;

    private readonly AccountDataStore _data;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly ConcurrentDictionary<string, PushRuleset> _cache = new(StringComparer.Ordinal);

    /// <summary>Subscribes to the tail, to start afresh when entries were committed past it.</summary>
    public PushRules(AccountDataStore data, LogTail tail)
    {
        _data = data;
        tail.Restarted += _cache.Clear;
    }

    /// <summary>A person's rules.</summary>
    public async ValueTask<PushRuleset> GetAsync(UserId user)
    {
        if (_cache.TryGetValue(user.Value, out var known))
        {
            return known;
        }

        var stored = await _data.FindAsync(user, "", Type).ConfigureAwait(false);
        var rules = stored is null ? PushRuleset.DefaultFor(user) : Read(stored, user);
        if (_cache.Count > MaxCached)
        {
            _cache.Clear();
        }

        return _cache.GetOrAdd(user.Value, rules);
    }

    /// <summary>Changes them; changes of one server are made one after the other, so that none is lost.</summary>
    public async Task ChangeAsync(UserId user, Func<PushRuleset, PushRuleset> change)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            var rules = change(await GetAsync(user).ConfigureAwait(false));
            await _data.SetAsync(user, "", Type, Content(rules)).ConfigureAwait(false);
            _cache[user.Value] = rules;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The rules as the account data event that /sync shows.</summary>
    public async ValueTask<AccountDataItem> AsAccountDataAsync(UserId user) =>
        new("", Type, GlobalOnly(await GetAsync(user).ConfigureAwait(false)), 0);

    private static PushRuleset Read(AccountDataItem stored, UserId user)
    {
        using var json = System.Text.Json.JsonDocument.Parse(stored.Content);
        return json.RootElement.TryGetProperty("causeway", out var changes)
            ? PushRuleset.Parse(System.Text.Encoding.UTF8.GetBytes(changes.GetRawText()), user)
            : PushRuleset.DefaultFor(user);
    }

    private static byte[] GlobalOnly(PushRuleset rules) => Write(rules, withChanges: false);

    private static byte[] Content(PushRuleset rules) => Write(rules, withChanges: true);

    private static byte[] Write(PushRuleset rules, bool withChanges)
    {
        using var buffer = new PooledBuffer();
        using (var json = JsonReply.Writer(buffer))
        {
            json.WriteStartObject();
            if (withChanges)
            {
                json.WritePropertyName("causeway"u8);
                json.WriteRawValue(rules.ToStored().Span, skipInputValidation: true);
            }

            json.WritePropertyName("global"u8);
            rules.WriteTo(json);
            json.WriteEndObject();
        }

        return buffer.Written.ToArray();
    }
}
