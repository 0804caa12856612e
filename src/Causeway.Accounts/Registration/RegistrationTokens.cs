using Causeway.Hosting;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Accounts;

/// <summary>Registration tokens: invitations to make an account, for a number of uses and a time.</summary>
public sealed class RegistrationTokens(Database database, LogWriter log, TimeProvider clock)
{
    private const string Valid = "token = $1 AND organisation = $2 AND (uses_left IS NULL OR uses_left > 0) AND (expires IS NULL OR expires > $3)";

    /// <summary>Whether a token would be taken now.</summary>
    public async ValueTask<bool> IsValidAsync(Organisation organisation, string token)
    {
        await using var session = await database.ReadAsync().ConfigureAwait(false);
        return await session.FindAsync<long?>(
            $"SELECT organisation FROM registration_tokens WHERE {Valid}", r => r.GetInt64(0), token, organisation.Id, Now).ConfigureAwait(false) is not null;
    }

    /// <summary>Makes a token.</summary>
    public Task AddAsync(Organisation organisation, string token, long? uses, DateTimeOffset? expires) => log.AppendAsync(
        new WorkUnit(null, null, async (session, _) => await session.ExecuteAsync(
            "INSERT INTO registration_tokens (token, organisation, uses_left, expires) VALUES ($1, $2, $3, $4)",
            token, organisation.Id, uses, expires?.ToUnixTimeMilliseconds()).ConfigureAwait(false)));

    /// <summary>Inside the registration's transaction: takes one use, or refuses.</summary>
    internal async ValueTask UseAsync(DbSession session, Organisation organisation, string token)
    {
        if (await session.ExecuteAsync(
            $"UPDATE registration_tokens SET uses_left = uses_left - 1 WHERE {Valid}", token, organisation.Id, Now).ConfigureAwait(false) == 0)
        {
            throw new Refusal(401, "M_UNAUTHORIZED", "This registration token is not valid.");
        }
    }

    private long Now => clock.GetUtcNow().ToUnixTimeMilliseconds();
}

/// <summary>
/// GET /_matrix/client/v1/register/m.login.registration_token/validity. Client-server API, "Token-authenticated registration".
/// </summary>
internal sealed class TokenValidity(RegistrationTokens tokens, AccountsOptions options) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var token = request.Query("token") ?? throw Refusal.MissingParam("token");
        if (options.Registration != RegistrationMode.Token)
        {
            throw Refusal.Forbidden("Registration does not take tokens here.");
        }

        var valid = await tokens.IsValidAsync(request.Organisation, token).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteBoolean("valid"u8, valid);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}
