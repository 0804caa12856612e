using System.Text.Json;

namespace Causeway.Conformance.Tests.Answers;

/// <summary>The checker of the answers is itself checked: each keyword accepts what it should and refuses what it should not.</summary>
public sealed class SchemaCheckerTests
{
    private const string Definitions = """
        {"name":{"type":"string"},"tree":{"type":"object","properties":{"children":{"type":"array","items":{"$ref":"tree"}}}}}
        """;

    [Theory]
    [InlineData("""{"type":"string"}""", "\"a\"", "1")]
    [InlineData("""{"type":"integer"}""", "1", "1.5")]
    [InlineData("""{"type":"integer"}""", "1e2", "\"1\"")]
    [InlineData("""{"type":"number"}""", "1.5", "true")]
    [InlineData("""{"type":"boolean"}""", "false", "0")]
    [InlineData("""{"type":"object"}""", "{}", "[]")]
    [InlineData("""{"type":"array"}""", "[]", "{}")]
    [InlineData("""{"type":["string","null"]}""", "null", "1")]
    [InlineData("""{"enum":["a",{"b":1}]}""", """{"b":1}""", """{"b":2}""")]
    [InlineData("""{"const":3}""", "3", "4")]
    [InlineData("""{"required":["a"]}""", """{"a":null}""", """{"b":1}""")]
    [InlineData("""{"required":["a"]}""", "[]", "{}")]
    [InlineData("""{"properties":{"a":{"type":"string"}}}""", """{"b":1}""", """{"a":1}""")]
    [InlineData("""{"properties":{"a":{}},"additionalProperties":{"type":"string"}}""", """{"a":1,"b":"x"}""", """{"a":1,"b":2}""")]
    [InlineData("""{"properties":{"a":{}},"patternProperties":{"^x-":{}},"additionalProperties":false}""", """{"a":1,"x-b":2}""", """{"b":2}""")]
    [InlineData("""{"patternProperties":{"^x":{"type":"string"}}}""", """{"xa":"s","b":1}""", """{"xa":1}""")]
    [InlineData("""{"propertyNames":{"pattern":"^@"}}""", """{"@a":1}""", """{"a":1}""")]
    [InlineData("""{"minProperties":1}""", """{"a":1}""", "{}")]
    [InlineData("""{"maxProperties":1}""", """{"a":1}""", """{"a":1,"b":1}""")]
    [InlineData("""{"items":{"type":"string"}}""", """["a"]""", """["a",1]""")]
    [InlineData("""{"allOf":[{"required":["a"]},{"required":["b"]}]}""", """{"a":1,"b":1}""", """{"a":1}""")]
    [InlineData("""{"anyOf":[{"type":"string"},{"required":["b"]}]}""", "\"a\"", """{"a":1}""")]
    [InlineData("""{"oneOf":[{"type":"number"},{"type":"integer"}]}""", "1.5", "1")]
    [InlineData("""{"pattern":"^!"}""", "\"!a\"", "\"a\"")]
    [InlineData("""{"maxLength":2}""", "\"ab\"", "\"abc\"")]
    [InlineData("""{"format":"mx-user-id"}""", "\"@a:b\"", "\"@a\"")]
    [InlineData("""{"format":"mx-mxc-uri"}""", "\"mxc://a/b\"", "\"mxc://a/../b\"")]
    [InlineData("""{"format":"uri"}""", "\"https://a.example\"", "\"a b\"")]
    [InlineData("""{"$ref":"name"}""", "\"a\"", "1")]
    [InlineData("""{"$ref":"tree"}""", """{"children":[{"children":[]}]}""", """{"children":[{"children":[1]}]}""")]
    public void A_keyword_accepts_what_fits_and_refuses_what_does_not(string schema, string good, string bad)
    {
        Assert.Empty(Check(good, schema));
        Assert.NotEmpty(Check(bad, schema));
    }

    [Fact]
    public void A_problem_says_where_it_is() => Assert.Equal(
        "$.a[1].b: is Number 1, not string",
        Assert.Single(Check("""{"a":[{},{"b":1}]}""", """{"properties":{"a":{"items":{"properties":{"b":{"type":"string"}}}}}}""")));

    [Fact]
    public void A_keyword_that_is_not_known_is_not_passed_over() =>
        Assert.Throws<NotSupportedException>(() => Check("1", """{"multipleOf":2}"""));

    private static List<string> Check(string value, string schema) =>
        new SchemaChecker(JsonElement.Parse(Definitions)).Check(JsonElement.Parse(value), JsonElement.Parse(schema));
}
