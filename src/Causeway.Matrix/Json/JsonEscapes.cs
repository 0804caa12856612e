using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Causeway.Matrix;

/// <summary>The escape sequences of JSON strings; the input's grammar has been checked by the reader before.</summary>
internal static class JsonEscapes
{
    private static readonly SearchValues<byte> MustEscape =
        SearchValues.Create([.. Enumerable.Range(0, 32).Select(c => (byte)c), (byte)'"', (byte)'\\']);

    /// <summary>Rewrites the inside of a string with the fewest and shortest escapes; returns the length.</summary>
    public static int Shorten(ReadOnlySpan<byte> raw, Span<byte> output)
    {
        int read = 0;
        int written = 0;
        while (read < raw.Length)
        {
            int run = raw[read..].IndexOf((byte)'\\');
            run = run < 0 ? raw.Length - read : run;
            raw.Slice(read, run).CopyTo(output[written..]);
            read += run;
            written += run;
            if (read < raw.Length)
            {
                Rune rune = ReadEscape(raw, ref read);
                written += WriteRune(rune, output[written..]);
            }
        }

        return written;
    }

    /// <summary>Writes the characters a string stands for; returns the length, which is never more than that of the input.</summary>
    public static int Unescape(ReadOnlySpan<byte> raw, Span<byte> output)
    {
        int read = 0;
        int written = 0;
        while (read < raw.Length)
        {
            if (raw[read] == '\\')
            {
                written += ReadEscape(raw, ref read).EncodeToUtf8(output[written..]);
            }
            else
            {
                output[written++] = raw[read++];
            }
        }

        return written;
    }

    /// <summary>Writes text as a quoted canonical JSON string.</summary>
    public static void WriteQuoted(IBufferWriter<byte> output, ReadOnlySpan<char> text)
    {
        int most = Encoding.UTF8.GetMaxByteCount(text.Length);
        byte[] utf8 = ArrayPool<byte>.Shared.Rent(most);
        int length = Encoding.UTF8.GetBytes(text, utf8);
        WriteQuoted(output, utf8.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(utf8);
    }

    /// <summary>Writes UTF-8 text as a quoted canonical JSON string.</summary>
    public static void WriteQuoted(IBufferWriter<byte> output, ReadOnlySpan<byte> utf8)
    {
        Span<byte> span = output.GetSpan((utf8.Length * 6) + 2);
        int written = 0;
        span[written++] = (byte)'"';
        while (!utf8.IsEmpty)
        {
            int run = utf8.IndexOfAny(MustEscape);
            run = run < 0 ? utf8.Length : run;
            utf8[..run].CopyTo(span[written..]);
            written += run;
            utf8 = utf8[run..];
            if (!utf8.IsEmpty)
            {
                written += WriteRune(new Rune(utf8[0]), span[written..]);
                utf8 = utf8[1..];
            }
        }

        span[written++] = (byte)'"';
        output.Advance(written);
    }

    private static Rune ReadEscape(ReadOnlySpan<byte> raw, ref int at)
    {
        byte kind = raw[at + 1];
        at += 2;
        switch (kind)
        {
            case (byte)'b': return new Rune('\b');
            case (byte)'t': return new Rune('\t');
            case (byte)'n': return new Rune('\n');
            case (byte)'f': return new Rune('\f');
            case (byte)'r': return new Rune('\r');
            case (byte)'u': break;
            default: return new Rune(kind);
        }

        char first = ReadHex(raw.Slice(at, 4));
        at += 4;
        if (!char.IsSurrogate(first))
        {
            return new Rune(first);
        }

        if (raw.Length >= at + 6 && raw[at] == '\\' && raw[at + 1] == 'u'
            && Rune.TryCreate(first, ReadHex(raw.Slice(at + 2, 4)), out Rune pair))
        {
            at += 6;
            return pair;
        }

        throw new CanonicalJsonException("A string holds a lone surrogate.");
    }

    private static char ReadHex(ReadOnlySpan<byte> four)
    {
        Utf8Parser.TryParse(four, out ushort value, out _, 'x');
        return (char)value;
    }

    private static int WriteRune(Rune rune, Span<byte> output)
    {
        byte shortForm = rune.Value switch
        {
            '\b' => (byte)'b',
            '\t' => (byte)'t',
            '\n' => (byte)'n',
            '\f' => (byte)'f',
            '\r' => (byte)'r',
            '"' => (byte)'"',
            '\\' => (byte)'\\',
            _ => 0,
        };
        if (shortForm != 0)
        {
            output[0] = (byte)'\\';
            output[1] = shortForm;
            return 2;
        }

        if (rune.Value >= 0x20)
        {
            return rune.EncodeToUtf8(output);
        }

        "\\u00"u8.CopyTo(output);
        output[4] = (byte)(rune.Value < 16 ? '0' : '1');
        output[5] = "0123456789abcdef"u8[rune.Value & 15];
        return 6;
    }
}
