using System.Globalization;
using System.Text.Json.Nodes;
using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Server.Local;

namespace Causeway.Server.Commands;

/// <summary><c>causeway token add</c>.</summary>
internal static class TokenAdd
{
    public static readonly Command Command = new("token add", "", "make a registration token", RunAsync)
    {
        Options =
        [
            new("uses", "N", "how many accounts it may make (no limit)"),
            new("expires-in", "7d", "how long it is good: 30m, 12h, 7d (for ever)"),
            UserAdd.OfOrganisation,
        ],
        Notes = "Who has it may make an account while registration is 'token'.",
    };

    private static async Task<int> RunAsync(Arguments arguments)
    {
        var options = arguments.Settings;
        var answer = await LocalChannel.CallAsync(options, "token-add", new JsonObject
        {
            ["organisation"] = arguments.Find(UserAdd.OfOrganisation.Name),
            ["uses"] = arguments.Find("uses") is { } uses ? ParseUses(uses) : null,
            ["lifetime_ms"] = arguments.Find("expires-in") is { } life ? (long)ParseTime(life).TotalMilliseconds : null,
        }).ConfigureAwait(false);
        Console.Out.WriteLine(answer.GetProperty("token").GetString());
        return 0;
    }

    private static long ParseUses(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var uses) && uses is > 0 and < int.MaxValue
            ? uses
            : throw new UsageException($"--uses is a number of at least 1, not '{text}'.");

    private static TimeSpan ParseTime(string text)
    {
        if (text.Length > 1 && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n is > 0 and < 100_000)
        {
            switch (text[^1])
            {
                case 'm':
                    return TimeSpan.FromMinutes(n);
                case 'h':
                    return TimeSpan.FromHours(n);
                case 'd':
                    return TimeSpan.FromDays(n);
            }
        }

        throw new UsageException($"--expires-in is a time such as 30m, 12h or 7d, not '{text}'.");
    }
}

/// <summary>POST /_causeway/local/token-add.</summary>
internal sealed class AddRegistrationToken(
    RegistrationTokens tokens, OrganisationStore organisations, IdSource ids, TimeProvider clock, ILogger<AddRegistrationToken> logger) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        using var body = await request.ReadJsonAsync().ConfigureAwait(false);
        var organisation = LocalNames.Organisation(organisations, body.Root.FindString("organisation"));
        var expires = body.Root.FindInteger("lifetime_ms") is { } life ? clock.GetUtcNow() + TimeSpan.FromMilliseconds(life) : (DateTimeOffset?)null;
        var token = ids.Letters(16);
        await tokens.AddAsync(organisation, token, body.Root.FindInteger("uses"), expires).ConfigureAwait(false);
        LocalLog.Done(logger, "made a registration token for", organisation.ServerName.Value);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("token"u8, token);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}
