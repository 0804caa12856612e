using System.Buffers.Binary;
using System.IO.Compression;

namespace Causeway.Media.Tests;

/// <summary>Pictures made by hand.</summary>
internal static class Pictures
{
    /// <summary>A sound PNG of true colour, whose bytes differ by the seed.</summary>
    public static byte[] Png(int width, int height, int seed = 0, int bits = 8, bool interlaced = false)
    {
        var row = new byte[1 + (width * 3 * bits / 8)];
        var data = new MemoryStream();
        using (var zip = new ZLibStream(data, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var y = 0; y < height * (interlaced ? 2 : 1); y++)
            {
                row.AsSpan(1).Fill((byte)(seed + (y & 1)));
                zip.Write(row);
            }
        }

        return Wrap(width, height, bits, interlaced, data.ToArray());
    }

    /// <summary>A PNG that says how large it is and holds nothing of it.</summary>
    public static byte[] Bomb(int width, int height) => Wrap(width, height, 8, false, [0x78, 0x9c, 3, 0, 0, 0, 0, 1]);

    public static (int Width, int Height) SizeOf(byte[] png)
    {
        var header = Thumbnails.ImageHeader.Read(png)!.Value;
        return (header.Width, header.Height);
    }

    private static byte[] Wrap(int width, int height, int bits, bool interlaced, byte[] data)
    {
        var png = new MemoryStream();
        png.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = ((byte)bits, 2, (byte)(interlaced ? 1 : 0));
        Chunk(png, "IHDR"u8, header);
        Chunk(png, "IDAT"u8, data);
        Chunk(png, "IEND"u8, []);
        return png.ToArray();
    }

    private static void Chunk(Stream to, ReadOnlySpan<byte> type, byte[] data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        to.Write(number);
        byte[] body = [.. type, .. data];
        to.Write(body);
        var crc = uint.MaxValue;
        foreach (var b in body)
        {
            crc ^= b;
            for (var i = 0; i < 8; i++)
            {
                crc = (crc >> 1) ^ (0xedb88320 & (uint)-(int)(crc & 1));
            }
        }

        BinaryPrimitives.WriteUInt32BigEndian(number, ~crc);
        to.Write(number);
    }
}
