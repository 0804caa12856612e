using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Causeway.TestKit;
using Microsoft.AspNetCore.Http;

namespace Causeway.Media.Tests;

public sealed class BucketTests
{
    private const string Key = "AKIAIOSFODNN7EXAMPLE";
    private const string Secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    [DatabaseTheory]
    public async Task Files_lie_in_a_bucket_with_signed_requests(string database)
    {
        var objects = new ConcurrentDictionary<string, byte[]>();
        await using var bucket = await FakePages.StartAsync(context => ServeAsync(context, objects));
        await using var server = await TestServer.StartAsync(database, o => o with
        {
            MediaS3 = new ObjectStorage(new Uri($"http://127.0.0.1:{bucket.Port}/media/files"), "eu-central-1", Key, Secret),
        });
        var (alice, admin) = (await server.RegisterAsync(), await server.AdministratorAsync());
        var bytes = RandomNumberGenerator.GetBytes(3_000_000);

        var media = await alice.UploadAsync(bytes, "application/pdf");
        var (picture, empty) = (await alice.UploadAsync(Pictures.Png(500, 500), "image/png"), await alice.UploadAsync([]));

        Assert.Equal(bytes, (await alice.DownloadAsync(media)).Ok().Body);
        Assert.Equal(bytes[10..21], (await alice.DownloadAsync(media, ("Range", "bytes=10-20"))).Body);
        Assert.Empty((await alice.DownloadAsync(empty)).Ok().Body);
        (await alice.ThumbnailAsync(picture, 96, 96)).Ok();
        Assert.Equal(Thumbnails.Thumbnailer.FindProgram() is null ? 3 : 4, objects.Count);
        Assert.Empty(Directory.GetFiles(server.Temporary));
        Assert.All(objects.Keys, k => Assert.Matches("^/media/files/[0-9a-f]{2}/[0-9a-f]{64}(-96x96-scale)?$", k));
        foreach (var one in new[] { media, picture, empty })
        {
            (await admin.SendAsync("DELETE", "/_synapse/admin/v1/media/" + one)).Ok();
            (await alice.DownloadAsync(one)).Refused(404, "M_NOT_FOUND");
        }

        Assert.Empty(objects);
    }

    [DatabaseTheory]
    public async Task A_bucket_that_refuses_or_is_away_is_a_fault_of_storage_and_nothing_is_acknowledged(string database)
    {
        var objects = new ConcurrentDictionary<string, byte[]>();
        var bucket = await FakePages.StartAsync(context => ServeAsync(context, objects));
        await using var server = await TestServer.StartAsync(database, o => o with
        {
            MediaS3 = new ObjectStorage(new Uri($"http://127.0.0.1:{bucket.Port}/media"), "eu-central-1", Key, "wrong"),
        });
        var alice = await server.RegisterAsync();

        (await alice.TryUploadAsync([1])).Refused(503, "M_UNKNOWN");
        await bucket.DisposeAsync();
        (await alice.TryUploadAsync([1])).Refused(503, "M_UNKNOWN");

        Assert.Empty(objects);
    }

    [Fact]
    public void The_fake_bucket_judges_signatures_as_the_published_example_does()
    {
        var headers = new Dictionary<string, string>
        {
            ["host"] = "examplebucket.s3.amazonaws.com", ["range"] = "bytes=0-9", ["x-amz-content-sha256"] = Convert.ToHexStringLower(SHA256.HashData([])), ["x-amz-date"] = "20130524T000000Z",
        };

        Assert.Equal(
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
            Sign("GET", "/test.txt", headers, "host;range;x-amz-content-sha256;x-amz-date", "20130524/us-east-1/s3/aws4_request"));
    }

    /// <summary>The signature, step by step as the protocol's description has it.</summary>
    private static string Sign(string method, string path, IReadOnlyDictionary<string, string> headers, string signed, string scope)
    {
        var request = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{method}\n{path}\n\n");
        foreach (var name in signed.Split(';'))
        {
            request.Append(CultureInfo.InvariantCulture, $"{name}:{headers[name].Trim()}\n");
        }

        request.Append(CultureInfo.InvariantCulture, $"\n{signed}\n{headers["x-amz-content-sha256"]}");
        var text = string.Join('\n', "AWS4-HMAC-SHA256", headers["x-amz-date"], scope, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(request.ToString()))));
        byte[] Mac(byte[] key, string data) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(data));
        var parts = scope.Split('/');
        return Convert.ToHexStringLower(Mac(Mac(Mac(Mac(Mac(Encoding.UTF8.GetBytes("AWS4" + Secret), parts[0]), parts[1]), parts[2]), parts[3]), text));
    }

    private static async Task ServeAsync(HttpContext context, ConcurrentDictionary<string, byte[]> objects)
    {
        var (request, path) = (context.Request, context.Request.Path.Value!);
        using var memory = new MemoryStream();
        await request.Body.CopyToAsync(memory);
        var body = memory.ToArray();
        var headers = request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString());
        var authorisation = headers["authorization"]["AWS4-HMAC-SHA256 ".Length..].Split(", ").Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => p[1]);
        var credential = authorisation["Credential"].Split('/', 2);
        if (credential[0] != Key || !credential[1].EndsWith("/eu-central-1/s3/aws4_request", StringComparison.Ordinal)
            || headers["x-amz-content-sha256"] != Convert.ToHexStringLower(SHA256.HashData(body))
            || authorisation["Signature"] != Sign(request.Method, path, headers, authorisation["SignedHeaders"], credential[1]))
        {
            context.Response.StatusCode = 403;
            return;
        }

        switch (request.Method)
        {
            case "PUT":
                objects[path] = body;
                break;
            case "DELETE":
                objects.TryRemove(path, out _);
                context.Response.StatusCode = 204;
                break;
            default:
                if (!objects.TryGetValue(path, out var stored))
                {
                    context.Response.StatusCode = 404;
                    return;
                }

                var range = headers["range"]["bytes=".Length..].Split('-').Select(int.Parse).ToArray();
                context.Response.StatusCode = 206;
                await context.Response.Body.WriteAsync(stored.AsMemory(range[0], range[1] - range[0] + 1));
                break;
        }
    }
}
