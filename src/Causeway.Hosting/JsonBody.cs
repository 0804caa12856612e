using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http;

namespace Causeway.Hosting;

/// <summary>
/// The choke point for JSON from outside (family (e) of security.md): size, valid UTF-8, depth, no duplicate keys,
/// no lone surrogates. What passes can be read without surprises.
/// </summary>
public sealed class JsonBody : IDisposable
{
    private readonly byte[] _rented;
    private readonly JsonDocument _document;

    private JsonBody(byte[] rented, ReadOnlyMemory<byte> bytes, JsonDocument document)
    {
        _rented = rented;
        _document = document;
        Bytes = bytes;
    }

    /// <summary>The top-level object.</summary>
    public JsonElement Root => _document.RootElement;

    /// <summary>The bytes as sent; gone after dispose.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _document.Dispose();
        ArrayPool<byte>.Shared.Return(_rented);
    }

    internal static async Task<JsonBody> ReadAsync(HttpContext context, HostingOptions options, bool emptyIsObject)
    {
        var (rented, length) = await ReadAllAsync(context, options.MaxBodyBytes).ConfigureAwait(false);
        try
        {
            if (length == 0 && emptyIsObject)
            {
                rented[0] = (byte)'{';
                rented[1] = (byte)'}';
                length = 2;
            }

            var bytes = rented.AsMemory(0, length);
            return new JsonBody(rented, bytes, Parse(bytes, options.MaxJsonDepth));
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(rented);
            throw;
        }
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> bytes, int maxDepth)
    {
        if (!Utf8.IsValid(bytes.Span))
        {
            throw Refusal.NotJson("The body is not valid UTF-8.");
        }

        JsonDocument document;
        try
        {
            CheckEscapes(bytes.Span, maxDepth);
            document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = maxDepth, AllowDuplicateProperties = false });
        }
        catch (JsonException e)
        {
            throw Refusal.NotJson(e.Message.Contains("Duplicate", StringComparison.OrdinalIgnoreCase)
                ? "The body has a key twice." : "The body is not valid JSON, or nested too deeply.");
        }

        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            document.Dispose();
            throw Refusal.BadJson("The body must be a JSON object.");
        }

        return document;
    }

    /// <summary>JsonDocument takes "\ud800" and fails only when the string is read; so look once, here.</summary>
    private static void CheckEscapes(ReadOnlySpan<byte> bytes, int maxDepth)
    {
        if (bytes.IndexOf("\\u"u8) < 0)
        {
            return;
        }

        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = maxDepth });
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                {
                    _ = reader.GetString();
                }
            }
        }
        catch (InvalidOperationException)
        {
            throw Refusal.NotJson("The body has half a surrogate pair.");
        }
    }

    private static async ValueTask<(byte[] Rented, int Length)> ReadAllAsync(HttpContext context, int limit)
    {
        if (context.Request.ContentLength > limit)
        {
            throw Refusal.TooLarge($"The body is larger than {limit} bytes.");
        }

        var reader = context.Request.BodyReader;
        while (true)
        {
            ReadResult result = await reader.ReadAsync(context.RequestAborted).ConfigureAwait(false);
            if (result.Buffer.Length > limit)
            {
                // A read that is not ended would make Kestrel fail when it tidies up the connection.
                reader.AdvanceTo(result.Buffer.End);
                throw Refusal.TooLarge($"The body is larger than {limit} bytes.");
            }

            if (result.IsCompleted)
            {
                var length = (int)result.Buffer.Length;
                var rented = ArrayPool<byte>.Shared.Rent(Math.Max(length, 2));
                result.Buffer.CopyTo(rented);
                reader.AdvanceTo(result.Buffer.End);
                return (rented, length);
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }
}
