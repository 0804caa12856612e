using Causeway.Hosting;
using Causeway.Storage;

namespace Causeway.Media.Blobs;

/// <summary>Objects in a bucket. The bucket's own host may be private: the operator named it.</summary>
internal sealed class S3Blobs(ObjectStorage storage, OutboundOptions outbound, TimeProvider clock) : IBlobStore, IDisposable
{
    private readonly OutboundClient _client = new(
        outbound with { Allow = [$"{storage.Address.IdnHost}:{storage.Address.Port}"], MaxPerHost = 64 }, clock);

    public async Task PutAsync(string key, SpooledFile file)
    {
        var body = new StreamContent(new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0));
        body.Headers.ContentLength = file.Size;
        using var answer = await SendAsync(HttpMethod.Put, key, file.Hash, body, []).ConfigureAwait(false);
        if (answer.Status is not (200 or 201 or 204))
        {
            throw Fault(answer);
        }
    }

    public async Task<Stream?> OpenAsync(string key, long from, long count, CancellationToken cancellation)
    {
        if (count == 0)
        {
            return Stream.Null;
        }

        var answer = await SendAsync(
            HttpMethod.Get, key, S3Signature.EmptyHash, null,
            [("Range", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"bytes={from}-{from + count - 1}"))], cancellation).ConfigureAwait(false);
        try
        {
            return answer.Status switch
            {
                206 => new AnswerStream(answer, await answer.OpenBodyAsync().ConfigureAwait(false)),
                404 => null,
                _ => throw Fault(answer),
            };
        }
        catch
        {
            answer.Dispose();
            throw;
        }
        finally
        {
            if (answer.Status == 404)
            {
                answer.Dispose();
            }
        }
    }

    public async Task DeleteAsync(string key)
    {
        using var answer = await SendAsync(HttpMethod.Delete, key, S3Signature.EmptyHash, null, []).ConfigureAwait(false);
        if (answer.Status is not (200 or 204 or 404))
        {
            throw Fault(answer);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<OutboundResponse> SendAsync(
        HttpMethod method, string key, string bodyHash, HttpContent? body, (string, string)[] headers, CancellationToken cancellation = default)
    {
        var url = new Uri($"{storage.Address.AbsoluteUri.TrimEnd('/')}/{key[..2]}/{key}");
        try
        {
            return await _client.SendAsync(
                new OutboundRequest(method, url)
                {
                    Headers = [.. headers, .. S3Signature.Headers(storage, method.Method, url, bodyHash, clock.GetUtcNow())],
                    Content = body,
                    MaxBodyBytes = long.MaxValue,
                    Timeout = TimeSpan.FromHours(1),
                },
                cancellation).ConfigureAwait(false);
        }
        catch (OutboundException e)
        {
            throw new StorageException($"The object storage cannot be used: {e.Message}", e);
        }
        finally
        {
            body?.Dispose();
        }
    }

    private static StorageException Fault(OutboundResponse answer) => new($"The object storage answers {answer.Status}.", null);

    /// <summary>The body, which keeps its answer until it is disposed.</summary>
    private sealed class AnswerStream(OutboundResponse answer, Stream body) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => body.ReadAsync(buffer, cancellationToken);

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            body.ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                body.Dispose();
                answer.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
