using System.Text;

namespace Causeway.Matrix;

/// <summary>The parts of the identifier grammar that several kinds of identifier share (appendices, "Identifier Grammar").</summary>
internal static class IdGrammar
{
    /// <summary>No identifier may be longer than this many bytes of UTF-8, sigil and server name included.</summary>
    public const int MaxBytes = 255;

    /// <summary>The common check of <c>&amp;localpart:domain</c>; gives the index of the separating colon.</summary>
    public static bool TrySplit(string? text, char sigil, out int colon)
    {
        colon = -1;
        if (!HasSigilAndLegalText(text, sigil))
        {
            return false;
        }

        // The first colon separates: localparts cannot hold one, server names can (port, IPv6).
        colon = text!.IndexOf(':', StringComparison.Ordinal);
        return colon >= 1 && ServerName.IsValid(text.AsSpan(colon + 1));
    }

    /// <summary>True for text of at most 255 bytes that begins with the sigil and holds neither NUL nor a lone surrogate.</summary>
    public static bool HasSigilAndLegalText(string? text, char sigil) =>
        text is { Length: >= 2 and <= MaxBytes } && text[0] == sigil && IsLegalText(text);

    /// <summary>True if the text has neither NUL nor a lone surrogate and is at most 255 bytes of UTF-8.</summary>
    public static bool IsLegalText(ReadOnlySpan<char> text)
    {
        if (text.Length > MaxBytes || text.Contains('\0'))
        {
            return false;
        }

        // Nearly all identifiers are ASCII: then chars are bytes and there are no surrogates to look for.
        return Ascii.IsValid(text) || IsLegalUnicode(text);
    }

    private static bool IsLegalUnicode(ReadOnlySpan<char> text)
    {
        int bytes = 0;
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out Rune rune, out int consumed) != System.Buffers.OperationStatus.Done)
            {
                return false;
            }

            bytes += rune.Utf8SequenceLength;
            text = text[consumed..];
        }

        return bytes <= MaxBytes;
    }
}
