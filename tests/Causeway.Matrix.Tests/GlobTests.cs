using System.Diagnostics;
using Xunit;

namespace Causeway.Matrix.Tests;

public sealed class GlobTests
{
    [Theory]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("*", "", true)]
    [InlineData("*", "anything\nat all", true)]
    [InlineData("?", "", false)]
    [InlineData("?", "😀", true)]
    [InlineData("??", "😀", false)]
    [InlineData("lunc?*", "Lunch plans", true)]
    [InlineData("lunc?*", "LUNCH", true)]
    [InlineData("lunc?*", " lunch", false)]
    [InlineData("lunc?*", "lunc", false)]
    [InlineData("a*b*c", "axxbyyc", true)]
    [InlineData("a*b*c", "axxbyycd", false)]
    [InlineData("**a**", "xax", true)]
    [InlineData("*?", "", false)]
    [InlineData("a.c", "abc", false)]
    [InlineData("[ab]", "a", false)]
    [InlineData("[ab]", "[ab]", true)]
    [InlineData("ÉCOLE", "école", true)]
    public void Whole_texts_are_matched(string pattern, string text, bool matches) =>
        Assert.Equal(matches, new Glob(pattern, ignoreCase: true).IsMatch(text));

    [Theory]
    [InlineData("ex*ple", "An example event.", true)]
    [InlineData("ex*ple", "exple", true)]
    [InlineData("ex*ple", "An exciting triple-whammy", true)]
    [InlineData("ex*ple", "An unexciting triple", false)]
    [InlineData("cake", "I want cake!", true)]
    [InlineData("cake", "CAKE", true)]
    [InlineData("cake", "cakes", false)]
    [InlineData("cake", "my_cake", false)]
    [InlineData("cake", "cakes and cake", true)]
    [InlineData("cake", "pancake", false)]
    [InlineData("cake", "ücake", true)]
    [InlineData("cake*lie", "the cake is a lie.", true)]
    [InlineData("cake*lie", "the cake is a liebe", false)]
    [InlineData("日本", "私は日本語", true)]
    [InlineData("@room", "hi @room!", true)]
    [InlineData("@room", "hi x@room!", true)]
    [InlineData("*", "", true)]
    [InlineData("?", "a", true)]
    public void Words_of_a_body_are_matched(string pattern, string text, bool matches) =>
        Assert.Equal(matches, new Glob(pattern, ignoreCase: true, wholeWord: true).IsMatch(text));

    [Fact]
    public void Case_counts_unless_it_is_to_be_ignored()
    {
        Assert.False(new Glob("a*").IsMatch("ABC"));
        Assert.True(new Glob("A*").IsMatch("ABC"));
    }

    [Fact]
    public void Patterns_longer_than_a_machine_word_match()
    {
        string long1 = string.Concat(Enumerable.Repeat("abc?*", 60));
        Assert.True(new Glob(long1).IsMatch(string.Concat(Enumerable.Repeat("abcdxyz", 60))));
        Assert.False(new Glob(long1).IsMatch(string.Concat(Enumerable.Repeat("abcdxyz", 59))));
        foreach (int length in new[] { 62, 63, 64, 65, 127, 128, 129 })
        {
            string text = new('a', length);
            Assert.True(new Glob(text[1..] + "?").IsMatch(text));
            Assert.False(new Glob(text + "?").IsMatch(text));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Patterns_that_make_others_go_back_take_linear_time(bool wholeWord)
    {
        string text = new string('a', 60_000) + "!";
        var watch = Stopwatch.StartNew();
        foreach (string pattern in new[]
        {
            string.Concat(Enumerable.Repeat("a*", 500)) + "b", string.Concat(Enumerable.Repeat("*a", 30)) + "b",
            string.Concat(Enumerable.Repeat("*?", 500)) + "b", new string('a', 1000) + "?b", new string('?', 1000) + "b",
            new string('a', 1000) + "b", "*" + new string('a', 1000) + "*b",
        })
        {
            Assert.False(new Glob(pattern, ignoreCase: true, wholeWord).IsMatch(text));
        }

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(2), $"took {watch.Elapsed}");
    }
}
