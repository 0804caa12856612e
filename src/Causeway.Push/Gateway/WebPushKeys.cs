using System.Security.Cryptography;
using Causeway.Matrix;

namespace Causeway.Push;

/// <summary>A browser's keys: the point of its P-256 key pair and its authentication secret (RFC 8291, section 3).</summary>
internal sealed record WebPushKeys(byte[] PublicKey, byte[] AuthSecret)
{
    private const int PointLength = 65;

    /// <summary>Reads them from Base64; null when they are not keys, a point off the curve included.</summary>
    public static WebPushKeys? TryParse(string p256dh, string auth)
    {
        if (!UnpaddedBase64.TryDecode(p256dh, out var point) || !UnpaddedBase64.TryDecode(auth, out var secret)
            || point.Length != PointLength || point[0] != 4 || secret.Length != 16)
        {
            return null;
        }

        try
        {
            using var _ = ECDiffieHellman.Create(Parameters(point));
            return new WebPushKeys(point, secret);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>An uncompressed point as the base library takes it.</summary>
    public static ECParameters Parameters(byte[] point) => new()
    {
        Curve = ECCurve.NamedCurves.nistP256,
        Q = new ECPoint { X = point[1..33], Y = point[33..] },
    };

    /// <summary>The uncompressed form of a key's point.</summary>
    public static byte[] Point(ECParameters key) => [4, .. key.Q.X!, .. key.Q.Y!];
}
