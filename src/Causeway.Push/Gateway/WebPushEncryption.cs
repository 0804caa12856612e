using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Causeway.Push;

/// <summary>Encrypts a Web Push message for a browser: aes128gcm in one record (RFC 8291, RFC 8188).</summary>
internal static class WebPushEncryption
{
    /// <summary>A push service must take 4,096 bytes of body: header, text, the delimiter and the tag.</summary>
    public const int MaxText = 4096 - HeaderLength - 1 - TagLength;

    private const int RecordSize = 4096;
    private const int SaltLength = 16;
    private const int PointLength = 65;
    private const int TagLength = 16;
    private const int HeaderLength = SaltLength + 4 + 1 + PointLength;

    /// <summary>The body of the request to the push service.</summary>
    /// <param name="text">At most <see cref="MaxText"/> bytes.</param>
    /// <param name="receiver">The browser's keys.</param>
    /// <param name="sender">A key pair for this message alone.</param>
    /// <param name="salt">16 random bytes.</param>
    public static byte[] Encrypt(ReadOnlySpan<byte> text, WebPushKeys receiver, ECDiffieHellman sender, ReadOnlySpan<byte> salt)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(text.Length, MaxText);
        using var receiverKey = ECDiffieHellman.Create(WebPushKeys.Parameters(receiver.PublicKey));
        var senderPoint = WebPushKeys.Point(sender.ExportParameters(includePrivateParameters: false));
        var shared = sender.DeriveRawSecretAgreement(receiverKey.PublicKey);
        var secret = HKDF.DeriveKey(
            HashAlgorithmName.SHA256, shared, 32, receiver.AuthSecret, [.. "WebPush: info\0"u8, .. receiver.PublicKey, .. senderPoint]);
        var root = HKDF.Extract(HashAlgorithmName.SHA256, secret, salt.ToArray());
        var key = HKDF.Expand(HashAlgorithmName.SHA256, root, 16, "Content-Encoding: aes128gcm\0"u8.ToArray());
        var nonce = HKDF.Expand(HashAlgorithmName.SHA256, root, 12, "Content-Encoding: nonce\0"u8.ToArray());

        var body = new byte[HeaderLength + text.Length + 1 + TagLength];
        salt.CopyTo(body);
        BinaryPrimitives.WriteUInt32BigEndian(body.AsSpan(SaltLength), RecordSize);
        body[SaltLength + 4] = PointLength;
        senderPoint.CopyTo(body, SaltLength + 5);

        // 2 delimits the text of the last record.
        byte[] plain = [.. text, 2];
        using var cipher = new AesGcm(key, TagLength);
        cipher.Encrypt(nonce, plain, body.AsSpan(HeaderLength, plain.Length), body.AsSpan(HeaderLength + plain.Length));
        return body;
    }
}
