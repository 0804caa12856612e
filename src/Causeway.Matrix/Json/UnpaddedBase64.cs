using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Causeway.Matrix;

/// <summary>Base64 without padding, standard and URL-safe (appendices, "Unpadded Base64").</summary>
public static class UnpaddedBase64
{
    /// <summary>Encodes with the standard alphabet.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

    /// <summary>Encodes with the URL-safe alphabet.</summary>
    public static string EncodeUrlSafe(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);

    /// <summary>Decodes the standard or the URL-safe alphabet, with or without padding.</summary>
    public static bool TryDecode(ReadOnlySpan<char> text, out byte[] bytes)
    {
        bytes = [];
        if (!Ascii.IsValid(text))
        {
            return false;
        }

        byte[] ascii = new byte[text.Length];
        Encoding.ASCII.GetBytes(text, ascii);
        return TryDecode(ascii, out bytes);
    }

    /// <summary>Decodes the standard or the URL-safe alphabet, with or without padding.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> ascii, out byte[] bytes)
    {
        bytes = [];
        ReadOnlySpan<byte> bare = ascii.TrimEnd((byte)'=');
        if (ascii.Length - bare.Length > 2 || bare.Length % 4 == 1)
        {
            return false;
        }

        Span<byte> padded = new byte[(bare.Length + 3) / 4 * 4];
        bare.CopyTo(padded);
        padded[bare.Length..].Fill((byte)'=');
        padded.Replace((byte)'-', (byte)'+');
        padded.Replace((byte)'_', (byte)'/');
        byte[] output = new byte[Base64.GetMaxDecodedFromUtf8Length(padded.Length)];
        if (Base64.DecodeFromUtf8(padded, output, out int used, out int length) != OperationStatus.Done || used != padded.Length)
        {
            return TryDecodeLoosely(bare, out bytes);
        }

        bytes = output.AsSpan(0, length).ToArray();
        return true;
    }

    // Other implementations take Base64 whose unused last bits are set; a hash or key so written must mean the same here.
    private static bool TryDecodeLoosely(ReadOnlySpan<byte> bare, out byte[] bytes)
    {
        bytes = new byte[bare.Length * 6 / 8];
        int bits = 0;
        int held = 0;
        int length = 0;
        foreach (byte c in bare)
        {
            int value = c switch
            {
                >= (byte)'A' and <= (byte)'Z' => c - 'A',
                >= (byte)'a' and <= (byte)'z' => c - 'a' + 26,
                >= (byte)'0' and <= (byte)'9' => c - '0' + 52,
                (byte)'+' or (byte)'-' => 62,
                (byte)'/' or (byte)'_' => 63,
                _ => -1,
            };
            if (value < 0)
            {
                bytes = [];
                return false;
            }

            held = ((held << 6) | value) & 0xFFFF;
            bits += 6;
            if (bits >= 8)
            {
                bits -= 8;
                bytes[length++] = (byte)(held >> bits);
            }
        }

        return true;
    }
}
