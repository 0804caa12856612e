using System.Text.Json;
using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Matrix;
using Causeway.Streams;

namespace Causeway.Rooms;

/// <summary>What becomes of an invitation.</summary>
public enum InviteVerdict
{
    /// <summary>It is shown.</summary>
    Show,

    /// <summary>It is written but not shown; the inviter is told nothing.</summary>
    Hide,

    /// <summary>It is refused (M_INVITE_BLOCKED), and one that is there already is not shown.</summary>
    Block,
}

/// <summary>
/// By whom people let themselves be invited: <c>m.ignored_user_list</c>, <c>m.invite_permission_config</c> (Client-server
/// API, "Invite permission") and the finer <c>org.matrix.msc4155.invite_permission_config</c>.
/// </summary>
public sealed class InvitePermissions(AccountDataStore data, LogTail tail, IgnoredUsers ignored)
{
    private static readonly Config Open = new(false, []);

    private readonly AccountDataCache<Config> _all = new(data, tail, "m.invite_permission_config", Open, ReadStable);
    private readonly AccountDataCache<Config> _fine = new(data, tail, "org.matrix.msc4155.invite_permission_config", Open, ReadUnstable);

    /// <summary>Judges an invitation.</summary>
    public async ValueTask<InviteVerdict> JudgeAsync(UserId invited, UserId inviter)
    {
        if (inviter.Localpart == AccountStore.NoticesLocalpart && inviter.ServerName == invited.ServerName)
        {
            return InviteVerdict.Show;
        }

        if ((await ignored.OfAsync(invited).ConfigureAwait(false)).Contains(inviter.Value))
        {
            return InviteVerdict.Hide;
        }

        if ((await _all.OfAsync(invited).ConfigureAwait(false)).BlocksAll)
        {
            return InviteVerdict.Block;
        }

        var host = inviter.ServerName.Host.ToString();
        foreach (var rule in (await _fine.OfAsync(invited).ConfigureAwait(false)).Rules)
        {
            if (rule.Patterns.Exists(p => p.IsMatch(rule.OfServers ? host : inviter.Value)))
            {
                return rule.Verdict;
            }
        }

        return InviteVerdict.Show;
    }

    /// <summary>Refuses (M_INVITE_BLOCKED) when the person does not let the other invite them.</summary>
    internal async ValueTask CheckAsync(UserId invited, UserId inviter)
    {
        if (await JudgeAsync(invited, inviter).ConfigureAwait(false) == InviteVerdict.Block)
        {
            throw new Refusal(403, "M_INVITE_BLOCKED", "This person does not accept your invitation.");
        }
    }

    private static Config ReadStable(JsonElement content) =>
        content.TryGetProperty("default_action", out var action) && action.ValueKind == JsonValueKind.String && action.ValueEquals("block")
            ? new Config(true, [])
            : Open;

    /// <summary>In the order in which they are applied; one list of the wrong shape makes the whole invalid.</summary>
    private static Config ReadUnstable(JsonElement content)
    {
        if (content.TryGetProperty("enabled", out var enabled) && enabled.ValueKind == JsonValueKind.False)
        {
            return Open;
        }

        var rules = new List<Rule>();
        foreach (var (name, ofServers, verdict) in new[]
        {
            ("allowed_users", false, InviteVerdict.Show), ("ignored_users", false, InviteVerdict.Hide), ("blocked_users", false, InviteVerdict.Block),
            ("allowed_servers", true, InviteVerdict.Show), ("ignored_servers", true, InviteVerdict.Hide), ("blocked_servers", true, InviteVerdict.Block),
        })
        {
            if (!content.TryGetProperty(name, out var list))
            {
                continue;
            }

            if (list.ValueKind != JsonValueKind.Array || list.EnumerateArray().Any(p => p.ValueKind != JsonValueKind.String))
            {
                return Open;
            }

            rules.Add(new Rule(ofServers, verdict, [.. list.EnumerateArray().Select(p => new Glob(p.GetString()!))]));
        }

        return new Config(false, rules);
    }

    private sealed record Config(bool BlocksAll, List<Rule> Rules);

    private sealed record Rule(bool OfServers, InviteVerdict Verdict, List<Glob> Patterns);
}
