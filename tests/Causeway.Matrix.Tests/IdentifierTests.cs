using Xunit;

namespace Causeway.Matrix.Tests;

public sealed class IdentifierTests
{
    [Theory]
    [InlineData("matrix.org")]
    [InlineData("matrix.org:8888")]
    [InlineData("1.2.3.4")]
    [InlineData("1.2.3.4:1234")]
    [InlineData("[1234:5678::abcd]")]
    [InlineData("[1234:5678::abcd]:5678")]
    [InlineData("localhost:65535")]
    [InlineData("A-b.c")]
    public void Server_names_of_the_grammar_are_read(string text) => Assert.Equal(text, ServerName.Parse(text).ToString());

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(":80")]
    [InlineData("a:")]
    [InlineData("a:65536")]
    [InlineData("a:123456")]
    [InlineData("a:1:2")]
    [InlineData("a_b")]
    [InlineData("a/../b")]
    [InlineData("a b")]
    [InlineData("bücher.de")]
    [InlineData("[::1")]
    [InlineData("[]")]
    [InlineData("[::1]x")]
    [InlineData("[1.2.3.4]")]
    [InlineData("[::1%eth0]")]
    [InlineData("[12345::]")]
    public void Other_server_names_are_refused(string? text) => Assert.False(ServerName.TryParse(text, out _));

    [Theory]
    [InlineData("matrix.org:8888", "matrix.org", 8888, false)]
    [InlineData("[::1]:1", "::1", 1, true)]
    [InlineData("[::1]", "::1", null, true)]
    [InlineData("1.2.3.4", "1.2.3.4", null, true)]
    [InlineData("1.2.3", "1.2.3", null, false)]
    public void Server_names_are_taken_apart(string text, string host, int? port, bool isIp)
    {
        ServerName name = ServerName.Parse(text);
        Assert.Equal(host, name.Host.ToString());
        Assert.Equal(port, name.Port);
        Assert.Equal(isIp, name.IsIpLiteral);
    }

    [Theory]
    [InlineData("@a:s", "a", "s", true)]
    [InlineData("@a:s:80", "a", "s:80", true)]
    [InlineData("@Üser Name:s", "Üser Name", "s", false)]
    [InlineData("@:s", "", "s", false)]
    [InlineData("@a\u0001b:[::1]:80", "a\u0001b", "[::1]:80", false)]
    [InlineData("@😀:s", "😀", "s", false)]
    public void User_ids_are_taken_apart_historical_ones_too(string text, string localpart, string server, bool compliant)
    {
        UserId id = UserId.Parse(text);
        Assert.Equal((text, localpart, server, compliant), (id.Value, id.Localpart, id.ServerName.Value, id.IsCompliant));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("@")]
    [InlineData("@a")]
    [InlineData("a:s")]
    [InlineData("@a:")]
    [InlineData("@a:b c")]
    [InlineData("@a\0:s")]
    [InlineData("#a:s")]
    public void Other_user_ids_are_refused(string? text) => Assert.False(UserId.TryParse(text, out _));

    // Not as inline data: the test runner would replace the surrogate on the way.
    [Fact]
    public void Lone_surrogates_are_refused()
    {
        Assert.False(UserId.TryParse("@a\ud800:s", out _));
        Assert.False(EventId.TryParse("$a\udc00b", out _));
    }

    [Fact]
    public void Length_is_counted_in_bytes()
    {
        Assert.True(UserId.TryParse($"@{new string('a', 252)}:s", out _));
        Assert.False(UserId.TryParse($"@{new string('a', 253)}:s", out _));
        Assert.True(UserId.TryParse($"@{new string('é', 126)}:s", out _));
        Assert.False(UserId.TryParse($"@{new string('é', 127)}:s", out _));
    }

    [Theory]
    [InlineData("alice", true)]
    [InlineData("a.b_c=d-e/f+1", true)]
    [InlineData("", false)]
    [InlineData("Alice", false)]
    [InlineData("a b", false)]
    [InlineData("a:b", false)]
    [InlineData("ä", false)]
    public void New_localparts_are_narrow(string localpart, bool valid) => Assert.Equal(valid, UserId.IsValidNewLocalpart(localpart));

    [Theory]
    [InlineData("!a:s", true)]
    [InlineData("!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM", true)]
    [InlineData("!", false)]
    [InlineData("!a:", false)]
    [InlineData("!a:b c", false)]
    [InlineData("$a:s", false)]
    [InlineData("!a\0", false)]
    public void Room_ids_come_with_and_without_server(string text, bool valid) => Assert.Equal(valid, RoomId.TryParse(text, out _));

    [Theory]
    [InlineData("$a:s", true)]
    [InlineData("$acR1l0raoZnm60CBwAVgqbZqoO/mYU81xysh1u7XcJk", true)]
    [InlineData("$", false)]
    [InlineData("a", false)]
    [InlineData("$a\0", false)]
    public void Event_ids_are_opaque(string text, bool valid) => Assert.Equal(valid, EventId.TryParse(text, out _));

    [Theory]
    [InlineData("#a:s", true)]
    [InlineData("#a b#c:s:1", true)]
    [InlineData("#:s", false)]
    [InlineData("#a", false)]
    [InlineData("@a:s", false)]
    public void Aliases_have_both_parts(string text, bool valid) => Assert.Equal(valid, RoomAlias.TryParse(text, out _));

    [Fact]
    public void Default_values_hold_empty_text()
    {
        Assert.Equal(string.Empty, default(UserId).Value + default(UserId).Localpart + default(ServerName).Value + default(RoomId).Value);
        Assert.Throws<FormatException>(() => UserId.Parse("x"));
        Assert.Equal("@a:s", UserId.Create("a", ServerName.Parse("s")).Value);
    }

    [Fact]
    public void Memberships_have_wire_names()
    {
        foreach (Membership membership in Enum.GetValues<Membership>())
        {
            Assert.True(Memberships.TryParse(membership.ToWire(), out Membership back));
            Assert.Equal(membership, back);
        }

        Assert.False(Memberships.TryParse("Join", out _));
        Assert.False(Memberships.TryParse(null, out _));
    }

    [Fact]
    public void Every_room_version_is_known_and_twelve_is_the_default()
    {
        Assert.Equal(Enumerable.Range(1, 12).Select(n => $"{n}"), RoomVersionRules.All.Select(rules => rules.Version));
        Assert.Equal("12", RoomVersionRules.Default.Version);
        Assert.NotNull(RoomVersionRules.Find("org.matrix.hydra.11"));
        Assert.Null(RoomVersionRules.Find("13"));
    }
}
