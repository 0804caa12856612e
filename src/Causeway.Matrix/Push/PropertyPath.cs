using System.Buffers;
using System.Text;

namespace Causeway.Matrix;

/// <summary>A dot-separated path to a property of an event (appendices, "Dot-separated property paths").</summary>
internal sealed class PropertyPath
{
    private PropertyPath(string text, byte[][] segments)
    {
        Text = text;
        Segments = segments;
        IsBody = text == "content.body";
    }

    public string Text { get; }

    /// <summary>The names on the way, written as canonical JSON writes them between quotes.</summary>
    public byte[][] Segments { get; }

    /// <summary>True for <c>content.body</c>, which is matched by words.</summary>
    public bool IsBody { get; }

    public bool IsInContent => Segments.Length > 1 && Segments[0].AsSpan().SequenceEqual("content"u8);

    public static PropertyPath Parse(string path)
    {
        var segments = new List<byte[]>();
        var name = new StringBuilder();
        for (int i = 0; i < path.Length; i++)
        {
            if (path[i] == '.')
            {
                segments.Add(Encode(name));
                continue;
            }

            // Only dots and backslashes can be escaped; any other backslash stands for itself.
            bool isEscape = path[i] == '\\' && i + 1 < path.Length && path[i + 1] is '.' or '\\';
            name.Append(isEscape ? path[++i] : path[i]);
        }

        segments.Add(Encode(name));
        return new PropertyPath(path, [.. segments]);
    }

    private static byte[] Encode(StringBuilder name)
    {
        var output = new ArrayBufferWriter<byte>(name.Length + 16);
        JsonEscapes.WriteQuoted(output, name.ToString());
        name.Clear();
        return output.WrittenSpan[1..^1].ToArray();
    }
}
