using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using Causeway.TestKit;
using Xunit.Abstractions;

namespace Causeway.Media.Tests;

/// <summary>A server of its own process, whose memory can be looked at. CAUSEWAY_TEST_MEDIA_MB makes the file larger.</summary>
public sealed class MemoryTests(ITestOutputHelper output)
{
    [Fact]
    [Trait("Category", "Slow")]
    public async Task A_large_file_goes_in_and_out_with_flat_memory()
    {
        var megabytes = int.Parse(Environment.GetEnvironmentVariable("CAUSEWAY_TEST_MEDIA_MB") ?? "256", CultureInfo.InvariantCulture);
        await using var server = await ServerProcess.StartAsync(new ServerOptions { MoreArguments = ["--max-upload", "2GB"] });
        var matrix = await MatrixClient.RegisterAsync(server.Address, "alice");
        var alice = new MediaClient(matrix, server.Address);
        await alice.DownloadAsync(await alice.UploadAsync(new byte[1 << 20]));
        var before = Peak(server);

        var watch = Stopwatch.StartNew();
        var media = (await alice.SendAsync("POST", "/_matrix/media/v3/upload", new StreamContent(new Zeros((long)megabytes << 20), 1 << 17))).Ok()
            .Json.GetProperty("content_uri").GetString()!["mxc://".Length..];
        var up = watch.Elapsed;
        watch.Restart();
        using var client = new HttpClient { BaseAddress = server.Address, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", matrix.AccessToken) } };
        await using var body = await client.GetStreamAsync($"{MediaClient.Api}download/{media}");
        var buffer = new byte[1 << 17];
        long got = 0;
        for (int read; (read = await body.ReadAsync(buffer)) > 0; got += read)
        {
        }

        var down = watch.Elapsed;
        var more = Peak(server) - before;
        output.WriteLine($"{megabytes} MB: up {megabytes / up.TotalSeconds:0} MB/s, down {megabytes / down.TotalSeconds:0} MB/s, {more / 1e6:0.0} MB more at the peak ({before / 1e6:0} MB before).");
        Assert.Equal((long)megabytes << 20, got);
        Assert.True(more < 50_000_000, $"{more} bytes more");
    }

    private static long Peak(ServerProcess server) => 1024 * long.Parse(
        File.ReadLines($"/proc/{server.ProcessId}/status").Single(l => l.StartsWith("VmHWM", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);
}

/// <summary>A body of zeros.</summary>
internal sealed class Zeros(long size) : Stream
{
    private long _left = size;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = (int)Math.Min(count, _left);
        _left -= read;
        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
