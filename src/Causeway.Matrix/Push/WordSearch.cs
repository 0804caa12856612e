namespace Causeway.Matrix;

/// <summary>Finds literal text between word boundaries, for the deprecated <c>contains_display_name</c>.</summary>
internal static class WordSearch
{
    private const int MaxWord = 256;

    public static bool Contains(string text, string word)
    {
        // Longer names than any client makes could make the search below slow; they cannot be mentioned by name.
        if (word.Length > MaxWord)
        {
            return false;
        }

        int at = 0;
        while (at + word.Length <= text.Length)
        {
            int found = text.IndexOf(word, at, StringComparison.OrdinalIgnoreCase);
            if (found < 0)
            {
                return false;
            }

            int end = found + word.Length;
            if (IsBoundary(text, found) && IsBoundary(text, end))
            {
                return true;
            }

            at = found + 1;
        }

        return false;
    }

    private static bool IsBoundary(string text, int at) =>
        at == 0 || at == text.Length || !IsWord(text[at - 1]) || !IsWord(text[at]);

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';
}
