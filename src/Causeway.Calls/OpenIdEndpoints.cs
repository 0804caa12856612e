using Causeway.Hosting;

namespace Causeway.Calls;

/// <summary>
/// POST /_matrix/client/v3/user/{userId}/openid/request_token: a token that proves to another service who one is.
/// Client-server API, "OpenID".
/// </summary>
internal sealed class RequestOpenIdToken(OpenIdTokens tokens) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var user = request.OwnUserId();
        using var body = await request.ReadJsonAsync(emptyIsObject: true).ConfigureAwait(false);
        var token = await tokens.CreateAsync(user).ConfigureAwait(false);
        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("access_token"u8, token);
            json.WriteString("token_type"u8, "Bearer"u8);
            json.WriteString("matrix_server_name"u8, request.Requester.Organisation.ServerName.Value);
            json.WriteNumber("expires_in"u8, (long)OpenIdTokens.Lifetime.TotalSeconds);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}

/// <summary>
/// GET /_matrix/federation/v1/openid/userinfo?access_token=: whose token it is, to any service that was given one.
/// Server-server API, "OpenID".
/// </summary>
internal sealed class OpenIdUserInfo(OpenIdTokens tokens) : IEndpoint
{
    public async Task HandleAsync(MatrixRequest request)
    {
        var token = request.Query("access_token") ?? throw new Refusal(401, "M_MISSING_TOKEN", "'access_token' is missing.");

        // A server name vouches for its own people only (D4).
        if (await tokens.FindUserAsync(token).ConfigureAwait(false) is not { } user || user.ServerName != request.Organisation.ServerName)
        {
            throw new Refusal(401, "M_UNKNOWN_TOKEN", "The token is not known or no longer valid.");
        }

        await request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("sub"u8, user.Value);
            json.WriteEndObject();
        }).ConfigureAwait(false);
    }
}
