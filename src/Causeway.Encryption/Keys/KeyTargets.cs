using System.Text.Json;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Encryption;

/// <summary>The people a request asks about: those of this deployment, and the servers it cannot reach (federation is not built yet).</summary>
internal static class KeyTargets
{
    public static (List<(UserId User, T Value)> Local, SortedSet<string> Failures) Parse<T>(
        JsonElement people, IOrganisationResolver organisations, Func<UserId, JsonElement, T> parse)
    {
        var local = new List<(UserId, T)>();
        var failures = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var item in people.EnumerateObject())
        {
            if (!UserId.TryParse(item.Name, out var user))
            {
                throw Refusal.InvalidParam($"'{item.Name}' is not a user id.");
            }

            var value = parse(user, item.Value);
            if (organisations.Find(user.ServerName) is not null)
            {
                local.Add((user, value));
            }
            else
            {
                failures.Add(user.ServerName.Value);
            }
        }

        return (local, failures);
    }

    public static void WriteFailures(Utf8JsonWriter json, SortedSet<string> failures)
    {
        json.WriteStartObject("failures"u8);
        foreach (var server in failures)
        {
            json.WriteStartObject(server);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
