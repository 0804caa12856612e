namespace Causeway.Matrix;

public sealed class Glob
{
    public Glob(string pattern, bool ignoreCase = false, bool wholeWord = false) => throw new NotImplementedException();

    public bool IsMatch(ReadOnlySpan<char> text) => throw new NotImplementedException();
}
