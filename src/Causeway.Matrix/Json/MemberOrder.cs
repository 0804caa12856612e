using System.Buffers;

namespace Causeway.Matrix;

/// <summary>Where one member of an object stands in the canonical writer's buffer; the key lies at [Start, KeyEnd) with its quotes.</summary>
internal struct MemberSpan(int start, int keyEnd, bool isEscaped)
{
    public readonly int Start = start;
    public readonly int KeyEnd = keyEnd;
    public readonly bool IsEscaped = isEscaped;
    public int End = 0;
}

/// <summary>Orders members by the code points of their keys, then by where they came in the input.</summary>
internal readonly struct MemberOrder(byte[] buffer) : IComparer<MemberSpan>
{
    public int Compare(MemberSpan x, MemberSpan y)
    {
        int byKey = Compare(buffer, x, y);
        return byKey != 0 ? byKey : x.Start.CompareTo(y.Start);
    }

    public static int Compare(byte[] buffer, in MemberSpan x, in MemberSpan y)
    {
        ReadOnlySpan<byte> left = buffer.AsSpan(x.Start + 1, x.KeyEnd - x.Start - 2);
        ReadOnlySpan<byte> right = buffer.AsSpan(y.Start + 1, y.KeyEnd - y.Start - 2);

        // UTF-8 bytes sort as code points do; only escapes hide the character they stand for.
        return x.IsEscaped || y.IsEscaped ? CompareEscaped(left, right) : left.SequenceCompareTo(right);
    }

    public static bool SameKey(byte[] buffer, in MemberSpan x, in MemberSpan y) =>
        buffer.AsSpan(x.Start, x.KeyEnd - x.Start).SequenceEqual(buffer.AsSpan(y.Start, y.KeyEnd - y.Start));

    private static int CompareEscaped(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        byte[] one = ArrayPool<byte>.Shared.Rent(left.Length + right.Length);
        int leftLength = JsonEscapes.Unescape(left, one);
        int rightLength = JsonEscapes.Unescape(right, one.AsSpan(leftLength));
        int order = one.AsSpan(0, leftLength).SequenceCompareTo(one.AsSpan(leftLength, rightLength));
        ArrayPool<byte>.Shared.Return(one);
        return order;
    }
}
