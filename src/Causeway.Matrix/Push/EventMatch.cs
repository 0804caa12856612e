using System.Text;

namespace Causeway.Matrix;

/// <summary><c>event_match</c>: a glob over a property that is a string; over <c>content.body</c>, over its words.</summary>
internal sealed class EventMatch : PushCondition
{
    private readonly PropertyPath _path;
    private readonly Glob? _glob;
    private readonly byte[]? _asciiLiteral;

    public EventMatch(string key, string pattern)
    {
        _path = PropertyPath.Parse(key);
        _glob = pattern == Owner ? null : new Glob(pattern, ignoreCase: true, wholeWord: _path.IsBody);
        _asciiLiteral = _glob is { IsWholeLiteral: true } && Ascii.IsValid(pattern) ? Encoding.ASCII.GetBytes(pattern) : null;
    }

    public override bool Holds(ref EventProperties properties, in PushContext context)
    {
        if (_path.IsBody)
        {
            return properties.Body is { } body && Matches(body, context);
        }

        if (properties.TryGetTopLevelText(_path, out string? text))
        {
            return text is not null && Matches(text, context);
        }

        ReadOnlySpan<byte> value = properties.Find(_path);
        if (value.IsEmpty || value[0] != '"')
        {
            return false;
        }

        // Without a backslash the bytes between the quotes are the text itself, which need not become a string.
        return _asciiLiteral is not null && !value.Contains((byte)'\\')
            ? Ascii.EqualsIgnoreCase(value[1..^1], _asciiLiteral)
            : Matches(JsonMembers.AsString(value), context);
    }

    private bool Matches(string? text, in PushContext context) =>
        _glob?.IsMatch(text) ?? string.Equals(text, context.User.Value, StringComparison.OrdinalIgnoreCase);
}
