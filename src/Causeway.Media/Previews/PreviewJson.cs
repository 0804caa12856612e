using Causeway.Hosting;
using Causeway.Media.Thumbnails;

namespace Causeway.Media.Previews;

/// <summary>A preview's picture as a media.</summary>
internal sealed record PreviewImage(string Id, ImageHeader Image, long Size);

/// <summary>The answer's object: OpenGraph's names, with the picture as a media of ours.</summary>
internal static class PreviewJson
{
    private const int MaxText = 1000;

    public static byte[] Write(PageFacts? page, Organisation organisation, PreviewImage? image)
    {
        using var buffer = new PooledBuffer();
        using (var json = JsonReply.Writer(buffer))
        {
            json.WriteStartObject();
            if (page is not null)
            {
                Text("og:title", page.Find("og:title") ?? page.Find("twitter:title") ?? page.Title);
                Text("og:description", page.Find("og:description") ?? page.Find("twitter:description") ?? page.Description);
                Text("og:site_name", page.Find("og:site_name"));
                Text("og:type", page.Find("og:type"));
                Text("og:url", page.Find("og:url"));
            }

            if (image is not null)
            {
                json.WriteString("og:image"u8, $"mxc://{organisation.ServerName}/{image.Id}");
                json.WriteString("og:image:type"u8, image.Image.Type);
                json.WriteNumber("og:image:width"u8, image.Image.Width);
                json.WriteNumber("og:image:height"u8, image.Image.Height);
                json.WriteNumber("matrix:image:size"u8, image.Size);
            }

            json.WriteEndObject();

            void Text(string name, string? text)
            {
                if (Clean(text) is { Length: > 0 } clean)
                {
                    json.WriteString(name, clean);
                }
            }
        }

        return buffer.Written.ToArray();
    }

    /// <summary>White space as single spaces, no half surrogates, not longer than anybody reads.</summary>
    private static string? Clean(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var clean = new System.Text.StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (clean.Length >= MaxText)
            {
                break;
            }

            if (System.Text.Rune.IsWhiteSpace(rune) || System.Text.Rune.IsControl(rune))
            {
                _ = clean.Length > 0 && clean[^1] != ' ' ? clean.Append(' ') : clean;
            }
            else
            {
                clean.Append(rune);
            }
        }

        return clean.ToString().TrimEnd();
    }
}
