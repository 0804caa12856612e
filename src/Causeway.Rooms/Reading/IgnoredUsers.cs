using System.Collections.Frozen;
using System.Text.Json;
using Causeway.Accounts;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>Whom people ignore: their account data <c>m.ignored_user_list</c>. Client-server API, "Ignoring Users".</summary>
public sealed class IgnoredUsers(AccountDataStore data, Streams.LogTail tail)
{
    private readonly AccountDataCache<FrozenSet<string>> _lists = new(data, tail, "m.ignored_user_list", FrozenSet<string>.Empty, Read);

    /// <summary>Whom this person ignores; the same instance until that changes.</summary>
    public async ValueTask<IReadOnlySet<string>> OfAsync(UserId user) => await _lists.OfAsync(user).ConfigureAwait(false);

    private static FrozenSet<string> Read(JsonElement content) =>
        content.TryGetProperty("ignored_users", out var users) && users.ValueKind == JsonValueKind.Object
            ? users.EnumerateObject().Select(u => u.Name).ToFrozenSet(StringComparer.Ordinal)
            : FrozenSet<string>.Empty;
}
