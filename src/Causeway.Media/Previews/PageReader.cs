using System.Net;
using System.Text;

namespace Causeway.Media.Previews;

/// <summary>What a page says about itself.</summary>
internal sealed record PageFacts(IReadOnlyDictionary<string, string> Properties, string? Title, string? Description)
{
    public string? Find(string property) => Properties.GetValueOrDefault(property);
}

/// <summary>
/// Reads the facts out of a page in one pass from front to back, without a tree: a page can be made on which a tree is
/// built in quadratic time or the stack runs out (docs/adr/0014), and nothing here needs one.
/// </summary>
internal static class PageReader
{
    private const int MaxAttributes = 32;
    private const int MaxProperties = 64;

    /// <summary>Elements whose content is not markup.</summary>
    private static readonly HashSet<string> RawText = ["script", "style", "noscript", "template", "textarea", "iframe", "noembed", "noframes", "xmp"];

    public static PageFacts Read(string html)
    {
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        string? title = null;
        string? description = null;
        for (var at = 0; (at = html.IndexOf('<', at)) >= 0;)
        {
            if (string.CompareOrdinal(html, at, "<!--", 0, 4) == 0)
            {
                at = End(html, "-->", at + 4);
                continue;
            }

            if (++at >= html.Length || !char.IsAsciiLetter(html[at]))
            {
                continue;
            }

            var name = Word(html, ref at);
            var attributes = Attributes(html, ref at);
            if (name == "meta" && properties.Count < MaxProperties && Find(attributes, "content") is { Length: > 0 } content)
            {
                if (Find(attributes, "property") is { } property)
                {
                    properties.TryAdd(property.Trim().ToLowerInvariant(), content);
                }
                else if (Find(attributes, "name")?.Trim().ToLowerInvariant() is { } called)
                {
                    description ??= called == "description" ? content : null;
                    properties.TryAdd(called, content);
                }
            }
            else if (name == "title" && title is null)
            {
                var end = html.IndexOf("</title", at, StringComparison.OrdinalIgnoreCase);
                title = WebUtility.HtmlDecode(html[at..(end < 0 ? Math.Min(html.Length, at + 1000) : Math.Min(end, at + 4000))]);
                at = end < 0 ? html.Length : end;
            }
            else if (RawText.Contains(name))
            {
                at = End(html, "</" + name, at);
            }
        }

        return new PageFacts(properties, title, description);
    }

    /// <summary>The text of a page: by the header's charset, else the one it names itself near its beginning, else UTF-8.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes, string? contentType)
    {
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xef, 0xbb, 0xbf]))
        {
            return Encoding.UTF8.GetString(bytes[3..]);
        }

        var name = Charset(contentType ?? "") ?? Charset(Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, 1024)])) ?? "utf-8";
        Encoding? encoding;
        try
        {
            encoding = CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
        }
        catch (ArgumentException)
        {
            encoding = Encoding.UTF8;
        }

        return encoding.GetString(bytes);
    }

    private static string? Charset(string text)
    {
        var at = text.IndexOf("charset=", StringComparison.OrdinalIgnoreCase);
        if (at < 0)
        {
            return null;
        }

        var rest = text.AsSpan(at + "charset=".Length).TrimStart("\"' ");
        var length = rest.IndexOfAnyExcept("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_:");
        return rest[..(length < 0 ? rest.Length : length)] is { Length: > 0 and < 40 } name ? name.ToString() : null;
    }

    private static string Word(string html, ref int at)
    {
        var start = at;
        while (at < html.Length && at - start < 32 && (char.IsAsciiLetterOrDigit(html[at]) || html[at] is '-' or ':' or '_'))
        {
            at++;
        }

        return html[start..at].ToLowerInvariant();
    }

    /// <summary>The attributes of the tag that begins here, and its end.</summary>
    private static List<(string Name, string Value)> Attributes(string html, ref int at)
    {
        var found = new List<(string, string)>();
        while (at < html.Length && html[at] != '>')
        {
            if (!char.IsAsciiLetter(html[at]))
            {
                at++;
                continue;
            }

            var name = Word(html, ref at);
            while (at < html.Length && char.IsWhiteSpace(html[at]))
            {
                at++;
            }

            if (at < html.Length && html[at] == '=')
            {
                at++;
                var value = Value(html, ref at);
                if (found.Count < MaxAttributes)
                {
                    found.Add((name, value));
                }
            }
        }

        at = Math.Min(at + 1, html.Length);
        return found;
    }

    private static string Value(string html, ref int at)
    {
        while (at < html.Length && char.IsWhiteSpace(html[at]))
        {
            at++;
        }

        if (at >= html.Length)
        {
            return "";
        }

        int start, end;
        if (html[at] is '"' or '\'')
        {
            start = at + 1;
            end = html.IndexOf(html[at], start);
            end = end < 0 ? html.Length : end;
            at = Math.Min(end + 1, html.Length);
        }
        else
        {
            start = at;
            while (at < html.Length && html[at] != '>' && !char.IsWhiteSpace(html[at]))
            {
                at++;
            }

            end = at;
        }

        // Nothing that is kept is longer.
        return WebUtility.HtmlDecode(html[start..Math.Min(end, start + 4000)]);
    }

    private static string? Find(List<(string Name, string Value)> attributes, string name) => attributes.Find(a => a.Name == name).Value;

    private static int End(string html, string end, int from)
    {
        var at = html.IndexOf(end, Math.Min(from, html.Length), StringComparison.OrdinalIgnoreCase);
        return at < 0 ? html.Length : at + end.Length;
    }
}
