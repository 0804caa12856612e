using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Causeway.Hosting;

namespace Causeway.Calls;

/// <summary>
/// GET /_matrix/client/v3/voip/turnServer: credentials for the relays, good for a while (Client-server API, "Voice over IP";
/// draft-uberti-behave-turn-rest: the name is the end of their life, the password its HMAC). Without relays: 404.
/// </summary>
internal sealed class TurnServer(CallsOptions options, TimeProvider clock) : IEndpoint
{
    public Task HandleAsync(MatrixRequest request)
    {
        if (options.TurnUris.Count == 0)
        {
            throw Refusal.NotFound("This server has no relay for calls.");
        }

        var end = clock.GetUtcNow().Add(options.TurnLifetime).ToUnixTimeSeconds();
        var name = string.Create(CultureInfo.InvariantCulture, $"{end}:{request.Requester.User.Value}");
#pragma warning disable CA5350 // The protocol between us and the relay names SHA-1.
        var password = Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(options.TurnSecret), Encoding.UTF8.GetBytes(name)));
#pragma warning restore CA5350
        return request.ReplyAsync(json =>
        {
            json.WriteStartObject();
            json.WriteString("username"u8, name);
            json.WriteString("password"u8, password);
            json.WriteStartArray("uris"u8);
            foreach (var uri in options.TurnUris)
            {
                json.WriteStringValue(uri);
            }

            json.WriteEndArray();
            json.WriteNumber("ttl"u8, (long)options.TurnLifetime.TotalSeconds);
            json.WriteEndObject();
        });
    }
}
