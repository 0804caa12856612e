using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Causeway.Matrix;

/// <summary>Numbers in canonical JSON: plain integers, and in lenient mode also what room versions 1 to 5 let through.</summary>
internal static class JsonNumbers
{
    /// <summary>A number that is not copied as it stands never needs more room than this.</summary>
    public const int MaxRewritten = 32;

    private const int AlwaysSafeDigits = 15;

    /// <summary>Writes the canonical form of a number whose grammar the reader has checked; returns its length.</summary>
    public static int WriteCanonical(ReadOnlySpan<byte> text, bool strict, Span<byte> output)
    {
        bool isPlain = text.IndexOfAny((byte)'.', (byte)'e', (byte)'E') < 0;
        if (isPlain && text.SequenceEqual("-0"u8))
        {
            output[0] = (byte)'0';
            return 1;
        }

        if (isPlain && (text.Length <= AlwaysSafeDigits || !strict || IsSafeInteger(text)))
        {
            text.CopyTo(output);
            return text.Length;
        }

        if (!isPlain && TryReadIntegral(text, out long value))
        {
            Utf8Formatter.TryFormat(value, output, out int length);
            return length;
        }

        return strict
            ? throw new CanonicalJsonException("A number is not an integer within ±(2^53-1).")
            : WriteFloat(text, output);
    }

    /// <summary>True if plain digits stand for an integer that strict canonical JSON can hold.</summary>
    private static bool IsSafeInteger(ReadOnlySpan<byte> digits) =>
        Utf8Parser.TryParse(digits, out long value, out int used) && used == digits.Length
        && value is >= -CanonicalJson.MaxInteger and <= CanonicalJson.MaxInteger;

    /// <summary>Reads a number with fraction or exponent exactly, without a detour over floating point.</summary>
    private static bool TryReadIntegral(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        bool negative = text[0] == '-';
        ReadOnlySpan<byte> rest = negative ? text[1..] : text;
        int e = rest.IndexOfAny((byte)'e', (byte)'E');
        long scale = 0;
        if (e >= 0)
        {
            ReadOnlySpan<byte> exponent = rest[(e + 1)..];
            exponent = exponent[0] == '+' ? exponent[1..] : exponent;
            if (!Utf8Parser.TryParse(exponent, out int power, out int used) || used != exponent.Length)
            {
                return IsZero(rest[..e]);
            }

            scale = power;
            rest = rest[..e];
        }

        if (IsZero(rest))
        {
            return true;
        }

        int point = rest.IndexOf((byte)'.');
        scale -= point < 0 ? 0 : rest.Length - point - 1;
        Span<byte> digits = stackalloc byte[24];
        int count = 0;
        int zeros = 0;
        foreach (byte c in rest)
        {
            bool isLeadingZero = c == '0' && count == 0;
            if (c == '.' || isLeadingZero)
            {
                continue;
            }

            if (c == '0')
            {
                zeros++;
                continue;
            }

            // Zeros count as digits only once another digit follows them; those at the end go into the scale.
            if (count + zeros + 1 > 17)
            {
                return false;
            }

            digits.Slice(count, zeros).Fill((byte)'0');
            count += zeros;
            zeros = 0;
            digits[count++] = c;
        }

        scale += zeros;
        if (scale < 0 || count + scale > 17)
        {
            return false;
        }

        digits.Slice(count, (int)scale).Fill((byte)'0');
        count += (int)scale;
        Utf8Parser.TryParse(digits[..count], out long magnitude, out _);
        value = negative ? -magnitude : magnitude;
        return magnitude <= CanonicalJson.MaxInteger;
    }

    private static bool IsZero(ReadOnlySpan<byte> mantissa) => mantissa.IndexOfAnyExcept((byte)'0', (byte)'.') < 0;

    /// <summary>
    /// Writes a float as Python's <c>repr</c> does: events of rooms v1 to v5 were hashed that way by the servers that
    /// made them.
    /// </summary>
    private static int WriteFloat(ReadOnlySpan<byte> text, Span<byte> output)
    {
        double value = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        if (!double.IsFinite(value))
        {
            throw new CanonicalJsonException("A number is outside the range of a double.");
        }

        string round = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        (string digits, int exponent) = Normalise(round);
        string sign = value < 0 ? "-" : string.Empty;
        string written = exponent is < -4 or >= 16
            ? sign + digits[..1] + (digits.Length > 1 ? "." + digits[1..] : string.Empty) + "e"
                + (exponent < 0 ? "-" : "+") + Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture)
            : sign + PlaceThePoint(digits, exponent);
        return Encoding.ASCII.GetBytes(written, output);
    }

    /// <summary>Splits a written number into its significant digits and the power of ten of the first of them.</summary>
    private static (string Digits, int Exponent) Normalise(string number)
    {
        int e = number.IndexOf('E', StringComparison.Ordinal);
        int exponent = e < 0 ? 0 : int.Parse(number.AsSpan(e + 1), CultureInfo.InvariantCulture);
        string mantissa = e < 0 ? number : number[..e];
        int point = mantissa.IndexOf('.', StringComparison.Ordinal);
        int beforePoint = point < 0 ? mantissa.Length : point;
        string all = mantissa.Replace(".", string.Empty, StringComparison.Ordinal);
        string digits = all.TrimStart('0');
        exponent += beforePoint - 1 - (all.Length - digits.Length);
        digits = digits.TrimEnd('0');
        return digits.Length == 0 ? ("0", 0) : (digits, exponent);
    }

    private static string PlaceThePoint(string digits, int exponent)
    {
        if (exponent < 0)
        {
            return "0." + new string('0', -exponent - 1) + digits;
        }

        string padded = digits.PadRight(exponent + 1, '0');
        return padded[..(exponent + 1)] + "." + (padded.Length > exponent + 1 ? padded[(exponent + 1)..] : "0");
    }
}
