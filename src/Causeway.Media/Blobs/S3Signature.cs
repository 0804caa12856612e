using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Causeway.Media.Blobs;

/// <summary>AWS Signature Version 4 for requests without a query, as the S3 protocol wants it.</summary>
internal static class S3Signature
{
    /// <summary>The SHA-256 of no bytes.</summary>
    public const string EmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// <summary>The headers that sign a request; the host is signed as the client will send it.</summary>
    public static (string Name, string Value)[] Headers(ObjectStorage storage, string method, Uri url, string bodyHash, DateTimeOffset now)
    {
        var time = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var scope = $"{time[..8]}/{storage.Region}/s3/aws4_request";
        const string signed = "host;x-amz-content-sha256;x-amz-date";
        var canonical = $"{method}\n{url.AbsolutePath}\n\nhost:{url.Authority}\nx-amz-content-sha256:{bodyHash}\nx-amz-date:{time}\n\n{signed}\n{bodyHash}";
        var text = $"AWS4-HMAC-SHA256\n{time}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = Encoding.UTF8.GetBytes("AWS4" + storage.Secret);
        foreach (var part in scope.Split('/'))
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }

        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
        return
        [
            ("x-amz-date", time),
            ("x-amz-content-sha256", bodyHash),
            ("Authorization", $"AWS4-HMAC-SHA256 Credential={storage.Key}/{scope}, SignedHeaders={signed}, Signature={signature}"),
        ];
    }
}
