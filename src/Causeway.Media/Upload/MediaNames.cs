using System.Globalization;
using System.Text;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Media.Upload;

/// <summary>What is taken from a request about a file: its place, its name, its type. All of it is hostile until it passed here.</summary>
internal static class MediaNames
{
    private const int MaxNameLength = 200;

    /// <summary>The organisation and id of a media in the path; null when it cannot be one of ours.</summary>
    public static (Organisation Organisation, string Id)? FindTarget(MatrixRequest request, IOrganisationResolver organisations)
    {
        var id = request.Path("mediaId");
        return ServerName.TryParse(request.Path("serverName"), out var server) && organisations.Find(server) is { } organisation && IsId(id)
            ? (organisation, id)
            : null;
    }

    /// <summary>Media of other servers are not there until there is federation; the answer is the same as for no media.</summary>
    public static Refusal NotFound() => Refusal.NotFound("There is no such media.");

    /// <summary>The type as it was sent; what cannot be one is plain bytes. It is stored as text and never interpreted.</summary>
    public static string ReadType(string? header) =>
        header is { Length: > 0 and <= 200 } && header.All(c => c is >= ' ' and < '\x7f') && Essence(header) is var essence
        && essence.Count('/') == 1 && essence.All(c => char.IsAsciiLetterOrDigit(c) || "!#$&-^_.+/".Contains(c, StringComparison.Ordinal))
        && essence[0] != '/' && essence[^1] != '/'
            ? header
            : "application/octet-stream";

    /// <summary>The type without parameters, in lower case.</summary>
    public static string Essence(string type) => type.Split(';')[0].Trim().ToLowerInvariant();

    /// <summary>A name without folders, control characters and characters that turn text around; null when nothing is left.</summary>
    public static string? CleanName(string? name)
    {
        if (string.IsNullOrWhiteSpace(name))
        {
            return null;
        }

        var clean = new StringBuilder();
        foreach (var rune in name[(name.LastIndexOfAny(['/', '\\']) + 1)..].EnumerateRunes())
        {
            var isShown = Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
            if (isShown && rune != Rune.ReplacementChar && clean.Length < MaxNameLength)
            {
                clean.Append(rune);
            }
        }

        return clean.ToString().Trim().TrimStart('.') is { Length: > 0 } left ? left : null;
    }

    private static bool IsId(string id) => id.Length is > 0 and <= 64 && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
