using System.Text;
using Xunit;

namespace Causeway.Matrix.Tests;

public sealed class CanonicalJsonTests
{
    [Theory]
    [InlineData("{}", "{}")]
    [InlineData("{ \"one\": 1, \"two\": \"Two\" }", "{\"one\":1,\"two\":\"Two\"}")]
    [InlineData("{ \"b\": \"2\", \"a\": \"1\" }", "{\"a\":\"1\",\"b\":\"2\"}")]
    [InlineData("{\"b\":\"2\",\"a\":\"1\"}", "{\"a\":\"1\",\"b\":\"2\"}")]
    [InlineData(
        """{"auth":{"success":true,"mxid":"@john.doe:example.com","profile":{"display_name":"John Doe","three_pids":[{"medium":"email","address":"john.doe@example.org"},{"medium":"msisdn","address":"123456789"}]}}}""",
        """{"auth":{"mxid":"@john.doe:example.com","profile":{"display_name":"John Doe","three_pids":[{"address":"john.doe@example.org","medium":"email"},{"address":"123456789","medium":"msisdn"}]},"success":true}}""")]
    [InlineData("{\"a\":\"日本語\"}", "{\"a\":\"日本語\"}")]
    [InlineData("{\"本\":2,\"日\":1}", "{\"日\":1,\"本\":2}")]
    [InlineData("{\"a\":\"\\u65E5\"}", "{\"a\":\"日\"}")]
    [InlineData("{\"a\":null}", "{\"a\":null}")]
    [InlineData("{\"a\":-0,\"b\":1e10}", "{\"a\":0,\"b\":10000000000}")]
    public void Specification_vectors_hold(string input, string expected) => Assert.Equal(expected, Canonical(input));

    [Theory]
    [InlineData("\"\\u0000\\u0007\\b\\t\\n\\f\\r\\u001F\\/\\\"\\\\\\u007f\"", "\"\\u0000\\u0007\\b\\t\\n\\f\\r\\u001f/\\\"\\\\\u007f\"")]
    [InlineData("\"\\ud83d\\ude00\"", "\"😀\"")]
    [InlineData("[9007199254740991,-9007199254740991,0,10]", "[9007199254740991,-9007199254740991,0,10]")]
    [InlineData("[1.0,1.50e1,100e-2,0.001e3,-0.0,0e99999999999,120e-1]", "[1,15,1,1,0,0,12]")]
    [InlineData("{\"\\u0022\":1,\"!\":2,\"#\":3,\"\\n\":4}", "{\"\\n\":4,\"!\":2,\"\\\"\":1,\"#\":3}")]
    [InlineData("{\"\uFFFD\":1,\"\U0001F600\":2}", "{\"\uFFFD\":1,\"\U0001F600\":2}")]
    [InlineData("{\"ab\":1,\"a\":2,\"\":3,\"b\":{\"z\":[{\"y\":1,\"x\":2}],\"c\":1}}", "{\"\":3,\"a\":2,\"ab\":1,\"b\":{\"c\":1,\"z\":[{\"x\":2,\"y\":1}]}}")]
    public void Form_is_shortest_and_sorted_by_code_point(string input, string expected) => Assert.Equal(expected, Canonical(input));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("{")]
    [InlineData("{}{}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("// c\n{}")]
    [InlineData("{\"a\":NaN}")]
    [InlineData("{\"a\":Infinity}")]
    [InlineData("{\"a\":01}")]
    [InlineData("{\"a\":1.5}")]
    [InlineData("{\"a\":1e-1}")]
    [InlineData("{\"a\":9007199254740992}")]
    [InlineData("{\"a\":-9007199254740992}")]
    [InlineData("{\"a\":1e16}")]
    [InlineData("{\"a\":1e999999999999}")]
    [InlineData("{\"a\":123456789012345678901234567890}")]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("{\"a\":1,\"b\":3,\"\\u0061\":2}")]
    [InlineData("\"\\ud800\"")]
    [InlineData("\"\\udc00\\ud800\"")]
    [InlineData("\"\\ud800x\"")]
    public void Strict_form_refuses(string input) => Assert.Throws<CanonicalJsonException>(() => Canonical(input));

    [Theory]
    [InlineData(new byte[] { 0x22, 0xFF, 0x22 })]
    [InlineData(new byte[] { 0x22, 0xED, 0xA0, 0x80, 0x22 })]
    [InlineData(new byte[] { 0x22, 0xC0, 0x80, 0x22 })]
    [InlineData(new byte[] { 0xEF, 0xBB, 0xBF, 0x7B, 0x7D })]
    public void Bytes_that_are_not_plain_utf8_are_refused(byte[] input) =>
        Assert.Throws<CanonicalJsonException>(() => CanonicalJson.Canonicalise(input));

    [Theory]
    [InlineData("[9007199254740992,123456789012345678901234567890]", "[9007199254740992,123456789012345678901234567890]")]
    [InlineData("{\"a\":1,\"b\":0,\"a\":2}", "{\"a\":2,\"b\":0}")]
    [InlineData("[50.57,-0.5,1e-5,0.0001,1e22,1.5e300,123456789.125,9.9999999999999999e22]", "[50.57,-0.5,1e-05,0.0001,1e+22,1.5e+300,123456789.125,1e+23]")]
    [InlineData("[1e10,2.0]", "[10000000000,2]")]
    public void Lenient_form_keeps_what_old_rooms_hold(string input, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(CanonicalJson.Canonicalise(Encoding.UTF8.GetBytes(input), strict: false)));

    [Fact]
    public void Nesting_is_bounded()
    {
        string Nested(int depth) => new string('[', depth) + new string(']', depth);
        Assert.Equal(Nested(CanonicalJson.MaxDepth), Canonical(Nested(CanonicalJson.MaxDepth)));
        Assert.Throws<CanonicalJsonException>(() => Canonical(Nested(CanonicalJson.MaxDepth + 1)));
        Assert.Throws<CanonicalJsonException>(() => Canonical(Nested(100_000)));
    }

    [Fact]
    public void Very_wide_unsorted_objects_take_no_quadratic_time()
    {
        var json = new StringBuilder("{");
        for (int i = 200_000; i > 0; i--)
        {
            json.Append('"').Append((i * 7919L) % 1_000_003).Append("\":").Append(i).Append(i == 1 ? "}" : ",");
        }

        var watch = System.Diagnostics.Stopwatch.StartNew();
        Canonical(json.ToString());
        // No measure of speed: a quadratic one takes minutes.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"took {watch.Elapsed}");
    }

    [Fact]
    public void Faults_leave_the_output_untouched()
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        Assert.False(CanonicalJson.TryCanonicalise("{\"a\":1.5}"u8, output, strict: true, out string? fault));
        Assert.NotNull(fault);
        Assert.Equal(0, output.WrittenCount);
        Assert.True(CanonicalJson.TryCanonicalise("{\"a\":1}"u8, output, strict: true, out fault));
        Assert.Null(fault);
        Assert.Equal(7, output.WrittenCount);
    }

    private static string Canonical(string json) => Encoding.UTF8.GetString(CanonicalJson.Canonicalise(Encoding.UTF8.GetBytes(json)));
}
