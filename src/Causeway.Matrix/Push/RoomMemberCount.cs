using System.Globalization;

namespace Causeway.Matrix;

/// <summary><c>room_member_count</c>: a decimal integer after <c>==</c>, <c>&lt;</c>, <c>&gt;</c>, <c>&gt;=</c>, <c>&lt;=</c> or nothing.</summary>
internal sealed class RoomMemberCount : PushCondition
{
    private readonly int _least;
    private readonly int _most;

    private RoomMemberCount(int least, int most)
    {
        _least = least;
        _most = most;
    }

    public static RoomMemberCount? Parse(string text)
    {
        int digits = text.AsSpan().IndexOfAnyInRange('0', '9');
        if (digits < 0 || !int.TryParse(text.AsSpan(digits), NumberStyles.None, CultureInfo.InvariantCulture, out int count))
        {
            return null;
        }

        return text[..digits] switch
        {
            "" or "==" => new RoomMemberCount(count, count),
            "<" => new RoomMemberCount(int.MinValue, count - 1),
            "<=" => new RoomMemberCount(int.MinValue, count),
            ">" => new RoomMemberCount(count == int.MaxValue ? count : count + 1, count == int.MaxValue ? 0 : int.MaxValue),
            ">=" => new RoomMemberCount(count, int.MaxValue),
            _ => null,
        };
    }

    public override bool Holds(ref EventProperties properties, in PushContext context) =>
        context.JoinedMembers >= _least && context.JoinedMembers <= _most;
}
