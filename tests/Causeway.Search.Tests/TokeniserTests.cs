namespace Causeway.Search.Tests;

/// <summary>Words, folding, pairs of signs, and what a query matches.</summary>
public sealed class TokeniserTests
{
    [Theory]
    [InlineData("Hello, World_2!", "hello world 2")]
    [InlineData("don't", "don t")]
    [InlineData("Café CAFE\u0301 Straße Łódź", "cafe cafe strasse lodz")]
    [InlineData("ＦＵＬＬ ﬁn Ⅷ ²", "full fin viii 2")]
    [InlineData("ΣΊΣΥΦΟΣ σίσυφος", "σισυφοσ σισυφοσ")]
    [InlineData("ÅNGSTRÖM Привет ЙОД", "angstrom привет иод")]
    [InlineData("東京都", "東 京 都")]
    [InlineData("abc東京1", "abc 東 京 1")]
    [InlineData("\u1112\u1161\u11ab한", "한 한")]
    [InlineData("so\u00adft a\u200db", "soft ab")]
    [InlineData("a\0b\ud800c😀d", "a b c d")]
    [InlineData("!?*\"()", "")]
    public void A_text_is_read_as_these_atoms(string text, string atoms) =>
        Assert.Equal(atoms, string.Join(' ', Tokeniser.Read(text).Select(a => a.Text)));

    [Fact]
    public void Half_width_and_composed_Kana_are_the_same() =>
        Assert.Equal(Tokeniser.Read("ガギ").Select(a => a.Text), Tokeniser.Read("ｶﾞｷﾞ").Select(a => a.Text));

    [Theory]
    [InlineData("東京タワー", "東京 京タ タワ ワー ー")]
    [InlineData("猫 が", "猫 か\u3099")]
    [InlineData("the cat the", "the cat")]
    public void Signs_are_indexed_as_pairs_and_the_last_alone(string text, string tokens) =>
        Assert.Equal(tokens.Split(' ').Order(), Tokeniser.IndexTokens(Tokeniser.Read(text)).Order());

    [Theory]
    [InlineData("cat dog", "the dog and the cat", true)]
    [InlineData("cat dog", "the cat", false)]
    [InlineData("\"the cat\"", "The, CAT!", true)]
    [InlineData("\"the cat\"", "the black cat", false)]
    [InlineData("\"the black\" dog", "dog: the black one", true)]
    [InlineData("“a b a c”", "a b a b a c", true)]
    [InlineData("meet", "the meeting", true)]
    [InlineData("meet ", "the meeting", false)]
    [InlineData("meet now", "meeting now", false)]
    [InlineData("me", "meeting", false)]
    [InlineData("\"meet\"", "meeting", false)]
    [InlineData("\"open quote", "a quote, open", true)]
    [InlineData("京都", "東京都", true)]
    [InlineData("東都", "東京都 東", false)]
    [InlineData("東京都", "東京 京都", false)]
    [InlineData("猫", "黒猫", true)]
    [InlineData("ไทย", "ภาษาไทยง่าย", true)]
    public void A_query_matches_or_not(string query, string text, bool matches)
    {
        var parsed = TextQuery.Parse(query, widely: true);
        Assert.Equal(matches, parsed.Score(text) > 0);

        // What matches is found in the index by each of the query's tokens.
        if (matches)
        {
            var tokens = Tokeniser.IndexTokens(Tokeniser.Read(text));
            Assert.All(parsed.Tokens, t => Assert.Contains(tokens, i => t.IsPrefix ? i.StartsWith(t.Token, StringComparison.Ordinal) : i == t.Token));
        }
    }

    [Theory]
    [InlineData("cat", "cat", "my cat sleeps while all the others are awake and look for it")]
    [InlineData("red car", "a red car", "a car that is red")]
    [InlineData("note", "note note", "note this")]
    [InlineData("note", "a note", "a notebook")]
    public void One_text_matches_better_than_another(string query, string better, string worse) =>
        Assert.True(TextQuery.Parse(query, widely: true).Score(better) > TextQuery.Parse(query, widely: true).Score(worse));

    [Fact]
    public void What_matched_is_told_as_it_is_written()
    {
        var found = new HashSet<string>();
        TextQuery.Parse("cafe \"東京\" meet", widely: true).Score("Das CAFÉ in 東京, Meetings", found);
        Assert.Equal(["café", "meetings", "東京"], found.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Any_string_is_read_in_linear_time()
    {
        var random = new Random(7);
        for (var i = 0; i < 2000; i++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(60)).Select(_ => (char)random.Next(65536))]);
            _ = TextQuery.Parse(text, widely: true).Score(text);
            Assert.DoesNotContain(Tokeniser.IndexTokens(Tokeniser.Read(text)), t => t.Any(c => c is '"' or '\'' or ' ' or '\0' or '\\' || char.IsSurrogate(c) && t.Length == 1));
        }

        var begun = TimeProvider.System.GetTimestamp();
        _ = TextQuery.Parse('"' + string.Concat(Enumerable.Repeat("a ", 250)) + "b\"", widely: false).Score(string.Concat(Enumerable.Repeat("a ", 30_000)));
        Assert.True(TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(1));
    }
}
