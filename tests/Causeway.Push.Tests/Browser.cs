using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Causeway.Push.Tests;

/// <summary>What a browser does with Web Push messages, written from the RFCs apart from the code that makes them.</summary>
internal sealed class Browser : IDisposable
{
    private readonly ECDiffieHellman _key;

    public Browser(string? privateKey = null, string? publicKey = null, string? auth = null)
    {
        if (privateKey is null)
        {
            _key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        }
        else
        {
            var point = Base64Url.DecodeFromChars(publicKey);
            _key = ECDiffieHellman.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256, D = Base64Url.DecodeFromChars(privateKey), Q = new ECPoint { X = point[1..33], Y = point[33..] },
            });
        }

        AuthSecret = auth is null ? RandomNumberGenerator.GetBytes(16) : Base64Url.DecodeFromChars(auth);
        var q = _key.ExportParameters(false).Q;
        Point = [4, .. q.X!, .. q.Y!];
    }

    public byte[] Point { get; }

    public byte[] AuthSecret { get; }

    public string P256dh => Base64Url.EncodeToString(Point);

    public string Auth => Base64Url.EncodeToString(AuthSecret);

    /// <summary>A body of /pushers/set for a server's own gateway.</summary>
    public Dictionary<string, object?> Pusher(Uri server, string endpoint)
    {
        var body = PusherCalls.Body(new Uri(server, "/_matrix/push/v1/notify").ToString(), P256dh, "org.example.web");
        (body.Data()["endpoint"], body.Data()["auth"]) = (endpoint, Auth);
        return body;
    }

    public JsonElement Read(Received push)
    {
        Assert.Equal("aes128gcm", push.Headers["Content-Encoding"]);
        return JsonDocument.Parse(Decrypt(push.Body)).RootElement;
    }

    public byte[] Decrypt(byte[] body)
    {
        var (salt, idLength) = (body[..16], body[20]);
        Assert.True(BinaryPrimitives.ReadUInt32BigEndian(body.AsSpan(16)) >= 18 && body.Length <= 4096);
        Assert.Equal(65, idLength);
        var sender = body[21..86];
        using var other = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = sender[1..33], Y = sender[33..] } });
        var shared = _key.DeriveRawSecretAgreement(other.PublicKey);
        var firstKey = HMACSHA256.HashData(AuthSecret, shared);
        byte[] info = [.. "WebPush: info\0"u8, .. Point, .. sender, 1];
        var input = HMACSHA256.HashData(firstKey, info);
        var root = HMACSHA256.HashData(salt, input);
        var key = HMACSHA256.HashData(root, "Content-Encoding: aes128gcm\0\u0001"u8.ToArray())[..16];
        var nonce = HMACSHA256.HashData(root, "Content-Encoding: nonce\0\u0001"u8.ToArray())[..12];
        var text = new byte[body.Length - 86 - 16];
        using var cipher = new AesGcm(key, 16);
        cipher.Decrypt(nonce, body.AsSpan(86, text.Length), body.AsSpan(body.Length - 16), text);
        var end = text.AsSpan().LastIndexOfAnyExcept((byte)0);
        Assert.Equal(2, text[end]);
        return text[..end];
    }

    /// <summary>What a push service checks of the sender: the signature by the key that the subscription was made with. The claims.</summary>
    public static JsonElement CheckVapid(Received push, string applicationServerKey)
    {
        var parts = push.Headers["Authorization"]["vapid ".Length..].Split(", ").ToDictionary(p => p[..1], p => p[2..]);
        Assert.Equal(applicationServerKey, parts["k"]);
        var point = Base64Url.DecodeFromChars(parts["k"]);
        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = point[1..33], Y = point[33..] } });
        var token = parts["t"].Split('.');
        Assert.True(key.VerifyData(Encoding.ASCII.GetBytes($"{token[0]}.{token[1]}"), Base64Url.DecodeFromChars(token[2]), HashAlgorithmName.SHA256));
        Assert.Equal("""{"typ":"JWT","alg":"ES256"}""", Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token[0])));
        return JsonDocument.Parse(Base64Url.DecodeFromChars(token[1])).RootElement;
    }

    public void Dispose() => _key.Dispose();
}
