using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Causeway.Hosting;
using Causeway.Matrix;
using Causeway.Storage;
using Causeway.Streams;

namespace Causeway.Push;

/// <summary>
/// How this deployment names itself to push services (RFC 8292): one P-256 key pair, made when it is first asked for, and
/// tokens signed with it. A browser's subscription is bound to the public key, so it is never changed.
/// </summary>
internal sealed class Vapid(LogWriter log, TimeProvider clock, PushOptions options, IOrganisationResolver organisations) : IDisposable
{
    private const int MaxTokens = 1000;
    private static readonly TimeSpan TokenLife = TimeSpan.FromHours(12);

    private readonly ConcurrentDictionary<string, (string Header, DateTimeOffset Until)> _tokens = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _turn = new(1);
    private ECDsa? _key;
    private string _publicKey = "";

    /// <summary>The public key as browsers want it: the uncompressed point in URL-safe Base64.</summary>
    public async ValueTask<string> PublicKeyAsync()
    {
        await KeyAsync().ConfigureAwait(false);
        return _publicKey;
    }

    /// <summary>The Authorization header for a push service.</summary>
    public async ValueTask<string> AuthorizeAsync(Uri endpoint)
    {
        var key = await KeyAsync().ConfigureAwait(false);
        var audience = endpoint.GetLeftPart(UriPartial.Authority);
        var now = clock.GetUtcNow();
        if (_tokens.TryGetValue(audience, out var known) && known.Until > now)
        {
            return known.Header;
        }

        if (_tokens.Count > MaxTokens)
        {
            _tokens.Clear();
        }

        // Signed with half its life left to spend, since clocks differ.
        var header = $"vapid t={Sign(key, audience, now + TokenLife)}, k={_publicKey}";
        _tokens[audience] = (header, now + (TokenLife / 2));
        return header;
    }

    public void Dispose()
    {
        _key?.Dispose();
        _turn.Dispose();
    }

    private string Sign(ECDsa key, string audience, DateTimeOffset expires)
    {
        using var claims = new PooledBuffer();
        using (var json = JsonReply.Writer(claims))
        {
            json.WriteStartObject();
            json.WriteString("aud"u8, audience);
            json.WriteNumber("exp"u8, expires.ToUnixTimeSeconds());
            json.WriteString("sub"u8, Contact);
            json.WriteEndObject();
        }

        var text = UnpaddedBase64.EncodeUrlSafe("""{"typ":"JWT","alg":"ES256"}"""u8) + "." + UnpaddedBase64.EncodeUrlSafe(claims.Written.Span);
        var signature = key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return text + "." + UnpaddedBase64.EncodeUrlSafe(signature);
    }

    /// <summary>Where a push service's operator finds ours.</summary>
    private string Contact => options.PublicUrl is { Scheme: "https" } url
        ? url.GetLeftPart(UriPartial.Authority)
        : "https://" + organisations.Resolve(null).ServerName.Value;

    private async ValueTask<ECDsa> KeyAsync()
    {
        if (Volatile.Read(ref _key) is { } ready)
        {
            return ready;
        }

        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_key is null)
            {
                var key = await LoadOrMakeAsync().ConfigureAwait(false);
                _publicKey = UnpaddedBase64.EncodeUrlSafe(WebPushKeys.Point(key.ExportParameters(includePrivateParameters: false)));
                Volatile.Write(ref _key, key);
            }

            return _key;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<ECDsa> LoadOrMakeAsync()
    {
        byte[] stored = [];
        using var made = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await log.AppendAsync(new WorkUnit(null, null, async (session, _) =>
        {
            if (await session.FindAsync("SELECT private_key FROM push_vapid WHERE one = 1", r => r.GetBytes(0)).ConfigureAwait(false) is { } known)
            {
                stored = known;
                return;
            }

            stored = made.ExportPkcs8PrivateKey();
            await session.ExecuteAsync("INSERT INTO push_vapid (one, private_key) VALUES (1, $1)", stored).ConfigureAwait(false);
        })).ConfigureAwait(false);
        var key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(stored, out _);
        return key;
    }
}
