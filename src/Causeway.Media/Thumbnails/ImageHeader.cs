using System.Buffers.Binary;

namespace Causeway.Media.Thumbnails;

/// <summary>
/// Kind and size of an image by its own first bytes. Only these four kinds go to the thumbnail program: what the uploader
/// says the type is chooses no decoder.
/// </summary>
internal readonly record struct ImageHeader(string Type, int Width, int Height)
{
    /// <summary>How much of a file is looked at; a JPEG may carry other things before its size.</summary>
    public const int BytesNeeded = 256 << 10;

    public long Pixels => (long)Width * Height;

    /// <summary>Null when it is none of the four kinds, or broken.</summary>
    public static ImageHeader? Read(ReadOnlySpan<byte> b)
    {
        var header = b switch
        {
            [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, ..] when b.Length >= 24 && b[12..16].SequenceEqual("IHDR"u8) =>
                new ImageHeader("image/png", BinaryPrimitives.ReadInt32BigEndian(b[16..]), BinaryPrimitives.ReadInt32BigEndian(b[20..])),
            [(byte)'G', (byte)'I', (byte)'F', (byte)'8', (byte)'7' or (byte)'9', (byte)'a', ..] when b.Length >= 10 =>
                new ImageHeader("image/gif", BinaryPrimitives.ReadUInt16LittleEndian(b[6..]), BinaryPrimitives.ReadUInt16LittleEndian(b[8..])),
            [0xff, 0xd8, 0xff, ..] => ReadJpeg(b),
            [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] when b.Length >= 30 => ReadWebP(b),
            _ => (ImageHeader?)null,
        };
        return header is { Width: > 0, Height: > 0 } ? header : null;
    }

    private static ImageHeader? ReadJpeg(ReadOnlySpan<byte> b)
    {
        for (var at = 2; at + 9 < b.Length;)
        {
            if (b[at] != 0xff)
            {
                return null;
            }

            var marker = b[at + 1];
            if (marker == 0xff)
            {
                at++;
                continue;
            }

            // The frame headers SOF0 to SOF15, of which three numbers are other things.
            if (marker is >= 0xc0 and <= 0xcf and not (0xc4 or 0xc8 or 0xcc))
            {
                return new ImageHeader("image/jpeg", BinaryPrimitives.ReadUInt16BigEndian(b[(at + 7)..]), BinaryPrimitives.ReadUInt16BigEndian(b[(at + 5)..]));
            }

            at += 2 + (marker is 0x01 or (>= 0xd0 and <= 0xd7) ? 0 : Math.Max(2, (int)BinaryPrimitives.ReadUInt16BigEndian(b[(at + 2)..])));
        }

        return null;
    }

    private static ImageHeader? ReadWebP(ReadOnlySpan<byte> b) => b[12..16] switch
    {
        [(byte)'V', (byte)'P', (byte)'8', (byte)' '] => new ImageHeader(
            "image/webp", BinaryPrimitives.ReadUInt16LittleEndian(b[26..]) & 0x3fff, BinaryPrimitives.ReadUInt16LittleEndian(b[28..]) & 0x3fff),
        [(byte)'V', (byte)'P', (byte)'8', (byte)'L'] when BinaryPrimitives.ReadUInt32LittleEndian(b[21..]) is var bits => new ImageHeader(
            "image/webp", (int)(bits & 0x3fff) + 1, (int)((bits >> 14) & 0x3fff) + 1),
        [(byte)'V', (byte)'P', (byte)'8', (byte)'X'] => new ImageHeader(
            "image/webp", (b[24] | (b[25] << 8) | (b[26] << 16)) + 1, (b[27] | (b[28] << 8) | (b[29] << 16)) + 1),
        _ => null,
    };
}
