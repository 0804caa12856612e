using System.Buffers;

namespace Causeway.Matrix;

/// <summary>Cuts members out of canonical objects, or puts them in, by copying bytes: the rest is never read again.</summary>
internal static class CanonicalObject
{
    public delegate bool NamePredicate(ReadOnlySpan<byte> name);

    /// <summary>The object without the members of these names.</summary>
    public static byte[] Without(ReadOnlySpan<byte> json, NamePredicate leaveOut)
    {
        byte[] output = new byte[json.Length];
        int length = 0;
        output[length++] = (byte)'{';
        var members = new JsonMembers(json);
        while (members.MoveNext())
        {
            if (leaveOut(members.Name))
            {
                continue;
            }

            if (length > 1)
            {
                output[length++] = (byte)',';
            }

            members.Whole.CopyTo(output.AsSpan(length));
            length += members.Whole.Length;
        }

        output[length++] = (byte)'}';
        return length == output.Length ? output : output.AsSpan(0, length).ToArray();
    }

    /// <summary>The object with one member set; an empty span stands for the empty object.</summary>
    public static byte[] With(ReadOnlySpan<byte> json, string name, ReadOnlySpan<byte> value)
    {
        var key = new ArrayBufferWriter<byte>(64);
        JsonEscapes.WriteQuoted(key, name);
        ReadOnlySpan<byte> rawName = key.WrittenSpan[1..^1];
        var output = new ArrayBufferWriter<byte>(json.Length + key.WrittenCount + value.Length + 8);
        output.Write("{"u8);
        bool placed = false;
        bool first = true;
        var members = new JsonMembers(json.IsEmpty ? "{}"u8 : json);
        while (members.MoveNext())
        {
            bool isSame = members.Name.SequenceEqual(rawName);
            if (!placed && (isSame || Compare(members.Name, rawName) > 0))
            {
                WriteMember(output, key.WrittenSpan, value, ref first);
                placed = true;
            }

            if (!isSame)
            {
                WriteSeparator(output, ref first);
                output.Write(members.Whole);
            }
        }

        if (!placed)
        {
            WriteMember(output, key.WrittenSpan, value, ref first);
        }

        output.Write("}"u8);
        return output.WrittenSpan.ToArray();
    }

    private static int Compare(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        byte[] one = new byte[left.Length + right.Length];
        int leftLength = JsonEscapes.Unescape(left, one);
        int rightLength = JsonEscapes.Unescape(right, one.AsSpan(leftLength));
        return one.AsSpan(0, leftLength).SequenceCompareTo(one.AsSpan(leftLength, rightLength));
    }

    private static void WriteMember(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> quotedName, ReadOnlySpan<byte> value, ref bool first)
    {
        WriteSeparator(output, ref first);
        output.Write(quotedName);
        output.Write(":"u8);
        output.Write(value);
    }

    private static void WriteSeparator(ArrayBufferWriter<byte> output, ref bool first)
    {
        if (!first)
        {
            output.Write(","u8);
        }

        first = false;
    }
}
